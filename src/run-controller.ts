import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { alertProviders } from './alerts/registry.ts'
import { alertProviderKind, canaryKind, metricTemplateKind } from './api/kinds.ts'
import { version } from './cli/version.ts'
import { systemClock } from './clock.ts'
import { composeTools, type Tools } from './compose-tools.ts'
import { type ControllerConfig, readControllerConfig } from './config/controller-config.ts'
import { proxiesOf } from './config/proxies.ts'
import { createController } from './controller/controller.ts'
import { messageOf } from './errors.ts'
import { createHttp, type Proxies } from './http-call.ts'
import type { Io, Logger } from './io.ts'
import { createKubeApi } from './kube/client.ts'
import { createEventRecorder } from './kube/event-recorder.ts'
import type { KubeApi } from './kube/kube-api.ts'
import { loadKubeConfig } from './kube/kube-config.ts'
import { createLeaderElection, type LeaderElection } from './kube/leader-election.ts'
import { createOtherController, type OtherController } from './kube/other-controller.ts'
import type { ReflectorObserver } from './kube/reflector.ts'
import { createSharedReflectors, type SharedReflectors } from './kube/shared-reflectors.ts'
import { createTransport, type Transport } from './kube/transport.ts'
import type { WorkQueueObserver } from './kube/work-queue.ts'
import { routers } from './routing/registry.ts'
import { untilStopped } from './stop-signals.ts'
import { startHealthServer } from './telemetry/health-server.ts'
import { allOf, contactHealth, createProgressWatch, filledHealth, type ProgressWatch } from './telemetry/liveness.ts'
import { createLogger } from './telemetry/logger.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import {
  controllerObserver,
  eventObserver,
  queryObserver,
  queueObserver,
  reflectorObserver,
  transportObserver,
} from './telemetry/observers.ts'
import { type RequiredKinds, requireKinds } from './telemetry/required-kinds.ts'

/** `serin controller`: works until SIGTERM, as the leader where there is an election. */
export const runController = async (argv: readonly string[]): Promise<number> => {
  const reading = readControllerConfig(argv, undefined, { builtIn: routers.names })
  if (reading.kind === 'refused') {
    process.stderr.write(reading.text)
    return reading.exitCode
  }
  if (reading.kind !== 'run') {
    process.stdout.write(reading.kind === 'help' ? reading.text : `Serin version ${version}\n`)
    return 0
  }
  const log = createLogger(reading.config)
  for (const note of reading.notes) log.warn({ note }, 'flag has no effect')
  try {
    return await work(withUsableAlert(reading.config, log), log)
  } catch (error) {
    log.error({ error: messageOf(error) }, 'could not start')
    return 1
  }
}

/**
 * A chat system that is configured by half loses alerts, not rollouts: said once here, not with every alert.
 * @throws {UnknownProvider} terminal: the chat system is not built in
 */
const withUsableAlert = (config: ControllerConfig, log: Logger): ControllerConfig => {
  const { globalAlert } = config
  const problem = globalAlert && alertProviders.get(globalAlert.type).problem(globalAlert.target)
  if (problem === undefined) return config
  log.error({ problem }, 'Canaries without alerts of their own send none')
  return { ...config, globalAlert: undefined }
}

/** How long work in flight may take to settle after SIGTERM. */
const settleWithinMs = 1500

const work = async (config: ControllerConfig, log: Logger): Promise<number> => {
  const clock = systemClock()
  const metrics = createMetrics({ version, meshProvider: config.meshProvider })
  const access = await loadKubeConfig({
    ...(config.kubeconfig ? { kubeconfig: config.kubeconfig } : {}),
    ...(config.master ? { master: config.master } : {}),
  })
  const transport = createTransport({ ...access, clock, userAgent: `serin/${version}`, observer: transportObserver(metrics) })
  const proxies = proxiesOf()
  const http = createHttp(proxies)
  const stopping = new AbortController()
  const io: Io = { clock, log, signal: stopping.signal }
  const stopped = untilStopped().then(signal => {
    log.info({ signal }, 'stopping')
    stopping.abort(new Error('stopped'))
  })
  try {
    log.info({ version, meshProvider: config.meshProvider, server: access.server }, 'starting Serin')
    await serve({ config, metrics, transport, http: http.send, proxies, stopped }, io)
    return 0
  } finally {
    await http.close()
    await transport.close()
  }
}

interface Process {
  readonly config: ControllerConfig
  readonly metrics: Metrics
  readonly transport: Transport
  readonly http: ReturnType<typeof createHttp>['send']
  readonly proxies: Proxies
  readonly stopped: Promise<void>
}

/** Caches and health are there on every replica; the loop runs where the lease is. */
const serve = async ({ config, metrics, transport, http, proxies, stopped }: Process, io: Io): Promise<void> => {
  const election = electionOf(config, transport, io)
  const api = createKubeApi({ transport, ...(election ? { fence: election.fence } : {}) })
  const crds = requireKinds([canaryKind, metricTemplateKind, alertProviderKind], io.log)
  const reflectors = createSharedReflectors({ api, observer: watchedReflectors(metrics, crds) })
  const other = otherOf(config, api, metrics)
  const events = createEventRecorder({ api, component: 'serin', instance: hostname(), observer: eventObserver(metrics) })
  const progress = createProgressWatch(io.clock, stuckMs)
  let tools: Tools | undefined
  const controller = createController({
    api,
    clock: io.clock,
    reflectors,
    events,
    tools: stores => {
      tools = composeTools({ config, api, stores, http, proxies, observer: queryObserver(metrics) })
      return tools
    },
    receivers: { globalAlert: config.globalAlert !== undefined, globalEvent: config.eventWebhook !== '' },
    look: config,
    configTracking: config.configTracking,
    ...(config.namespace ? { namespace: config.namespace } : {}),
    ...(other ? { other } : {}),
    observer: controllerObserver(metrics),
    queueObserver: watchedQueue(metrics, progress),
  })
  const health = await startHealthServer({
    ...config,
    clock: io.clock,
    log: io.log,
    metrics,
    ready: allOf(crds.health, filledHealth(reflectors.all)),
    live: allOf(progress.health, contactHealth(io.clock, reflectors.all, silenceMs)),
  })
  io.log.info({ port: health.port }, 'serving health and metrics')
  const watching = reflectors.run(io)
  const recording = events.run(io)
  const yielding = other?.run(io)
  await lead({ election, run: term => controller.run(term), reflectors, metrics }, io)
  await Promise.all([watching, recording, yielding, stopped])
  await events.flush({ ...io, signal: AbortSignal.timeout(settleWithinMs / 3) })
  await election?.release({ ...io, signal: AbortSignal.timeout(settleWithinMs / 3) })
  tools?.close()
  await health.stop(200)
}

/** A process whose watches have been silent for so long cannot know what it is doing. */
const silenceMs = 180_000

/** Work that waits while none is done for so long means that the loop is stuck. */
const stuckMs = 180_000

const watchedQueue = (metrics: Metrics, progress: ProgressWatch): WorkQueueObserver => {
  const counted = queueObserver(metrics)
  return {
    depth: keys => {
      counted.depth(keys)
      progress.depth(keys)
    },
    started: (key, waitedMs) => {
      counted.started(key, waitedMs)
      progress.started()
    },
    finished: (key, durationMs, outcome) => {
      counted.finished(key, durationMs, outcome)
      progress.finished()
    },
  }
}

const watchedReflectors = (metrics: Metrics, crds: RequiredKinds): ReflectorObserver => {
  const counted = reflectorObserver(metrics)
  return {
    listed: kind => {
      counted.listed(kind)
      crds.listed(kind)
    },
    ended: (kind, code) => {
      counted.ended(kind, code)
      crds.ended(kind, code)
    },
  }
}

const electionOf = (config: ControllerConfig, transport: Transport, { clock }: Io): LeaderElection | undefined => {
  const { enabled, namespace, ...durations } = config.leaderElection
  if (!enabled) return undefined
  return createLeaderElection({
    ...durations,
    api: createKubeApi({ transport }),
    lease: { namespace, name: 'serin-leader-election' },
    identity: `${hostname()}_${randomUUID()}`,
    clock,
  })
}

/** The Lease of the field's controller. */
const otherLease = 'flagger-leader-election'

const otherOf = ({ yieldToFlagger, namespace }: ControllerConfig, api: KubeApi, metrics: Metrics): OtherController | undefined => {
  if (!yieldToFlagger) return undefined
  const other = createOtherController({ api, lease: otherLease, ...(namespace ? { namespace } : {}) })
  other.onChange(() => metrics.loop.otherController(other.holder() !== undefined))
  return other
}

interface Leading {
  readonly election: LeaderElection | undefined
  readonly run: (io: Io) => Promise<void>
  readonly reflectors: SharedReflectors
  readonly metrics: Metrics
}

/** Runs the loop: always, or in each term of ours. A term begins with a fresh look at everything. */
const lead = async ({ election, run, reflectors, metrics }: Leading, io: Io): Promise<void> => {
  if (!election) {
    metrics.loop.leader(true)
    return run(io)
  }
  let term: AbortController | undefined
  let running = Promise.resolve()
  await election.run(io, {
    onStarted: epoch => {
      io.log.info({ epoch }, 'leading')
      metrics.loop.leader(true)
      const current = new AbortController()
      term = current
      const signal = AbortSignal.any([io.signal, current.signal])
      running = running.then(() => reflectors.relist()).then(() => run({ ...io, signal }))
    },
    onLost: () => {
      io.log.warn({}, 'lost the lease, standing by')
      metrics.loop.leader(false)
      term?.abort(new Error('lost the lease'))
    },
  })
  await running
}
