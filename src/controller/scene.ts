import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject } from '../api/object.ts'
import type { RolloutState } from '../api/phases.ts'
import type { Live } from '../core/live.ts'
import type { Readiness } from '../core/readiness.ts'
import type { RolloutContext } from '../core/rollout-context.ts'
import type { RolloutPlan } from '../core/rollout-plan.ts'
import type { Router } from '../routing/router.ts'
import type { PinnedTemplate, Scaler, Target, TargetOptions, Workload } from '../targets/workload.ts'
import type { FormerRoutes } from './former-routes.ts'
import type { Origin } from './left-behind.ts'

export interface StandingScaler {
  readonly kind: KindRef
  readonly object: KubeObject
}

/** What the plan of a state is made of: the recorded program counter, the pins and the live world, once, as plain values. */
export interface Scene {
  readonly canary: Canary
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly plan: RolloutPlan
  readonly nowMs: number
  readonly live: Live
  readonly router: Router
  /** Where an earlier spec asked for routes, as long as something is left there. */
  readonly former: readonly FormerRoutes[]
  readonly workload: Workload
  readonly scaler: Scaler | undefined
  /** A stand-in where the target is missing or cannot be used. */
  readonly target: Target
  /** Since when the target has its template, as far as this process saw; epoch milliseconds. */
  readonly templateSinceMs: number
  /** Digests of the target's tracked configuration; undefined while one could not be read. */
  readonly digests: Readonly<Record<string, string>> | undefined
  readonly primary: KubeObject | undefined
  /** The scaler object that `autoscalerRef` names. */
  readonly scalerSource: KubeObject | undefined
  /** Every scaler of a primary that this Canary made. */
  readonly madeScalers: readonly StandingScaler[]
  /** Every ControllerRevision that this Canary made. */
  readonly pins: readonly KubeObject[]
  /** What the primary of another controller runs, until it is taken over. */
  readonly origin: Origin | undefined
  readonly analysedPin: PinnedTemplate | undefined
  readonly promotedPin: PinnedTemplate | undefined
  readonly canaryTrack: Readiness
  /** Readiness of the primary with the revision that the state wants it to run. */
  readonly primaryTrack: Readiness
  readonly options: PlanOptions
}

/** Flags of the controller that shape what stands in the cluster. */
export interface PlanOptions extends TargetOptions {
  /** How long a track that no longer serves keeps its pods at least, where the Canary says nothing. */
  readonly drainMs: number
  /** How long a route is left alone where its controller does not say that it took it. */
  readonly settleMs: number
}

/** Whether the target is there: one that is gone cannot be written to. */
export const targetExists = ({ target }: Pick<Scene, 'target'>): boolean => target.object.metadata.uid !== undefined
