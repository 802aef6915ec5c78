import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../api/object.ts'
import { sleep } from '../clock.ts'
import type { Io } from '../io.ts'
import { type Cluster, startCluster } from './embedded-cluster.ts'
import { applyFile } from './manifests.ts'
import type { Images } from './node/program.ts'
import { realPort } from './objects/pod-state.ts'
import { imageTable } from './programs/image-table.ts'
import { temporaryFolder, writeSession } from './session-file.ts'
import { type SlackReceiver, startSlackReceiver } from './story/slack-receiver.ts'

export interface SandboxOptions {
  /** Folder of the package, with `crds` and `examples` in it, as a URL that ends with a slash. */
  readonly root: URL
  /** The program that runs `controller` and `loadtester`: a script for this Node. */
  readonly script: string
  /** PATH and the like, for the programs that are started. */
  readonly env: Readonly<Record<string, string>>
  readonly pace?: Pace
}

/** How fast things go. People need time to read; tests do not. */
export interface Pace {
  /** Between two steps, as the Canary writes it. */
  readonly interval: string
  /** Window that metrics look back on. */
  readonly metricInterval: string
  readonly scrapeIntervalMs: number
  /** How long a canary keeps its pods after its last request. */
  readonly drain: string
}

const humanPace: Pace = { interval: '5s', metricInterval: '10s', scrapeIntervalMs: 1000, drain: '3s' }

/** A cluster with the shop in it and Serin as a process of its own. */
export interface Sandbox {
  readonly cluster: Cluster
  readonly slack: SlackReceiver
  readonly kubeconfig: string
  /** Where the controller writes its log. */
  readonly controllerLog: string
  stop(): Promise<void>
}

const gateway = { namespace: 'demo', name: 'gateway' }

const programsOf = ({ root, script, env }: SandboxOptions): Images =>
  imageTable({
    node: process.execPath,
    demoApp: new URL('src/sandbox/programs/demo-app.ts', root).pathname,
    serin: script,
    binaries: {},
    env,
  })

/** Starts everything. What was started is stopped again when a part of it cannot be. */
export const startSandbox = async (options: SandboxOptions, io: Io): Promise<Sandbox> => {
  const undo: (() => unknown)[] = []
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    return { ...(await start(options, undo, io)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const start = async (options: SandboxOptions, undo: (() => unknown)[], io: Io): Promise<Omit<Sandbox, 'stop'>> => {
  const { clock, log } = io
  const folder = temporaryFolder()
  undo.push(folder.remove)
  const { pace = humanPace } = options
  const cluster = await startCluster({
    clock,
    log,
    path: options.env['PATH'] ?? '',
    images: programsOf(options),
    scrapeIntervalMs: pace.scrapeIntervalMs,
    gateway,
  })
  undo.push(cluster.stop)
  io.signal.throwIfAborted()
  const slack = await startSlackReceiver()
  undo.push(slack.stop)
  const kubeconfig = join(folder.path, 'kubeconfig')
  await writeFile(kubeconfig, cluster.server.kubeconfig(), { mode: 0o600 })
  undo.push(await writeSession({ server: cluster.url, token: cluster.server.adminToken }))
  await applyStage(options, cluster, io)
  io.signal.throwIfAborted()
  const controllerLog = join(folder.path, 'controller.log')
  const controller = startController({ options, cluster, slack, kubeconfig, controllerLog })
  undo.push(() => ended(controller))
  return { cluster, slack, kubeconfig, controllerLog }
}

/** The objects of the stage, in the order in which a team would make them. */
const applyStage = async ({ root, pace = humanPace }: SandboxOptions, { api, pods, gatewayUrl }: Cluster, io: Io): Promise<void> => {
  for (const name of ['canaries', 'metrictemplates', 'alertproviders'])
    await applyFile(api, { file: new URL(`crds/${name}.flagger.app.yaml`, root) }, io)
  await api.apply({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }, namespace, io)
  for (const name of ['gateway', 'application', 'load-tester'])
    await applyFile(api, { file: new URL(`examples/sandbox/${name}.yaml`, root) }, io)
  const podAddress = async (app: string): Promise<string> => addressOf(await podOf({ app, pods }, io))
  // Nobody resolves names of Services here: the manifest says what a cluster would have, and addresses take their place.
  const replace = {
    'loadtester.demo:9090': await podAddress('loadtester'),
    'gateway.demo': new URL(gatewayUrl).host,
    ' interval: 5s': ` interval: ${pace.interval}`,
    ' interval: 10s': ` interval: ${pace.metricInterval}`,
    '-z 5s': `-z ${pace.interval}`,
  }
  await applyFile(api, { file: new URL('examples/sandbox/canary.yaml', root), replace }, io)
}

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } }

interface PodStatus {
  readonly podIP?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}

const isReady = (pod: KubeObject): boolean =>
  ((pod['status'] ?? {}) as PodStatus).conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false

const podOf = async ({ app, pods }: { readonly app: string; readonly pods: Cluster['pods'] }, io: Io): Promise<KubeObject> => {
  for (let waited = 0; waited < 30_000 && !io.signal.aborted; waited += 50) {
    const found = pods.store.list('demo').find(pod => pod.metadata.labels?.['app'] === app && isReady(pod))
    if (found) return found
    await sleep(io.clock, 50, io.signal)
  }
  throw new Error(`expected a ready pod of ${app} within 30s, found none`)
}

const addressOf = (pod: KubeObject): string => {
  const spec = pod['spec'] as { readonly containers?: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[] }
  const port = spec.containers?.[0]?.ports?.[0]?.containerPort ?? 0
  return `${((pod['status'] ?? {}) as PodStatus).podIP}:${realPort(pod, port)}`
}

interface ControllerStart {
  readonly options: SandboxOptions
  readonly cluster: Cluster
  readonly slack: SlackReceiver
  readonly kubeconfig: string
  readonly controllerLog: string
}

/** Serin itself: the same program, with the same flags, as in any cluster; only faster, so that nobody has to wait. */
const startController = ({ options, cluster, slack, kubeconfig, controllerLog }: ControllerStart): ChildProcess => {
  const flags = [
    `-kubeconfig=${kubeconfig}`,
    '-mesh-provider=gatewayapi:v1',
    `-metrics-server=${cluster.prometheusUrl}`,
    '-slack-channel=releases',
    '-min-analysis-interval=1s',
    `-drain=${(options.pace ?? humanPace).drain}`,
    '-host=127.0.0.1',
    '-port=0',
  ]
  const child = spawn(process.execPath, [options.script, 'controller', ...flags], {
    env: { ...options.env, SLACK_URL: slack.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log = createWriteStream(controllerLog)
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  child.once('close', () => log.end())
  return child
}

/** Asks a process to end and waits until it has. */
const ended = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    child.once('close', () => resolve())
    child.kill('SIGTERM')
  })
