import { sick } from '../support/builders.ts'
import type { Mishap } from '../support/plug.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

/** A piece of a Canary's life, from a quiet beginning to a quiet end. */
export interface Scenario {
  readonly name: string
  readonly options?: StageOptions
  /** Up to where the piece begins; nothing goes wrong in here. Absent: the piece begins with the first look of the controller. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /** The piece itself. */
  readonly act: (stage: Stage) => Promise<void>
}

const pod = { volumes: [{ name: 'conf', configMap: { name: 'podinfo-conf' } }] }
const config = (color: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'podinfo-conf', namespace: 'test' },
  data: { color },
})
const withConfig = [...team({ pod }), config('red')]

const initialized = (stage: Stage) => stage.untilRest('Initialized')
/** In mid-run, with so much of the traffic on the canary. */
const atWeight = (weight: number) => async (stage: Stage) => {
  await initialized(stage)
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

const steps = team({ analysis: { stepWeightPromotion: 20 } })

export const scenarios: readonly Scenario[] = [
  {
    name: 'initialization',
    options: { objects: withConfig },
    act: initialized,
  },
  {
    name: 'a rollout up to its promotion',
    options: { objects: withConfig },
    prepare: initialized,
    act: async stage => {
      stage.api.put(config('blue'))
      await stage.release('v2', pod)
      await stage.untilRest('Succeeded')
    },
  },
  {
    name: 'a promotion in steps',
    options: { objects: steps },
    prepare: atWeight(40),
    act: stage => stage.untilRest('Succeeded'),
  },
  {
    name: 'a rollback',
    prepare: async stage => {
      await atWeight(20)(stage)
      stage.state.measurements = sick.measurements
    },
    act: stage => stage.untilRest('Failed'),
  },
  {
    name: 'a restart with a newer revision',
    prepare: atWeight(20),
    act: async stage => {
      await stage.release('v3')
      await stage.untilRest('Succeeded')
    },
  },
  {
    name: 'a return to the promoted revision',
    prepare: atWeight(20),
    act: async stage => {
      await stage.release('v1')
      await stage.untilRest('Succeeded')
    },
  },
  {
    name: 'a promotion that fails',
    prepare: async stage => {
      await atWeight(40)(stage)
      stage.state.broken.add('podinfo-primary podinfo:v2')
    },
    act: stage => stage.untilRest('Failed'),
  },
  {
    name: 'a rollout after a promotion that failed',
    prepare: async stage => {
      await atWeight(40)(stage)
      stage.state.broken.add('podinfo-primary podinfo:v2')
      await stage.untilRest('Failed')
    },
    act: async stage => {
      await stage.release('v3')
      await stage.untilRest('Succeeded')
    },
  },
  {
    name: 'blue/green',
    options: { objects: team({ analysis: { iterations: 2, stepWeight: 0 } }) },
    prepare: initialized,
    act: async stage => {
      await stage.release('v2')
      await stage.untilRest('Succeeded')
    },
  },
]

export interface Ordeal {
  readonly call: number
  readonly mishap: Mishap
  readonly downMs?: number
}

/** What a piece of life comes to. */
export interface Outcome {
  readonly end: unknown
  /** Shares that the route carried, one after the other. */
  readonly weights: readonly string[]
  readonly calls: number
  readonly violations: readonly string[]
}

/** Plays a scenario; in an ordeal one call of it goes wrong. */
export const play = async ({ options, prepare, act }: Scenario, ordeal?: Ordeal): Promise<Outcome> => {
  let first = prepare ? Number.POSITIVE_INFINITY : 0
  const stage = await createStage({
    ...options,
    ...(ordeal?.downMs === undefined ? {} : { downMs: ordeal.downMs }),
    onCall: ({ number }) => (ordeal && number - first === ordeal.call ? ordeal.mishap : undefined),
  })
  await prepare?.(stage)
  first = prepare ? stage.plugged.length : 0
  const before = prepare ? stage.api.requests.length : 0
  await act(stage)
  await stage.calm()
  const outcome = {
    end: endOf(stage),
    weights: weightsRouted(stage, before),
    calls: stage.plugged.length - first,
    violations: [...stage.monitor.violations],
  }
  await stage.stop().catch(() => {}) // broken rules are part of the outcome
  return outcome
}

const endOf = (stage: Stage) => ({
  phase: stage.phase,
  state: stage.status.state,
  weights: stage.weights,
  recorded: stage.status.canaryWeight,
  failure: stage.status.failure?.reason,
  promoted: stage.status.promoted?.hash,
  analysed: stage.status.analysed?.hash,
  images: ['podinfo', 'podinfo-primary'].map(stage.image),
  replicas: ['podinfo', 'podinfo-primary'].map(stage.replicas),
  apex: stage.selector('podinfo'),
  twins: stage.api.storedAll({ apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }).map(one => one['data']),
  conditions: stage.status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
})

const weightsRouted = (stage: Stage, from: number): readonly string[] => {
  const routes = stage.api.requests.slice(from).filter(({ verb, kind }) => verb === 'apply' && kind === 'HTTPRoute')
  const shares = routes.map(({ body }) => {
    const { spec } = body as { spec: { rules: { backendRefs: { weight: number }[] }[] } }
    return (spec.rules.at(-1)?.backendRefs ?? []).map(ref => ref.weight).join('/')
  })
  return shares.filter((share, index) => share !== shares[index - 1])
}
