import { canaryKind, deploymentKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject, ObjectKey } from '../../src/api/object.ts'
import type { CanaryStatus, OutboxEntry } from '../../src/api/status.ts'
import { readStatus } from '../../src/api/status.ts'
import { createController } from '../../src/controller/controller.ts'
import { silentObserver } from '../../src/controller/observer.ts'
import type { HookAnswer, Measurement } from '../../src/core/evidence.ts'
import { createEventRecorder } from '../../src/kube/event-recorder.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import type { HookCall } from '../../src/webhooks/hook.ts'
import { successRate } from './builders.ts'
import { fakeKubeApi } from './fake-kube-api.ts'
import { testIo } from './io.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

type Fields = Readonly<Record<string, unknown>>

export const httpRouteKind = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
} as const

/** Objects of a small team: a Deployment and the Canary that releases it through a gateway. */
export const team = ({
  analysis = {},
  spec = {},
  replicas = 2,
}: {
  analysis?: Fields
  spec?: Fields
  replicas?: number
} = {}): readonly KubeObject[] => [
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'podinfo', namespace: 'test', generation: 1 },
    spec: { replicas, selector: { matchLabels: { app: 'podinfo' } }, template: template('v1') },
    status: {},
  },
  {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', namespace: 'test', generation: 1 },
    spec: {
      provider: 'gatewayapi:v1',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 9898, gatewayRefs: [{ name: 'gateway', namespace: 'test' }], hosts: ['podinfo.example'] },
      progressDeadlineSeconds: 60,
      analysis: {
        interval: '10s',
        threshold: 2,
        stepWeight: 20,
        maxWeight: 40,
        metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }],
        ...analysis,
      },
      ...spec,
    },
  },
]

export const template = (version: string): Fields => ({
  metadata: { labels: { app: 'podinfo' } },
  spec: { containers: [{ name: 'podinfo', image: `podinfo:${version}`, ports: [{ containerPort: 9898 }] }] },
})

/** A cluster in memory with a controller on it, and the hands of a test on everything else. Time is virtual. */
export const createStage = async ({ objects = team(), drainMs = 5000 }: { objects?: readonly KubeObject[]; drainMs?: number } = {}) => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock, objects })
  const io = testIo({ clock })
  const stop = new AbortController()
  const state = {
    measurements: [successRate(100)] as readonly Measurement[],
    hooks: {} as Readonly<Record<string, HookAnswer | 'hang'>>,
    /** Deployments, or Deployments with an image (`podinfo podinfo:v2`), whose pods do not come up. */
    broken: new Set<string>(),
    acceptRoutes: true,
    chatIsDown: false,
  }
  const calls: HookCall[] = []
  const sent: OutboxEntry[] = []
  const reflectors = createSharedReflectors({ api, random: () => 0.5 })
  const events = createEventRecorder({ api, component: 'serin', instance: 'test' })
  const running = { ...io, signal: stop.signal }
  const controller = createController({
    api,
    clock,
    reflectors,
    events,
    tools: () => ({
      measurer: { measure: async () => state.measurements, probe: async () => [] },
      hooks: {
        call: async call => {
          calls.push(call)
          const answer = state.hooks[call.hook.name]
          if (answer === 'hang') return new Promise<HookAnswer>(() => {})
          return (
            answer ?? {
              name: call.hook.name,
              type: call.hook.type || 'rollout',
              ok: call.hook.type !== 'rollback',
              message: '',
              muted: false,
            }
          )
        },
      },
      deliver: async (_, entry) => {
        if (state.chatIsDown) throw new Error('chat is down')
        sent.push(entry)
      },
    }),
    receivers: { globalAlert: true, globalEvent: false },
    look: {
      meshProvider: 'gatewayapi:v1',
      minIntervalMs: 10_000,
      noCrossNamespaceRefs: false,
      selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
      includeLabelPrefix: [],
      drainMs,
      settleMs: 0,
    },
    configTracking: true,
    observer: silentObserver,
  })
  const runs = [reflectors.run(running), events.run(running), controller.run(running)]

  /** What the controllers of the cluster do: Deployments get their pods, gateways take routes. */
  const clusterWorks = (): boolean => {
    const deployments = api
      .storedAll(deploymentKind)
      .map(one =>
        rollOut(one, state.broken.has(one.metadata.name) || state.broken.has(`${one.metadata.name} ${stage.image(one.metadata.name)}`)),
      )
    const routes = state.acceptRoutes ? api.storedAll(httpRouteKind).map(accept) : []
    const changed = [...deployments, ...routes].filter(one => one !== undefined)
    for (const object of changed) api.put(object)
    return changed.length > 0
  }

  const calm = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      await clock.advance(0)
      for (let beat = 0; beat < 4; beat += 1) await settle()
      if (!clusterWorks() && round > 3) return
    }
  }

  const stage = {
    api,
    clock,
    io,
    state,
    calls,
    sent,
    controller,
    calm,
    /** Lets so many seconds pass, one at a time. */
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        await clock.advance(1000)
        await calm()
      }
    },
    until: async (holds: () => boolean, seconds = 300) => {
      for (let second = 0; second < seconds && !holds(); second += 1) await stage.pass(1)
      if (!holds()) throw new Error(`not reached in ${seconds}s: ${JSON.stringify(stage.status)}`)
    },
    release: async (version: string) => {
      const found = stage.object(deploymentKind, 'podinfo')
      api.put({ ...found, metadata: bump(found), spec: { ...(found['spec'] as Fields), template: template(version) } })
      await calm()
    },
    edit: async (spec: Fields) => {
      const found = stage.object(canaryKind, 'podinfo')
      api.put({ ...found, metadata: bump(found), spec: { ...(found['spec'] as Fields), ...spec } })
      await calm()
    },
    object: (kind: typeof deploymentKind, name: string, namespace = 'test'): KubeObject => {
      const found = api.stored(kind, { namespace, name } satisfies ObjectKey)
      if (!found) throw new Error(`no ${kind.kind} ${name}`)
      return found
    },
    get status(): CanaryStatus {
      return readStatus(stage.object(canaryKind, 'podinfo')['status'])
    },
    get phase() {
      return stage.status.phase
    },
    get weights(): readonly number[] {
      const rules = (
        api.stored(httpRouteKind, { namespace: 'test', name: 'podinfo' })?.['spec'] as
          | { rules: { backendRefs: { name: string; weight: number }[] }[] }
          | undefined
      )?.rules
      const refs = rules?.at(-1)?.backendRefs ?? []
      return ['podinfo-primary', 'podinfo-canary'].map(name => refs.find(ref => ref.name === name)?.weight ?? 0)
    },
    image: (name: string): string => {
      const spec = stage.object(deploymentKind, name)['spec'] as { template: { spec: { containers: { image: string }[] } } }
      return spec.template.spec.containers[0]?.image ?? ''
    },
    replicas: (name: string): number => (stage.object(deploymentKind, name)['spec'] as { replicas: number }).replicas,
    selector: (name: string) => (stage.object(serviceKind, name)['spec'] as { selector: Fields }).selector,
    condition: (type: string) => stage.status.conditions?.find(condition => condition.type === type),
    events: (): readonly string[] =>
      api.storedAll({ ...deploymentKind, apiVersion: 'v1', kind: 'Event', plural: 'events' }).map(one => String(one['message'])),
    stop: async () => {
      stop.abort()
      await clock.advance(10_000)
      await Promise.all(runs)
    },
  }
  await clock.advance(100)
  await calm()
  return stage
}
export type Stage = Awaited<ReturnType<typeof createStage>>

const bump = ({ metadata }: KubeObject) => ({ ...metadata, generation: (metadata.generation ?? 1) + 1 })

/** Status of a Deployment whose pods came up at once; undefined when it says so already. */
const rollOut = (object: KubeObject, broken: boolean): KubeObject | undefined => {
  const { replicas = 1 } = object['spec'] as { replicas?: number }
  const before = object['status'] as Fields | undefined
  const available = broken ? 0 : replicas
  const generation = object.metadata.generation ?? 1
  if (before?.['observedGeneration'] === generation && before['updatedReplicas'] === replicas && before['availableReplicas'] === available)
    return undefined
  const status = {
    observedGeneration: generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: available,
    availableReplicas: available,
    conditions: [],
  }
  return { ...object, status }
}

const accept = (object: KubeObject): KubeObject | undefined => {
  const generation = object.metadata.generation ?? 1
  const status = object['status'] as { parents?: { conditions: { observedGeneration: number }[] }[] } | undefined
  if (status?.parents?.[0]?.conditions[0]?.observedGeneration === generation) return undefined
  const [parentRef] = (object['spec'] as { parentRefs: unknown[] }).parentRefs
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    observedGeneration: generation,
  }))
  return { ...object, status: { parents: [{ parentRef, controllerName: 'test', conditions }] } }
}
