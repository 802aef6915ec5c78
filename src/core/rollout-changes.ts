import type { RolloutEvent } from './events.ts'
import type { Failure, RolloutContext } from './rollout-context.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import { nextWeight, returnWeight } from './steps.ts'

interface Step {
  readonly context: RolloutContext
  readonly event: RolloutEvent
}
type Change = Partial<RolloutContext>

const grantsOf = (event: RolloutEvent): readonly string[] => ('grants' in event ? event.grants : [])

/** A slot takes back only our own lateness, and no more of it than this share of a slot. */
const lateShare = 0.25

/** One interval from now; with slots, the next slot from there on. A step that was judged a little late counts from when it was due. */
const nextDue = ({ nextEvidenceAtMs: dueMs = 0 }: RolloutContext, { nowMs, plan: { intervalMs, slotMs, lagMs } }: RolloutEvent): number => {
  const stepMs = intervalMs + lagMs
  if (slotMs === 0) return nowMs + stepMs
  const isPunctual = dueMs <= nowMs && nowMs - dueMs <= slotMs * lateShare
  return Math.floor(Math.ceil(((isPunctual ? dueMs : nowMs) + stepMs) / slotMs) * slotMs) // times are whole milliseconds
}

/** Whether the store answered that it has nothing to say, as opposed to not having been reached or asked properly. */
export const isSilence = (event: RolloutEvent): boolean => event.type === 'CHECKS_INCONCLUSIVE' && event.verdict.reason === 'NoData'

export const weightCanAdvance = (context: RolloutContext, plan: RolloutPlan): boolean =>
  nextWeight(plan.ladder, context.weight) !== undefined

/** The canary weight after the next step of traffic back. */
export const returnedWeight = (context: RolloutContext, plan: RolloutPlan): number =>
  plan.strategy === 'ab-testing' ? 0 : returnWeight(context.weight, plan.returnStep)

const nothingCounted = { iterations: 0, failedChecks: 0, unanswered: 0, grants: [] } as const

/** A rollout begins. Where the canary serves (after a failed promotion) it goes on serving all traffic. */
export const begin = ({ context, event }: Step): Change => ({
  analysed: 'revision' in event ? (event.revision ?? context.analysed) : context.analysed,
  weight: context.servingFrom === 'canary' ? 100 : 0,
  mirrored: false,
  ...nothingCounted,
  startedAtMs: event.nowMs,
  nextEvidenceAtMs: undefined,
  failure: undefined,
})

/** Nothing is left to compare with: the target as it is becomes what the primary is built from. */
export const startOver = ({ context, event }: Step): Change => ({
  ...begin({ context: { ...context, servingFrom: 'primary' }, event }),
  ...adopt({ context, event }),
  servingFrom: 'primary',
  startedAtMs: undefined,
})

/** What another controller's status lacks. */
export const takeOver = ({ context, event }: Step): Change =>
  event.type === 'TAKEN_OVER' ? { analysed: event.analysed, promoted: event.promoted, weight: event.weight ?? context.weight } : {}

/** A revision that waits at its gate is judged without having run. */
export const reject = ({ context, event }: Step): Change => ({
  analysed: 'revision' in event ? (event.revision ?? context.analysed) : context.analysed,
})

/** The step gets its full time from now on. */
export const retime = ({ context, event }: Step): Change => ({ nextEvidenceAtMs: nextDue(context, event) })

/** While the primary is being built it follows the target. */
export const adopt = ({ context, event }: Step): Change => {
  const revision = 'revision' in event ? (event.revision ?? context.analysed) : context.analysed
  return { analysed: revision, promoted: revision }
}

export const initialize = ({ context }: Step): Change => ({ promoted: context.analysed, nextEvidenceAtMs: undefined })

export const evidenceNow = ({ event }: Step): Change => ({ nextEvidenceAtMs: event.nowMs })

/** The step stays; it is looked at again one interval later. Hooks that approved are not asked again. */
export const holdStep = ({ context, event }: Step): Change => ({
  nextEvidenceAtMs: nextDue(context, event),
  grants: [...new Set([...context.grants, ...grantsOf(event)])],
})

export const countFailedCheck = ({ context }: Step): Change => ({ failedChecks: context.failedChecks + 1, unanswered: 0 })

export const countSilence = ({ context }: Step): Change => ({ unanswered: context.unanswered + 1 })

const nextStep = ({ context, event }: Step): Change => ({ nextEvidenceAtMs: nextDue(context, event), unanswered: 0, grants: [] })

export const mirrorTraffic = (step: Step): Change => ({ ...nextStep(step), mirrored: true })

export const advanceWeight = ({ context, event }: Step): Change => ({
  ...nextStep({ context, event }),
  weight: nextWeight(event.plan.ladder, context.weight) ?? context.weight,
  mirrored: false,
})

/** A/B sends all matching requests to the canary; blue/green leaves the live ones where they are. */
export const advanceIteration = ({ context, event }: Step): Change => ({
  ...nextStep({ context, event }),
  iterations: context.iterations + 1,
  weight: event.plan.strategy === 'ab-testing' ? 100 : context.weight,
  mirrored: event.plan.mirror && context.weight === 0,
})

/** Blue/green: all live traffic to the canary for one last analysis. What the promotion gate granted stays granted. */
export const switchTraffic = ({ context, event }: Step): Change => ({
  ...nextStep({ context, event }),
  weight: 100,
  mirrored: false,
  iterations: context.iterations + 1,
  grants: [...new Set([...context.grants, ...grantsOf(event)])],
})

export const promote = (): Change => ({
  mirrored: false,
  unanswered: 0,
  grants: [],
  nextEvidenceAtMs: undefined,
})

export const returnTraffic = ({ context, event }: Step): Change => {
  const weight = returnedWeight(context, event.plan)
  return { weight, servingFrom: 'primary', nextEvidenceAtMs: weight === 0 ? undefined : nextDue(context, event) }
}

/** 100 to the healthy track, whichever it is. */
export const rollBack = ({ context, event }: Step): Change => ({
  weight: context.servingFrom === 'canary' ? 100 : 0,
  mirrored: false,
  ...nothingCounted,
  nextEvidenceAtMs: undefined,
  failure: failureOf(context, event),
})

/** The primary is on its way to a revision that nobody wants any more: everybody stays where they are until it has the promoted one back. */
export const callOff = ({ context, event }: Step): Change => ({ ...rollBack({ context, event }), weight: context.weight })

/** What was promoted belongs to the primary, as before the rollout. */
export const returnAll = (): Change => ({ weight: 0, nextEvidenceAtMs: undefined })

export const returnUnrestored = ({ event }: Step): Change => ({
  ...returnAll(),
  failure: { reason: 'RestoreFailed', message: detailOf(event) },
})

/** The primary holds the new template but cannot run it; the canary, which ran it through the analysis, serves. */
export const serveFromCanary = ({ context, event }: Step): Change => ({
  ...rollBack({ context, event }),
  weight: 100,
  servingFrom: 'canary',
  promoted: context.analysed,
  failure: { reason: 'PromotionFailed', message: detailOf(event) },
})

/** The same of a primary that cannot be given back what it had. */
export const stayWithCanary = (step: Step): Change => ({
  ...serveFromCanary(step),
  failure: { reason: 'RestoreFailed', message: detailOf(step.event) },
})

export const finish = ({ context }: Step): Change => ({
  promoted: context.analysed,
  weight: 0,
  ...nothingCounted,
  nextEvidenceAtMs: undefined,
  startedAtMs: undefined,
  servingFrom: 'primary',
})

/** The target went back to what is promoted: nothing is left to judge. */
export const cancel = ({ context }: Step): Change => ({
  analysed: context.promoted,
  weight: 0,
  mirrored: false,
  ...nothingCounted,
  nextEvidenceAtMs: undefined,
})

const detailOf = (event: RolloutEvent): string => ('verdict' in event ? event.verdict.message : 'message' in event ? event.message : '')

const failureOf = (context: RolloutContext, event: RolloutEvent): Failure => {
  const message = detailOf(event)
  switch (event.type) {
    case 'CHECKS_FAILED':
      return {
        reason: event.verdict.reason ?? 'FailedChecksThreshold',
        message: `failed checks threshold reached ${context.failedChecks}: ${message}`,
      }
    case 'CHECKS_INCONCLUSIVE':
      return { reason: 'NoEvidence', message: `no usable answer in ${context.unanswered} intervals: ${message}` }
    case 'CANARY_STUCK':
      return { reason: event.reason ?? 'ProgressDeadlineExceeded', message }
    case 'BOTH_STUCK':
      return { reason: 'PromotionFailed', message }
    case 'CHECKS_FATAL':
    case 'DEADLINE_EXCEEDED':
      return { reason: event.verdict.reason ?? 'ProgressDeadlineExceeded', message }
    default:
      return { reason: 'FailedChecksThreshold', message }
  }
}
