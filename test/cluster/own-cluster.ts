import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import type { TestWish, UpWish } from './command-line.ts'
import { type Doorway, openOutside } from './doorway.ts'
import { enter } from './enter.ts'
import type { Addresses, Ready } from './lifeline.ts'
import { enterNamespaces } from './namespace.ts'
import { writePlan } from './plan.ts'
import { makeFolder, removeFolder } from './session-folder.ts'
import { cacheRoot, gatherManifests, gatherPrograms, type Paths, packagedPrograms, programsIn } from './tools/gather-tools.ts'

/** What a run with a cluster needs to know. */
export interface Run {
  readonly wish: UpWish | TestWish
  readonly env: NodeJS.ProcessEnv
  readonly say: (line: string) => void
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal
}

interface WaysIn {
  /** Path of the kubeconfig for outside. */
  readonly outside: string
  /** What to write before a command to run it inside. */
  readonly inside: string
}

const guide = (server: string, addresses: Addresses, { outside, inside }: WaysIn): string =>
  [
    '',
    'The cluster is up. Its API server from any shell:',
    '',
    `  export KUBECONFIG=${outside}`,
    '',
    'A shell inside its network, where pods and Services have their addresses and names:',
    '',
    `  ${inside} bash`,
    '',
    ...Object.entries({ 'API server': server, ...addresses }).map(([name, address]) => `  ${name.padEnd(26)}${address}`),
    '',
    'Ctrl-C ends it and leaves nothing behind.',
  ].join('\n')

/** Runs the control plane and all else in namespaces of its own. */
const runOwn = async (provider: 'assets' | 'modules', binaries: Paths, run: Run): Promise<number> => {
  const manifests = provider === 'modules' ? await gatherManifests(run) : {}
  const folder = makeFolder()
  const doorways: Doorway[] = []
  const onReady = async ({ sessionFile, addresses }: Ready, pid: number): Promise<void> => {
    const { kubeconfig, server }: ClusterUnderTest = JSON.parse(readFileSync(sessionFile, 'utf8'))
    const doorway = await openOutside(folder, kubeconfig)
    doorways.push(doorway)
    const variables = `KUBECONFIG=${kubeconfig} SERIN_TEST_CLUSTER=${sessionFile}`
    const inside = `${variables} ${enterNamespaces(userInfo().uid, pid).join(' ')}`
    run.say(guide(server, addresses, { outside: doorway.kubeconfig, inside }))
  }
  try {
    const planFile = await writePlan({ provider, folder, binaries, manifests, wish: run.wish })
    return await enter({ planFile, signal: run.signal, onReady })
  } finally {
    for (const doorway of doorways) doorway.close()
    removeFolder(folder)
  }
}

/** With all programs built from the Go modules beside this file. */
export const runFromModules = async (run: Run): Promise<number> => {
  const { env, say, signal } = run
  const built = await gatherPrograms({ root: cacheRoot(env), say, signal })
  return runOwn('modules', { ...packagedPrograms(env, say), ...built }, run)
}

/** With the programs of a controller-runtime set-up: an API server without controllers and nodes, unless they lie there as well. */
export const runFromAssets = async (run: Run): Promise<number> => {
  const { env, say } = run
  const names = ['kube-apiserver', 'etcd', 'kubectl', 'kube-controller-manager', 'kube-scheduler']
  const assets = programsIn(join(env['KUBEBUILDER_ASSETS'] ?? ''), names)
  return runOwn('assets', { ...packagedPrograms(env, say), ...assets }, run)
}
