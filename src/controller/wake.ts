import { phaseOf, type RolloutState } from '../api/phases.ts'
import type { Reason } from '../api/reasons.ts'
import type { CanaryStatus } from '../api/status.ts'
import { formerPatienceMs } from '../core/inventory.ts'
import type { RolloutPlan } from '../core/rollout-plan.ts'

/** What the next look at a Canary waits for beside the watches. */
export interface Sleep {
  readonly status: CanaryStatus
  readonly state: RolloutState
  readonly plan: RolloutPlan
  readonly nowMs: number
  readonly drainMs: number
  readonly settleMs: number
}

/** No watch tells when these are over: they are tried again, soon at first and then ever more rarely. */
const blindReasons: readonly string[] = [
  'DeferredWrite',
  'Contested',
  'ConfigUnreadable',
  'ConfigMissing',
  'RevisionMoved',
  'CRDOutdated',
] satisfies Reason[]

const retry = { leastMs: 1000, mostMs: 60_000 } as const
/** Traffic that has to go back, and a Canary that somebody waits for to be gone, are worth more attempts. */
const urgentMostMs = 5000

const retryMs = ({ status: { hold }, state, nowMs }: Sleep): number | undefined => {
  if (!hold || !blindReasons.includes(hold.reason)) return undefined
  const mostMs = state === 'Failed.returning' || phaseOf(state) === 'Terminating' ? urgentMostMs : retry.mostMs
  return Math.min(mostMs, Math.max(retry.leastMs, nowMs - Date.parse(hold.since)))
}

/** What should have been asked already is never far away, and never a hot loop. */
const overdueMs = 1000

/**
 * Milliseconds until something is due by the clock alone: evidence, a deadline, the end of draining or settling, another attempt. Undefined:
 * only watches wake it.
 */
export const wakeAfterMs = (sleep: Sleep): number | undefined => {
  const { status, plan, nowMs, drainMs, settleMs } = sleep
  const since = status.stateSince ? Date.parse(status.stateSince) : nowMs
  const evidenceMs = status.nextEvidenceAt === undefined ? undefined : Date.parse(status.nextEvidenceAt) - nowMs
  const delays = [
    evidenceMs,
    status.hold ? Date.parse(status.hold.since) + plan.deadlineMs + 1 - nowMs : undefined,
    status.drainSince === undefined ? undefined : Date.parse(status.drainSince) + drainMs - nowMs,
    ...(status.hold?.reason === 'RouteNotAccepted' ? [settleMs, formerPatienceMs(plan)].map(ms => since + ms - nowMs) : []),
    ...(status.inventory ?? []).map(({ replacedAt }) => (replacedAt === undefined ? undefined : Date.parse(replacedAt) + settleMs - nowMs)),
    retryMs(sleep),
    evidenceMs !== undefined && evidenceMs <= 0 && !status.hold ? overdueMs : undefined,
  ].filter((delay): delay is number => delay !== undefined && delay > 0)
  return delays.length > 0 ? Math.min(...delays) : undefined
}
