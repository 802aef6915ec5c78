import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { runCommand } from '../../cluster/run-command.ts'

/** kubectl in a namespace of its own. */
export interface Kubectl {
  readonly namespace: string
  (...args: readonly string[]): Promise<string>
  /** `kubectl apply` of objects, with further arguments. */
  apply(objects: readonly object[], ...args: readonly string[]): Promise<string>
  /** The first lines that a command writes, which then is ended; `meanwhile` happens after the first of them. */
  lines(count: number, args: readonly string[], meanwhile: () => Promise<unknown>): Promise<readonly string[]>
}

/** kubectl with a kubeconfig, in one namespace. */
export const kubectlIn = (binary: string, kubeconfig: string, namespace: string): Kubectl => {
  const line = (args: readonly string[]): string[] => [binary, `--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, ...args]
  const run = (...args: readonly string[]): Promise<string> => runCommand(line(args))
  return Object.assign(run, {
    namespace,
    apply: (objects: readonly object[], ...args: readonly string[]) =>
      runCommand(line(['apply', ...args, '-f', '-']), { input: objects.map(object => stringify(object)).join('---\n') }),
    lines: async (count: number, args: readonly string[], meanwhile: () => Promise<unknown>) => {
      const [file = '', ...rest] = line(args)
      const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
      const found: string[] = []
      for await (const text of createInterface({ input: child.stdout })) {
        found.push(text)
        if (found.length === 2) await meanwhile()
        if (found.length >= count) break
      }
      child.kill()
      return found
    },
  })
}

/** Columns of a table as kubectl prints it, without the spaces that line them up. */
export const cells = (table: string): readonly (readonly string[])[] =>
  table
    .trimEnd()
    .split('\n')
    .map(line => line.trimEnd().split(/\s{2,}/))
