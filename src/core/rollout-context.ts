import type { Reason } from '../api/reasons.ts'
import type { Pin } from '../api/status.ts'

/** The program counter of one rollout beside its state: what `status` remembers, in the machine's terms. Times are epoch milliseconds. */
export interface RolloutContext {
  /** Percent of live requests recorded for the canary. */
  readonly weight: number
  readonly mirrored: boolean
  readonly iterations: number
  readonly failedChecks: number
  /** Intervals in a row in which the store had nothing to say. */
  readonly unanswered: number
  readonly servingFrom: 'primary' | 'canary'
  /** Names of hooks that approved this revision at this step. */
  readonly grants: readonly string[]
  readonly analysed: Pin | undefined
  readonly promoted: Pin | undefined
  readonly startedAtMs: number | undefined
  readonly stateSinceMs: number
  readonly nextEvidenceAtMs: number | undefined
  readonly failure: Failure | undefined
}

export interface Failure {
  readonly reason: Reason
  readonly message: string
}

/** Where a Canary begins. */
export const freshContext = (nowMs: number): RolloutContext => ({
  weight: 0,
  mirrored: false,
  iterations: 0,
  failedChecks: 0,
  unanswered: 0,
  servingFrom: 'primary',
  grants: [],
  analysed: undefined,
  promoted: undefined,
  startedAtMs: undefined,
  stateSinceMs: nowMs,
  nextEvidenceAtMs: undefined,
  failure: undefined,
})
