import {
  canaryKind,
  configMapKind,
  daemonSetKind,
  deploymentKind,
  eventKind,
  knativeServiceKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { type CanaryStatus, type OutboxEntry, readStatus } from '../../src/api/status.ts'
import type { HookAnswer, Measurement } from '../../src/core/evidence.ts'
import type { Io } from '../../src/io.ts'
import type { HookCall } from '../../src/webhooks/hook.ts'
import { successRate } from './builders.ts'
import { type ClusterMood, imageOf, workOnce } from './cluster-hands.ts'
import { type FakeKubeApi, fakeKubeApi } from './fake-kube-api.ts'
import { createMonitor } from './invariants.ts'
import { testIo } from './io.ts'
import { createPlug, type Decide, type PluggedCall } from './plug.ts'
import { type ControllerSetup, startController } from './running-controller.ts'
import { httpRouteKind, team, template } from './team.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

export { httpRouteKind, team }

type Fields = Readonly<Record<string, unknown>>

export interface StageOptions extends Pick<ControllerSetup, 'look' | 'namespace' | 'yieldsTo' | 'observer'> {
  readonly objects?: readonly KubeObject[]
  readonly drainMs?: number
  readonly configTracking?: boolean
  /** What becomes of each request of the controller. */
  readonly onCall?: Decide
  /** How long nobody is there after the process died. */
  readonly downMs?: number
  /** Real tools in place of those that `state` steers. */
  readonly tools?: ControllerSetup['tools']
}

/** What a test decides about the world around the controller. */
const createMood = () => ({
  measurements: [successRate(100)] as readonly Measurement[],
  hooks: {} as Readonly<Record<string, HookAnswer | 'hang'>>,
  /** Deployments, or Deployments with an image (`podinfo podinfo:v2`), whose pods do not come up. */
  broken: new Set<string>(),
  rolling: new Set<string>(),
  unseen: new Set<string>(),
  readyPods: {} as Readonly<Record<string, number>>,
  load: {} as ClusterMood['load'],
  endpoints: {} as ClusterMood['endpoints'],
  acceptRoutes: true,
  chatIsDown: false,
})
type Mood = ReturnType<typeof createMood>

interface Heard {
  readonly calls: HookCall[]
  readonly sent: OutboxEntry[]
}

/** Metric stores, hooks and chat, as the test wants them. A process that is gone hears nothing. */
const createTools = (state: Mood, { calls, sent }: Heard, isGone: () => boolean) => {
  const never = <T>() => new Promise<T>(() => {})
  const denied = ({ hook }: HookCall): HookAnswer => ({
    name: hook.name,
    type: hook.type || 'rollout',
    ok: false,
    message: 'called off',
    muted: false,
  })
  const hanging = (call: HookCall, { signal }: Io) =>
    new Promise<HookAnswer>(resolve => signal.addEventListener('abort', () => resolve(denied(call)), { once: true }))
  return {
    measurer: { measure: async () => (isGone() ? never<readonly Measurement[]>() : state.measurements), probe: async () => [] },
    hooks: {
      call: async (call: HookCall, io: Io): Promise<HookAnswer> => {
        if (isGone()) return never()
        calls.push(call)
        const answer = state.hooks[call.hook.name]
        if (answer === 'hang') return hanging(call, io)
        return answer ?? { ...denied(call), ok: call.hook.type !== 'rollback', message: '' }
      },
    },
    deliver: async (_: unknown, entry: OutboxEntry) => {
      if (state.chatIsDown || isGone()) throw new Error('chat is down')
      sent.push(entry)
    },
  }
}

/** A cluster in memory with a controller on it, and the hands of a test on everything else. Time is virtual. */
export const createStage = async ({ objects = team(), onCall, downMs = 0, ...setup }: StageOptions = {}) => {
  const clock = new VirtualClock()
  const monitor = createMonitor(clock, setup.drainMs ?? 5000)
  const api = fakeKubeApi({ clock, objects, onWrite: write => monitor.check(write, api) })
  const io = testIo({ clock })
  const state = createMood()
  const heard: Heard = { calls: [], sent: [] }
  const calls: PluggedCall[] = []

  const number = (call: Omit<PluggedCall, 'number'>) => {
    const numbered = { ...call, number: calls.length + 1 }
    calls.push(numbered)
    return onCall?.(numbered)
  }

  /** A controller process of its own, which knows nothing of those before it. */
  const start = () => {
    const plug = createPlug(api, number)
    const running = startController(plug.api, { clock, log: io.log, tools: createTools(state, heard, () => plug.pulled), ...setup })
    return { ...running, plug }
  }

  let process: ReturnType<typeof start> = start()
  const ends: Promise<void>[] = []

  let isDown = false

  const end = () => {
    process.plug.pull()
    ends.push(process.stop()) // nothing of it gets out any more; this only clears its timers away
  }
  const restart = () => {
    if (!isDown) end()
    isDown = false
    process = start()
  }
  const mourn = () => {
    if (isDown) return
    end()
    isDown = true
    clock.schedule(downMs, restart)
  }

  const happened = (): string => `${api.requests.length} ${api.version()}`

  /** One moment for everybody; false when nobody had anything to do. */
  const moment = async (): Promise<boolean> => {
    const before = happened()
    await clock.advance(0)
    await settle()
    if (process.plug.pulled) mourn()
    workOnce(api, state)
    return happened() !== before
  }

  const calm = async (): Promise<void> => {
    let quiet = 0
    for (let round = 0; round < 200 && quiet < 3; round += 1) quiet = (await moment()) ? 0 : quiet + 1
  }

  /** The target or primary of this name, of whatever kind. */
  const workload = (name: string): KubeObject => {
    const [found] = targetKinds.flatMap(kind => api.stored(kind, { namespace: 'test', name }) ?? [])
    if (!found) throw new Error(`no workload ${name}`)
    return found
  }

  const stage = {
    api,
    clock,
    io,
    state,
    monitor,
    calls: heard.calls,
    sent: heard.sent,
    /** Every read and write of the controllers so far, in order; Events aside. */
    plugged: calls as readonly PluggedCall[],
    get controller() {
      return process.controller
    },
    calm,
    /** The process dies at once and another one starts, with nothing but the cluster to go by. */
    restart: async () => {
      restart()
      await calm()
    },
    /** A second process, beside the one that runs: what a leader does that does not know yet that it is none. */
    startAnother: () => {
      const another = start()
      return { ...another, stop: () => void ends.push(another.stop()) }
    },
    /** Lets so many seconds pass, one at a time. */
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1000)
        await calm()
      }
    },
    until: async (holds: () => boolean, seconds = 300) => {
      const endMs = clock.monotonicMs() + seconds * 1000
      while (!holds() && clock.monotonicMs() < endMs) {
        await clock.advance(Math.min(1000, Math.max(1, clock.nextInMs ?? 1000)))
        await calm()
      }
      if (!holds()) throw new Error(`not reached in ${seconds}s: ${JSON.stringify(stage.status)}`)
    },
    /** Until the Canary rests in this phase. */
    untilRest: (phase: CanaryStatus['phase'], seconds = 300) =>
      stage.until(() => stage.status.phase === phase && stage.status.state === undefined, seconds),
    release: async (version: string, pod: Fields = {}, name = 'podinfo') => {
      const found = workload(name)
      const { metadata } = (found['spec'] as { readonly template?: { readonly metadata?: Fields } }).template ?? {}
      const news =
        found.apiVersion === serviceKind.apiVersion
          ? { selector: { app: name, version } }
          : { template: { ...template(version, pod), ...(metadata && { metadata }) } }
      api.put({ ...found, metadata: bump(found), spec: { ...(found['spec'] as Fields), ...news } })
      await calm()
    },
    scale: async (name: string, replicas: number) => {
      const found = workload(name)
      api.put({ ...found, metadata: bump(found), spec: { ...(found['spec'] as Fields), replicas } })
      await calm()
    },
    edit: async (spec: Fields) => {
      const found = stage.object(canaryKind, 'podinfo')
      api.put({ ...found, metadata: bump(found), spec: { ...(found['spec'] as Fields), ...spec } })
      await calm()
    },
    editAnalysis: (analysis: Fields) => {
      const { analysis: before } = stage.object(canaryKind, 'podinfo')['spec'] as { analysis: Fields }
      return stage.edit({ analysis: { ...before, ...analysis } })
    },
    configure: async (name: string, data: Fields) => {
      api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'test' }, data })
      await calm()
    },
    object: (kind: KindRef, name: string, namespace = 'test'): KubeObject => {
      const found = api.stored(kind, { namespace, name })
      if (!found) throw new Error(`no ${kind.kind} ${name}`)
      return found
    },
    get status(): CanaryStatus {
      return readStatus(stage.object(canaryKind, 'podinfo')['status'])
    },
    get phase() {
      return stage.status.phase
    },
    get weights() {
      return weightsOf(api)
    },
    image: (name: string) => imageOf(workload(name)),
    replicas: (name: string): number => (stage.object(deploymentKind, name)['spec'] as { replicas: number }).replicas,
    workload,
    selector: (name: string) => (stage.object(serviceKind, name)['spec'] as { selector: Fields }).selector,
    config: (name: string) => stage.object(configMapKind, name)['data'],
    condition: (type: string) => stage.status.conditions?.find(condition => condition.type === type),
    events: (): readonly string[] => api.storedAll(eventKind).map(one => String(one['message'])),
    stop: async () => {
      ends.push(process.stop())
      await clock.advance(10_000)
      await Promise.all(ends)
      monitor.verify()
    },
  }
  await clock.advance(100)
  await calm()
  return stage
}
export type Stage = Awaited<ReturnType<typeof createStage>>

/** The Services of other targets bear the names of these, so they come last. */
const targetKinds = [deploymentKind, daemonSetKind, knativeServiceKind, serviceKind]

const bump = ({ metadata }: KubeObject) => ({ ...metadata, generation: (metadata.generation ?? 1) + 1 })

/** Shares of the primary and of the canary, as the route says them. */
const weightsOf = (api: FakeKubeApi): readonly number[] => {
  const route = api.stored(httpRouteKind, { namespace: 'test', name: 'podinfo' })?.['spec'] as
    | { rules: { backendRefs: { name: string; weight: number }[] }[] }
    | undefined
  const refs = route?.rules.at(-1)?.backendRefs ?? []
  return ['podinfo-primary', 'podinfo-canary'].map(name => refs.find(ref => ref.name === name)?.weight ?? 0)
}
