import { canaryKind, configMapKind, daemonSetKind, deploymentKind, knativeServiceKind, serviceKind } from '../../src/api/kinds.ts'
import { primaryRevisionMark } from '../../src/api/marks.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { readStatus } from '../../src/api/status.ts'
import { routers } from '../../src/routing/registry.ts'
import type { Router } from '../../src/routing/router.ts'
import * as stood from '../lifecycle/what-stood-there.ts'
import { sick } from '../support/builders.ts'
import type { Mishap, PluggedCall } from '../support/plug.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'
import type { TeamChange } from '../support/team.ts'

/** A piece of a Canary's life, from a quiet beginning to a quiet end. */
export interface Scenario {
  readonly name: string
  readonly options?: StageOptions
  /** Up to where the piece begins; nothing goes wrong in here. Absent: the piece begins with the first look of the controller. */
  readonly prepare?: (stage: Stage) => Promise<void>
  /** The piece itself. */
  readonly act: (stage: Stage) => Promise<void>
  /** Rules that the scene breaks before and after its Canary, by their number. */
  readonly allows?: readonly string[]
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

const isGone = (stage: Stage) => stood.isGone(stage)
const remove = async (stage: Stage): Promise<void> => {
  await stood.askToDelete(stage)
  await stage.until(() => isGone(stage))
}

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
  {
    name: 'a deletion while traffic is shared',
    options: { objects: stood.settledTeam() },
    prepare: atWeight(20),
    act: remove,
  },
  {
    name: 'a deletion while the canary serves after a failed promotion',
    options: { objects: stood.settledTeam() },
    prepare: async stage => {
      await atWeight(40)(stage)
      stage.state.broken.add('podinfo-primary podinfo:v2')
      await stage.untilRest('Failed')
    },
    act: remove,
  },
]

/** In mid-run, whatever the layer does there: some of the traffic is on the canary, or an iteration is done. */
const inMidRun = async (stage: Stage): Promise<void> => {
  await initialized(stage)
  await stage.release('v2')
  await stage.until(() => (stage.status.canaryWeight ?? 0) > 0 || (stage.status.iterations ?? 0) > 0)
}

/** What every routing layer goes through: the first look, a promotion, a rollback, a restart and a deletion. */
export const referenceRuns = ({ name: provider, can }: Router): readonly Scenario[] =>
  provider === 'knative'
    ? targetRuns('Knative')
    : runsOf({ spec: { provider }, analysis: can.weigh ? {} : { iterations: 2, stepWeight: 0 } }, can.weigh ? [] : ['S3', 'S20'])

/** Targets that are no Deployments and go by any layer. */
export const otherTargets = ['DaemonSet', 'Service'] as const

/** What every kind of target goes through. */
export const targetRuns = (kind: NonNullable<TeamChange['kind']>): readonly Scenario[] => runsOf({ kind })

const runsOf = (change: TeamChange, allows: readonly string[] = []): readonly Scenario[] => {
  const options = { objects: team(change) }
  const revertible = { ...change, spec: { revertOnDeletion: true, ...change.spec } }
  return [
    { name: 'initialization', options, act: initialized },
    {
      name: 'a rollout up to its promotion',
      options,
      prepare: initialized,
      act: async stage => {
        await stage.release('v2')
        await stage.untilRest('Succeeded')
      },
    },
    {
      name: 'a rollback',
      options,
      prepare: async stage => {
        await inMidRun(stage)
        stage.state.measurements = sick.measurements
      },
      act: stage => stage.untilRest('Failed'),
    },
    {
      name: 'a restart with a newer revision',
      options,
      prepare: inMidRun,
      act: async stage => {
        await stage.release('v3')
        await stage.untilRest('Succeeded')
      },
    },
    {
      name: 'a deletion in mid-run',
      // A target that brings its own Services has none that stood there for its pods.
      options: { objects: change.kind === 'Service' || change.kind === 'Knative' ? team(revertible) : stood.settledTeam(change) },
      prepare: inMidRun,
      act: remove,
      // Where the Service is all there is, it leads to the target before and after its Canary, with nothing recorded.
      allows,
    },
  ]
}

export interface Ordeal {
  readonly call: number
  readonly mishap: Mishap
  readonly downMs?: number
}

/** What a piece of life comes to. */
export interface Outcome {
  readonly end: unknown
  /** Shares that were routed, one after the other. */
  readonly weights: readonly string[]
  /** Requests of the piece, in order. */
  readonly calls: readonly Pick<PluggedCall, 'verb' | 'kind' | 'name'>[]
  /** Services that requests were sent to although nobody would have answered there, while the Canary was deleted. */
  readonly lost: readonly string[]
  readonly violations: readonly string[]
}

/** Notes what is routed, and whom a deletion leaves without an answer. */
const createWitness = (stage: Stage) => {
  const weights: string[] = []
  const lost = new Set<string>()
  const look = (): void => {
    const canary = stage.api.stored(canaryKind, key)
    if (!canary || canary.metadata.deletionTimestamp) for (const name of stood.stranded(stage.api)) lost.add(name)
    const shares = sharesOf(stage)
    if (shares !== undefined && shares !== weights.at(-1)) weights.push(shares)
  }
  return { look, seen: () => ({ weights, lost: [...lost] }) }
}

/** Plays a scenario; in an ordeal one call of it goes wrong. */
const play = async ({ options, prepare, act, allows = [] }: Scenario, ordeal?: Ordeal): Promise<Outcome> => {
  let first = prepare ? Number.POSITIVE_INFINITY : 0
  let witness: ReturnType<typeof createWitness> | undefined
  const stage = await createStage({
    ...options,
    ...(ordeal?.downMs === undefined ? {} : { downMs: ordeal.downMs }),
    onCall: ({ number }) => {
      witness?.look()
      return number - first === ordeal?.call ? ordeal.mishap : undefined
    },
  })
  await prepare?.(stage)
  first = prepare ? stage.plugged.length : 0
  witness = createWitness(stage)
  await act(stage)
  await stage.calm()
  witness.look()
  const outcome = {
    ...witness.seen(),
    end: endOf(stage),
    calls: stage.plugged.slice(first).map(({ verb, kind, name }) => ({ verb, kind, name })),
    violations: stage.monitor.violations.filter(text => !allows.includes(text.split(':')[0] ?? '')),
  }
  await stage.stop().catch(() => {}) // broken rules are part of the outcome
  return outcome
}

/** The phases that a scenario writes down, from the making of the Canary to its end. */
export const phasesOf = async ({ options, prepare, act }: Scenario): Promise<readonly (string | undefined)[]> => {
  const stage = await createStage(options)
  await prepare?.(stage)
  await act(stage)
  const recorded = stage.api.requests.filter(({ verb }) => verb === 'updateStatus').map(({ body }) => body as Partial<KubeObject>)
  await stage.stop().catch(() => {}) // which rules hold in it is what the rows look at
  return recorded.map(body => readStatus(body['status']).phase)
}

const key = { namespace: 'test', name: 'podinfo' }

/** What the routing layer would make of its objects as they are. */
const sharesOf = ({ api }: Stage): string | undefined => {
  const found = api.stored(canaryKind, key)
  if (!found) return undefined
  const { canary } = readCanary(found)
  const { traffic } = routers.get(canary.spec.provider ?? '').observe(canary, { get: api.stored })
  return traffic && `${traffic.primary}/${traffic.canary}`
}

const endOf = (stage: Stage) => (isGone(stage) ? { ...stood.standing(stage), objects: objectsOf(stage) } : endOfLiving(stage))

const routeKinds = [...new Map(routers.all.flatMap(({ kinds }) => kinds).map(kind => [kind.kind, kind])).values()].filter(
  ({ kind }) => kind !== serviceKind.kind,
)

/** What the target, its tracks, its Services and its routes came to. */
const objectsOf = ({ api }: Stage) =>
  [deploymentKind, daemonSetKind, knativeServiceKind, serviceKind, ...routeKinds]
    .flatMap(kind => api.storedAll(kind))
    .map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, spec, primary: metadata.annotations?.[primaryRevisionMark] }))

const endOfLiving = (stage: Stage) => ({
  phase: stage.phase,
  state: stage.status.state,
  weights: sharesOf(stage),
  recorded: stage.status.canaryWeight,
  failure: stage.status.failure?.reason,
  promoted: stage.status.promoted?.hash,
  analysed: stage.status.analysed?.hash,
  objects: objectsOf(stage),
  twins: stage.api.storedAll(configMapKind).map(one => one['data']),
  conditions: stage.status.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
})

/** What has to be the same whatever went wrong on the way. Only a rollback that cannot be recorded takes effect without its record (S20). */
const comparable = ({ end, weights, lost, violations }: Outcome) => ({
  end,
  weights,
  lost,
  violations: violations.filter(text => !text.startsWith('S20')),
})

/** The calls, by their numbers, at which the ordeal made a difference, and what came of it. */
export const differences = async (
  scenario: Scenario,
  ordeal: Omit<Ordeal, 'call'>,
  isTried: (call: Outcome['calls'][number], at: number, all: Outcome['calls']) => boolean = () => true,
): Promise<readonly unknown[]> => {
  const expected = await play(scenario)
  const wanted = JSON.stringify(comparable(expected))
  const numbers = expected.calls.flatMap((call, at) => (isTried(call, at, expected.calls) ? [at + 1] : []))
  const found: unknown[] = expected.violations.map(violation => ({ undisturbed: violation }))
  if (numbers.length === 0) throw new Error(`${scenario.name}: expected calls to try, got none`)
  for (const call of numbers) {
    const outcome = await play(scenario, { ...ordeal, call }).then(comparable, error => ({ error: String(error) }))
    if (JSON.stringify(outcome) !== wanted) found.push({ call, ...expected.calls[call - 1], outcome })
  }
  return found
}

/** Layers other than that of `scenarios`. They share all code but what writes and reads their objects. */
export const otherRouters: readonly Router[] = routers.names.map(name => routers.get(name)).filter(({ name }) => name !== 'gatewayapi:v1')

/** The kind of objects that a target of this kind and its primary are. */
export const kindsOfTarget = (kind: (typeof otherTargets)[number]): Pick<Router, 'kinds'> => ({
  kinds: [kind === 'DaemonSet' ? daemonSetKind : serviceKind],
})

/** Whether the call writes an object of this layer, or the status. */
export const concerns =
  ({ kinds }: Pick<Router, 'kinds'>) =>
  ({ kind }: Pick<PluggedCall, 'kind'>): boolean =>
    kind === canaryKind.kind || kinds.some(one => one.kind === kind)
