import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControlPlaneProcess } from '../cluster-under-test.ts'
import { type ManagedProcess, manageProcess } from '../managed-process.ts'
import { runCommand } from '../run-command.ts'
import type { Paths } from '../tools/gather-tools.ts'
import { commandLine, parts, serverUrl } from './command-lines.ts'
import { type ControlPlaneFiles, filesIn, writeCredentials } from './credentials.ts'
import { isHealthy } from './health.ts'

export interface ControlPlane {
  readonly server: string
  readonly files: ControlPlaneFiles
  readonly processes: ReadonlyMap<ControlPlaneProcess, ManagedProcess>
  /** Rejects when one of its processes ends without having been asked to. */
  readonly died: Promise<never>
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  readonly folder: string
  readonly binaries: Paths
  readonly env: NodeJS.ProcessEnv
}

const createProcesses = ({ binaries, env }: ControlPlaneOptions, files: ControlPlaneFiles): Map<ControlPlaneProcess, ManagedProcess> =>
  new Map(
    parts.flatMap(part => {
      const binary = binaries[part.name]
      if (binary === undefined) return [] // KUBEBUILDER_ASSETS has no controllers
      const command = commandLine(binary, part, files)
      const logFile = join(files.logs, `${part.name}.log`)
      return [[part.name, manageProcess({ name: part.name, command, env, logFile, isReady: () => isHealthy(part.health) })] as const]
    }),
  )

/** Pods can be made in a namespace as soon as its service account is there. */
const canTakePods = async (kubectl: string, kubeconfig: string): Promise<void> => {
  const ask = [
    kubectl,
    `--kubeconfig=${kubeconfig}`,
    '--namespace=default',
    'get',
    'serviceaccount',
    'default',
    '--ignore-not-found',
    '--output=name',
  ]
  while ((await runCommand(ask)) === '') await sleep(100)
}

/** Brings up a control plane from nothing, and resolves when pods can be made in it. */
export const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
  const files = filesIn(options.folder)
  await Promise.all([files.logs, files.certificates].map(folder => mkdir(folder, { recursive: true })))
  await writeCredentials(files, serverUrl)
  const processes = createProcesses(options, files)
  const all = [...processes.values()]
  const died = Promise.race(all.map(one => one.died))
  died.catch(() => {}) // whoever runs the session races it
  const stop = async () => void (await Promise.all(all.map(one => one.kill())))
  try {
    await processes.get('etcd')?.start()
    await processes.get('kube-apiserver')?.start()
    await Promise.all(all.map(one => one.start()))
    const kubectl = options.binaries['kubectl']
    if (kubectl !== undefined && processes.has('kube-controller-manager'))
      await Promise.race([canTakePods(kubectl, files.kubeconfig), died])
  } catch (error) {
    await stop()
    throw error
  }
  return { server: serverUrl, files, processes, died, stop }
}
