import type { Canary } from '../api/canary.ts'
import type { RolloutState } from '../api/phases.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Notice } from '../core/notices.ts'
import type { RolloutPlan } from '../core/rollout-plan.ts'

/** What telemetry hears of the loop. */
export interface ControllerObserver {
  /** A Canary was looked at: what gauges show of it. */
  seen(canary: Canary, state: RolloutState): void
  /** Evidence arrived, so late after it was due. */
  measured(canary: Canary, evidence: Evidence, lateMs: number): void
  /** A decision was recorded. */
  decided(canary: Canary, plan: RolloutPlan, notices: readonly Notice[]): void
  /** A pass that asked for evidence took so long. */
  analysed(canary: Canary, durationMs: number): void
  forgotten(namespace: string, name: string): void
}

export const silentObserver: ControllerObserver = { seen() {}, measured() {}, decided() {}, analysed() {}, forgotten() {} }
