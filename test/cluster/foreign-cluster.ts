import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadKubeConfig } from '../../src/kube/kube-config.ts'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { aborted } from './lifeline.ts'
import type { Run } from './own-cluster.ts'
import { runSuite } from './run-suite.ts'
import { makeFolder, removeFolder } from './session-folder.ts'
import { packagedPrograms } from './tools/gather-tools.ts'

const k3sImage = 'rancher/k3s:v1.36.3-k3s1'
/** Not among our dependencies: it brings 146 packages, some of them with native code to build, and only helps where there is Docker. */
const k3sPackage: string = '@testcontainers/k3s'

/** As much of testcontainers as is used here. */
interface K3sModule {
  readonly K3sContainer: new (image: string) => { start(): Promise<StartedK3s> }
}

interface StartedK3s {
  getKubeConfig(): string
  stop(): Promise<unknown>
}

type Access = Pick<ClusterUnderTest, 'provider' | 'kubeconfig'>

/** Tests run where we are: such a cluster has a network of its own already. */
const use = async (access: Access, folder: string, { wish, env, say, signal }: Run): Promise<number> => {
  const { server } = await loadKubeConfig({ kubeconfig: access.kubeconfig })
  const session: ClusterUnderTest = { ...access, server, binaries: packagedPrograms(env, say), manifests: {} }
  const sessionFile = join(folder, 'cluster.json')
  await writeFile(sessionFile, JSON.stringify(session))
  if (wish.kind === 'test') return runSuite({ wish, sessionFile, folder, env, signal })
  say(`\nThe cluster is up: ${server}\n\n  export KUBECONFIG=${access.kubeconfig}\n\nCtrl-C ends it and leaves nothing behind.`)
  await aborted(signal)
  return 0
}

const inFolder = async (action: (folder: string) => Promise<number>): Promise<number> => {
  const folder = makeFolder()
  try {
    return await action(folder)
  } finally {
    removeFolder(folder)
  }
}

/** On a cluster that somebody lends us, as it is. */
export const runOnKubeconfig = (run: Run): Promise<number> =>
  inFolder(folder => use({ provider: 'kubeconfig', kubeconfig: run.env['SERIN_TEST_KUBECONFIG'] ?? '' }, folder, run))

/** On a K3s in a container. */
export const runOnK3s = (run: Run): Promise<number> =>
  inFolder(async folder => {
    const { K3sContainer }: K3sModule = await import(k3sPackage)
    run.say(`starting ${k3sImage} ...`)
    const container = await new K3sContainer(k3sImage).start()
    try {
      const kubeconfig = join(folder, 'kubeconfig')
      await writeFile(kubeconfig, container.getKubeConfig(), { mode: 0o600 })
      return await use({ provider: 'k3s', kubeconfig }, folder, run)
    } finally {
      await container.stop()
    }
  })

/** Whether K3s could be started, but for Docker: nothing of the package is loaded. */
export const hasK3sPackage = (): boolean => {
  try {
    return import.meta.resolve(k3sPackage) !== ''
  } catch {
    return false // not installed
  }
}
