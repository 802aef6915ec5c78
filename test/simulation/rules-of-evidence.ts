import { type Canary, providerOf } from '../../src/api/canary.ts'
import type { RolloutState } from '../../src/api/phases.ts'
import type { HookType } from '../../src/api/webhook.ts'
import { webhooksOf } from '../../src/api/webhook.ts'
import { rolloutPlan } from '../../src/core/rollout-plan.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { routers } from '../../src/routing/registry.ts'
import { metricsServer } from './outside.ts'
import { type Deed, isStatusWrite, type RuleMaker, weightOf } from './rule-book.ts'
import { ownStoreAddress } from './setup.ts'

const judging: readonly RolloutState[] = ['Progressing.analysing', 'Progressing.switching', 'WaitingPromotion']
const idle: readonly RolloutState[] = ['Initialized', 'Initialized.parking', 'Succeeded', 'Failed', 'Failed.parking']

const planOf = ({ canary }: Deed) => rolloutPlan(canary, routers.get(providerOf(canary, 'gatewayapi:v1')).can, { minIntervalMs: 10_000 })

/** Whether the write takes a step that only good evidence allows. */
const isJudged = (deed: Deed): boolean => {
  const { canary, canaryBefore } = deed
  const [from, to] = [stateOf(canaryBefore.status), stateOf(canary.status)]
  if (!isStatusWrite(deed) || !judging.includes(from) || canary.spec.skipAnalysis || canaryBefore.spec.skipAnalysis) return false
  const advances = weightOf(canary) > weightOf(canaryBefore) || (canary.status.iterations ?? 0) > (canaryBefore.status.iterations ?? 0)
  return to === 'Promoting.copying' || (judging.includes(to) && advances)
}

const changesState = ({ canary, canaryBefore }: Deed): boolean => stateOf(canary.status) !== stateOf(canaryBefore.status)

/** Addresses of the stores that the metrics of a Canary are asked of. */
const storesOf = ({ spec }: Canary): ReadonlySet<string> =>
  new Set(spec.analysis.metrics.map(({ templateRef }) => (templateRef ? ownStoreAddress : metricsServer)))

const verdictOn = ({ testimony, canary }: Deed, sinceMs: number): string | undefined => {
  const said = [...storesOf(canary)].map(store => testimony.stores.get(store))
  if (said.some(one => !one || one.atMs < sinceMs)) return 'S30: a step without evidence of its own'
  return said.every(one => one?.good) ? undefined : 'S11: a step on an answer that is no good number'
}

/** S11 and S30: a step is taken on an answer of the store that is a number within its range, and newer than the step before. */
export const stepsOnEvidence: RuleMaker = () => {
  let lastStepMs = 0
  return deed => {
    if (!isStatusWrite(deed)) return undefined
    const sinceMs = lastStepMs
    const isStep = isJudged(deed)
    if (isStep || changesState(deed)) lastStepMs = deed.nowMs
    return isStep ? verdictOn(deed, sinceMs) : undefined
  }
}

/** Who had requests last, and until when. */
interface Guest {
  readonly hash: string | undefined
  readonly untilMs: number
}

const looksBackAt = ({ testimony, canary }: Deed, last: Guest | undefined): boolean => {
  if (!last || last.hash === canary.status.analysed?.hash) return false
  return [...testimony.stores.values()].some(({ atMs, windowMs }) => atMs - windowMs < last.untilMs)
}

const servesCanary = ({ traffic }: Deed): boolean => traffic !== undefined && (traffic.canary > 0 || traffic.mirrored)

/** S30: no step is taken on an answer that speaks of requests which another revision of the canary got. */
export const stepsOnOwnEvidence: RuleMaker = () => {
  let guest: string | undefined
  let isServing = false
  let last: Guest | undefined
  return deed => {
    const serves = servesCanary(deed)
    if (isServing && !serves) last = { hash: guest, untilMs: deed.nowMs }
    if (serves && !isServing) guest = deed.canary.status.analysed?.hash
    isServing = serves
    return isJudged(deed) && looksBackAt(deed, last) ? 'S30: a step on requests of another revision' : undefined
  }
}

interface Gate {
  readonly type: HookType
  passes(deed: Deed): boolean
}

const gates: readonly Gate[] = [
  {
    type: 'confirm-rollout',
    passes: ({ canary, canaryBefore }) => {
      const from = stateOf(canaryBefore.status)
      return (idle.includes(from) || from === 'Waiting') && stateOf(canary.status) === 'Progressing.scaling'
    },
  },
  {
    type: 'confirm-traffic-increase',
    passes: deed => {
      const { canary, canaryBefore } = deed
      const rises = canary.status.phase === 'Progressing' && weightOf(canary) > weightOf(canaryBefore)
      return rises && planOf(deed).ladder.length > 0 && canaryBefore.status.mirrored !== true
    },
  },
  {
    type: 'confirm-promotion',
    passes: ({ canary, canaryBefore }) => {
      const from = stateOf(canaryBefore.status)
      return stateOf(canary.status) === 'Promoting.copying' && (from === 'Progressing.analysing' || from === 'WaitingPromotion')
    },
  },
]

const isForced = ({ canary, canaryBefore }: Deed): boolean =>
  canary.spec.skipAnalysis || canaryBefore.spec.skipAnalysis || canaryBefore.status.servingFrom === 'canary'

const grantsOf = ({ status }: Canary): readonly string[] => status.grants ?? []

/** Whether the process was told so at this step. */
const isTold = ({ testimony }: Deed, hook: string, sinceMs: number): boolean => {
  const said = testimony.hooks.get(hook)
  return said?.ok === true && said.atMs >= sinceMs
}

/** A consent counts as long as the step for which it was recorded, whoever goes on with it. */
const isShut = (deed: Deed, { type }: Gate, sinceMs: number): boolean =>
  !grantsOf(deed.canaryBefore).includes(type) && !isTold(deed, type, sinceMs)

const isPassed = (deed: Deed, { type, passes }: Gate): boolean => webhooksOf(deed.canary, type).length > 0 && passes(deed)

/** A consent that is recorded although nobody gave it. */
const madeUp = (deed: Deed, sinceMs: number): string | undefined =>
  gates
    .map(({ type }) => type as string)
    .find(type => grantsOf(deed.canary).includes(type) && !grantsOf(deed.canaryBefore).includes(type) && !isTold(deed, type, sinceMs))

const isNewStep = ({ canary, canaryBefore }: Deed): boolean =>
  weightOf(canary) !== weightOf(canaryBefore) || canary.status.analysed?.hash !== canaryBefore.status.analysed?.hash

const goesPast = (deed: Deed, sinceMs: number): string | undefined => {
  const passed = gates.filter(gate => isPassed(deed, gate))
  const shut = isForced(deed) ? undefined : passed.find(gate => isShut(deed, gate, sinceMs))
  if (shut) return `S12: went past ${shut.type} without its consent`
  const kept = passed.find(({ type }) => grantsOf(deed.canary).includes(type))
  return kept && `S12: takes the consent of ${kept.type} along to the next step`
}

/** S12: what stands behind a gate happens only after that gate said yes for this very revision and step. */
export const gatesAreKept: RuleMaker = () => {
  let lastStepMs = 0
  return deed => {
    if (!isStatusWrite(deed)) return undefined
    const sinceMs = lastStepMs
    if (isNewStep(deed)) lastStepMs = deed.nowMs
    const unheard = madeUp(deed, sinceMs)
    return unheard ? `S12: recorded a consent of ${unheard} that nobody gave` : goesPast(deed, sinceMs)
  }
}
