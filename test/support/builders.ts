import type { Canary } from '../../src/api/canary.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import type { Evidence, HookAnswer, Measurement } from '../../src/core/evidence.ts'
import type { Observation, Revision } from '../../src/core/observation.ts'
import type { Readiness } from '../../src/core/readiness.ts'
import { type Abilities, rolloutPlan } from '../../src/core/rollout-plan.ts'

type Fields = Readonly<Record<string, unknown>>

/** 2026-01-01T00:00:00Z, where every virtual story begins. */
export const epochMs = Date.UTC(2026, 0, 1)

/** A valid Canary: ten percent steps to fifty, threshold 2, interval 10 s. Analysis, spec and status can be changed. */
export const aCanary = (change: { analysis?: Fields; spec?: Fields; status?: CanaryStatus; metadata?: Fields } = {}): Canary => {
  const analysis = {
    interval: '10s',
    threshold: 2,
    ...(hasShape(change.analysis) ? {} : { stepWeight: 10, maxWeight: 50 }),
    ...change.analysis,
  }
  const object = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'podinfo', namespace: 'test', uid: 'canary-uid', resourceVersion: '7', generation: 1, ...change.metadata },
    spec: {
      provider: 'istio',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 9898 },
      progressDeadlineSeconds: 60,
      analysis,
      ...change.spec,
    },
    status: change.status ?? {},
  }
  return readCanary(object).canary
}

const hasShape = (analysis: Fields | undefined): boolean =>
  analysis !== undefined && ['stepWeight', 'stepWeights', 'iterations'].some(field => field in analysis)

/** A revision by a short name: its hash and pin derive from it. */
export const aRevision = (name: string): Revision => ({
  pin: { hash: `s1-${name}`, name: `podinfo-s1-${name}` },
  templateHash: `t-${name}`,
  trackedConfigs: {},
  configVersions: undefined,
})

export const ready: Readiness = { kind: 'ready', message: '', readyPods: 2, servingPods: 2, wantedPods: 2 }
export const waiting: Readiness = {
  kind: 'waiting',
  message: '1 of 2 updated replicas are available',
  readyPods: 0,
  servingPods: 0,
  wantedPods: 2,
}
export const stuck: Readiness = { kind: 'stuck', message: 'exceeded its progress deadline', readyPods: 0, servingPods: 0, wantedPods: 2 }

const everyAbility: Abilities = { weigh: true, mirror: true, mirrorIterations: true }

/** A look at the world where all is well. */
export const anObservation = (canary: Canary, change: Partial<Observation> & { can?: Abilities } = {}): Observation => {
  const { can = everyAbility, ...rest } = change
  return {
    nowMs: epochMs,
    canary,
    plan: rolloutPlan(canary, can, { minIntervalMs: 10_000 }),
    deleting: false,
    canaryTrack: ready,
    primaryTrack: ready,
    delivered: new Set(),
    receivers: { globalAlert: true, globalEvent: false },
    ...rest,
  }
}

export const successRate = (value: number | undefined, min = 99): Measurement => ({
  name: 'request-success-rate',
  ...(value === undefined ? { silence: { kind: 'no-data', reason: 'NoData', message: 'no samples' } } : { value }),
  min,
  unit: 'percent',
  store: 'prometheus',
})

export const unreachable: Measurement = {
  name: 'request-success-rate',
  silence: { kind: 'unreachable', reason: 'StoreUnreachable', message: 'connect ECONNREFUSED' },
  min: 99,
  unit: 'percent',
  store: 'prometheus',
}

export const evidence = (measurements: readonly Measurement[] = [], answers: readonly HookAnswer[] = []): Evidence => ({
  measurements,
  answers,
})
export const healthy = evidence([successRate(100)])
export const sick = evidence([successRate(50)])

export const answer = (type: HookAnswer['type'], ok: boolean, name: string = type): HookAnswer => ({
  type,
  name,
  ok,
  message: ok ? '' : 'denied',
  muted: false,
})
