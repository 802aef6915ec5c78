import type { StateValue } from 'xstate'
import { entryStates, isIdle, type Phase, phaseOf, type RolloutState, states } from '../api/phases.ts'
import type { CanaryStatus } from '../api/status.ts'
import { freshContext, type RolloutContext } from './rollout-context.ts'
import { isForeign } from './take-over.ts'

const known: ReadonlySet<string> = new Set(states)
const isState = (text: string | undefined): text is RolloutState => text !== undefined && known.has(text)

/** Phases whose last step is to rest: they have a state of the phase's own name. */
const resting: readonly Phase[] = ['Initialized', 'Failed']

/**
 * The state a stored status stands in. A sub-state we do not know means the entry of its phase; no phase at all means the beginning. Nobody
 * knows how far another controller came with a rollback: all of it is gone through again.
 */
export const stateOf = (status: CanaryStatus): RolloutState => {
  const { phase, state } = status
  if (isState(state) && phaseOf(state) === phase) return state
  if (!phase || phase === 'Terminated') return 'Initializing.creating'
  if (phase === 'Failed' && isForeign(status)) return 'Failed.returning'
  return entryStates[phase]
}

export const toStateValue = (state: RolloutState): StateValue => {
  const [phase, step] = state.split('.') as [Phase, string | undefined]
  if (step) return { [phase]: step }
  return resting.includes(phase) ? { [phase]: 'resting' } : phase
}

export const fromStateValue = (value: StateValue): RolloutState => {
  if (typeof value === 'string') return value as RolloutState
  const [phase, step] = Object.entries(value)[0] ?? []
  return (step === 'resting' ? phase : `${phase}.${String(step)}`) as RolloutState
}

const msOf = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time))
/** RFC 3339 to the millisecond. */
export const timeText = (ms: number): string => new Date(ms).toISOString()

/** What the field's controllers leave of one: they say no more than this. */
const isFailedPromotion = ({ phase, state, canaryWeight }: CanaryStatus): boolean =>
  phase === 'Failed' && state === undefined && canaryWeight === 100

/** What was read last from each status: a pass asks several times. Nobody changes a status in place. */
const lastContexts = new WeakMap<CanaryStatus, { readonly nowMs: number; readonly context: RolloutContext }>()

/** The program counter that a status holds. */
export const contextOf = (status: CanaryStatus, nowMs: number): RolloutContext => {
  const last = lastContexts.get(status)
  if (last?.nowMs === nowMs) return last.context
  const context = readContext(status, nowMs)
  lastContexts.set(status, { nowMs, context })
  return context
}

const readContext = (status: CanaryStatus, nowMs: number): RolloutContext => ({
  ...freshContext(nowMs),
  weight: clampPercent(status.canaryWeight ?? 0),
  mirrored: status.mirrored ?? false,
  iterations: Math.max(0, status.iterations ?? 0),
  failedChecks: Math.max(0, status.failedChecks ?? 0),
  unanswered: Math.max(0, status.unanswered ?? 0),
  servingFrom: status.servingFrom ?? (isFailedPromotion(status) ? 'canary' : 'primary'),
  grants: status.grants ?? [],
  analysed: status.analysed,
  promoted: status.promoted,
  startedAtMs: msOf(status.startedAt),
  stateSinceMs: Math.min(nowMs, msOf(status.stateSince) ?? msOf(status.lastTransitionTime) ?? nowMs), // a clock may have been set back
  nextEvidenceAtMs: msOf(status.nextEvidenceAt),
  failure: status.failure as RolloutContext['failure'],
})

const clampPercent = (weight: number): number => Math.min(100, Math.max(0, Math.trunc(weight)))

/** The status fields that hold a program counter. Absent ones are undefined, so that they replace what was there. */
export const statusOf = (state: RolloutState, context: RolloutContext): Partial<Record<keyof CanaryStatus, unknown>> => ({
  phase: phaseOf(state),
  state: state.includes('.') ? state : undefined,
  stateSince: timeText(context.stateSinceMs),
  canaryWeight: context.weight,
  mirrored: context.mirrored || undefined,
  iterations: context.iterations,
  failedChecks: context.failedChecks,
  unanswered: context.unanswered || undefined,
  servingFrom: context.servingFrom === 'canary' ? 'canary' : undefined,
  grants: context.grants.length > 0 ? context.grants : undefined,
  analysed: context.analysed,
  promoted: context.promoted,
  startedAt: isIdle(state) || context.startedAtMs === undefined ? undefined : timeText(context.startedAtMs),
  nextEvidenceAt: context.nextEvidenceAtMs === undefined ? undefined : timeText(context.nextEvidenceAtMs),
  failure: context.failure,
})
