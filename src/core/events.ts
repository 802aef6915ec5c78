import type { Reason } from '../api/reasons.ts'
import type { Pin } from '../api/status.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import type { Verdict } from './verdict.ts'

/** What every event carries: the time, and the plan as the spec says it now, so that edits in mid-run take effect at the next event. */
export interface Now {
  readonly nowMs: number
  readonly plan: RolloutPlan
}

/** News for the machine. Each pass has at most one. */
export type RolloutEvent = Now &
  (
    | { readonly type: 'DELETED' }
    | { readonly type: 'REVISION_CHANGED'; readonly revision: Pin }
    | { readonly type: 'RETURNED_TO_PROMOTED' }
    /** The observed world equals the desired world of the state. `revision` is the target's, where one waits to be started. */
    | { readonly type: 'CONVERGED' }
    /** The primary is gone and nothing is left to rebuild it from: the target has to be taken as it is, once more. */
    | { readonly type: 'PRIMARY_LOST'; readonly revision: Pin }
    /** Another controller managed the Canary until now: what its status lacks, as the cluster shows it. `weight` where the recorded one is not the routed one. */
    | {
        readonly type: 'TAKEN_OVER'
        readonly analysed?: Pin | undefined
        readonly promoted?: Pin | undefined
        readonly weight?: number | undefined
        readonly message: string
      }
    /** The spec changed so that the recorded weight means something else now. */
    | { readonly type: 'PLAN_CHANGED'; readonly message: string }
    /** The step under way did not have its time: the route carries its weight only now, or the clock was stepped. */
    | { readonly type: 'STEP_DELAYED' }
    | { readonly type: 'CANARY_STUCK'; readonly reason?: Reason; readonly message: string }
    | { readonly type: 'PRIMARY_STUCK'; readonly message: string }
    /** The primary does not come up, and the canary cannot stand in for it: it has no ready pod, or is not what was analysed. */
    | { readonly type: 'BOTH_STUCK'; readonly message: string }
    /** The state held longer than the progress deadline for a reason that no human can lift. */
    | { readonly type: 'DEADLINE_EXCEEDED'; readonly verdict: Verdict }
    | { readonly type: 'CHECKS_PASSED'; readonly revision?: Pin; readonly grants: readonly string[] }
    | { readonly type: 'CHECKS_FAILED'; readonly verdict: Verdict; readonly grants: readonly string[] }
    | { readonly type: 'CHECKS_WAITING'; readonly verdict: Verdict; readonly grants: readonly string[] }
    | { readonly type: 'CHECKS_INCONCLUSIVE'; readonly verdict: Verdict; readonly grants: readonly string[] }
    | { readonly type: 'CHECKS_FATAL'; readonly verdict: Verdict; readonly revision?: Pin; readonly grants: readonly string[] }
  )
export type RolloutEventType = RolloutEvent['type']

export const eventTypes: readonly RolloutEventType[] = [
  'DELETED',
  'REVISION_CHANGED',
  'RETURNED_TO_PROMOTED',
  'CONVERGED',
  'PRIMARY_LOST',
  'TAKEN_OVER',
  'PLAN_CHANGED',
  'STEP_DELAYED',
  'CANARY_STUCK',
  'PRIMARY_STUCK',
  'BOTH_STUCK',
  'DEADLINE_EXCEEDED',
  'CHECKS_PASSED',
  'CHECKS_FAILED',
  'CHECKS_WAITING',
  'CHECKS_INCONCLUSIVE',
  'CHECKS_FATAL',
]
