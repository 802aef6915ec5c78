import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../../../src/api/object.ts'
import { sleep, systemClock } from '../../../src/clock.ts'
import { messageOf } from '../../../src/errors.ts'
import type { ClusterUnderTest } from '../cluster-under-test.ts'
import { runCommand } from '../run-command.ts'

/** The programs that people use on a cluster, pointed at the one under test. */
export interface Tools {
  kubectl(args: readonly string[], input?: string): Promise<string>
  helm(args: readonly string[]): Promise<string>
  /** Another program of the cluster's. */
  run(name: string, args: readonly string[]): Promise<string>
  /** Applies these objects, one after the other, as the owner of what they say. */
  apply(...objects: readonly KubeObject[]): Promise<void>
  /** Applies files that others wrote, by their paths. */
  applyForeign(files: readonly string[]): Promise<void>
  /** Applies a file of the suite; `replace` puts in what is known only now. */
  applyFile(name: string, replace?: Readonly<Record<string, string>>): Promise<void>
}

const clock = systemClock()
const applying = ['apply', '--server-side', '--force-conflicts', '--field-manager=main-job']
const manifestFolder = join(import.meta.dirname, '../manifests')
/** Some of them wait for what they make. */
const limitMs = 250_000
/** A definition is established a while before kubectl is told of its kind. */
const unknownKind = 'no matches for kind'
const kindLimitMs = 60_000
const pauseMs = 500

export const createTools = (cluster: ClusterUnderTest): Tools => {
  const program = (name: string): string => {
    const path = cluster.binaries[name]
    if (path === undefined) throw new Error(`expected the cluster to bring ${name}, it has ${Object.keys(cluster.binaries).join(', ')}`)
    return path
  }
  const kubectl: Tools['kubectl'] = (args, input = '') =>
    runCommand([program('kubectl'), '--kubeconfig', cluster.kubeconfig, ...args], { input, signal: AbortSignal.timeout(limitMs) })
  const applyText = async (text: string): Promise<void> => {
    const deadlineMs = clock.monotonicMs() + kindLimitMs
    for (;;) {
      try {
        return void (await kubectl([...applying, '-f', '-'], text))
      } catch (error) {
        if (!messageOf(error).includes(unknownKind) || clock.monotonicMs() > deadlineMs) throw error
        await sleep(clock, pauseMs)
      }
    }
  }
  return {
    kubectl,
    apply: (...objects) => applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })),
    applyForeign: async files => {
      await kubectl([...applying, ...files.flatMap(file => ['-f', file])])
    },
    helm: args => runCommand([program('helm'), ...args], { env: { KUBECONFIG: cluster.kubeconfig }, signal: AbortSignal.timeout(limitMs) }),
    run: (name, args) => runCommand([program(name), ...args]),
    applyFile: async (name, replace = {}) => {
      const written = await readFile(join(manifestFolder, name), 'utf8')
      const text = Object.entries(replace).reduce((words, [word, value]) => words.replaceAll(word, value), written)
      await applyText(text)
    },
  }
}

/** A folder of manifests that others wrote. */
export const foreignManifests = ({ manifests }: ClusterUnderTest, name: string): string => {
  const folder = manifests[name]
  if (folder === undefined)
    throw new Error(`expected the cluster to bring the manifests of ${name}, it has ${Object.keys(manifests).join(', ')}`)
  return folder
}
