import type { RolloutState } from '../api/phases.ts'
import type { CanaryStatus } from '../api/status.ts'
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

const drainingStates: readonly RolloutState[] = ['Initialized.parking', 'Finalising.draining', 'Failed.parking']

/** Milliseconds until something is due by the clock alone: evidence, a deadline, the end of draining or settling. Undefined: only watches wake it. */
export const wakeAfterMs = ({ status, state, plan, nowMs, drainMs, settleMs }: Sleep): number | undefined => {
  const since = status.stateSince ? Date.parse(status.stateSince) : nowMs
  const times = [
    status.nextEvidenceAt ? Date.parse(status.nextEvidenceAt) : undefined,
    status.hold ? Date.parse(status.hold.since) + plan.deadlineMs + 1 : undefined,
    drainingStates.includes(state) ? since + drainMs : undefined,
    status.hold?.reason === 'RouteNotAccepted' ? since + settleMs : undefined,
  ].filter(time => time !== undefined)
  const future = times.filter(time => time > nowMs)
  const overdueEvidence = status.nextEvidenceAt !== undefined && Date.parse(status.nextEvidenceAt) <= nowMs
  if (overdueEvidence && !status.hold) return 0
  return future.length > 0 ? Math.min(...future) - nowMs : undefined
}
