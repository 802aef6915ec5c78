import type { Canary } from '../api/canary.ts'
import type { Reason } from '../api/reasons.ts'
import type { Pin, Place } from '../api/status.ts'
import type { ScalerLimits } from './capacity.ts'
import type { Evidence } from './evidence.ts'
import type { Receivers } from './outbox.ts'
import type { Readiness } from './readiness.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import type { LeftBehind } from './take-over.ts'

/** Something that keeps the rollout from going on, in words for people. */
export interface Obstacle {
  readonly reason: Reason
  readonly message: string
}

/** All that a decision is made from: one look at the world. `canary.status` is the state it starts from. */
export interface Observation {
  /** The API server's clock, epoch milliseconds. */
  readonly nowMs: number
  readonly canary: Canary
  readonly plan: RolloutPlan
  /** Deletion was asked for, and something has to be restored first. */
  readonly deleting: boolean
  /** Nothing may be done but saying so: suspended, conflicting, invalid, no usable target. */
  readonly obstacle?: Obstacle
  /** Something in the world that keeps a rollout from starting or going on; what serves is kept as it should be meanwhile. */
  readonly hindrance?: Obstacle
  /** The target as it is now: undefined while it is unknown (for example a digest could not be read). */
  readonly revision?: Revision
  readonly canaryTrack?: Readiness
  readonly primaryTrack?: Readiness
  /** How far the scalers of both tracks go; undefined where there is none. */
  readonly scalers?: ScalerLimits
  /** Why pods that are waited for are not ready, where that is known: words only, which the track's message holds as well. */
  readonly podTroubles?: string
  /** What converging to the recorded status came to; `pending` where something is left to write; undefined before it was tried. */
  readonly convergence?: 'converged' | 'pending' | Obstacle
  /** The live route does not carry the recorded shares, although both tracks could take them. */
  readonly routeIsBehind?: boolean
  /** Its controller has taken the route that the state asks for. */
  readonly routeIsTaken?: boolean
  /** Where the spec asks for routes, whether they carry what the state asks for, and where something is left of earlier ones. */
  readonly places?: { readonly asked: Place; readonly isTaken: boolean; readonly left: readonly Place[] }
  /** Whether the primary is gone and nothing is left to rebuild it from. */
  readonly primaryIsLost?: boolean
  /** How many pods the target asks for, and who declares that in manifests. */
  readonly targetSize?: { readonly replicas: number; readonly declaredBy: string | undefined }
  /** Where the status is one of another controller. */
  readonly leftBehind?: LeftBehind
  /** Undefined before anybody was asked. */
  readonly evidence?: Evidence
  /** Things that work but that people should know (legacy fields). */
  readonly remarks?: readonly string[]
  /** Outbox entries that reached their receiver. */
  readonly delivered: ReadonlySet<string>
  readonly receivers: Receivers
}

/** Identity of what the target asks to run. */
export interface Revision {
  readonly pin: Pin
  readonly templateHash: string
  readonly trackedConfigs: Readonly<Record<string, string>> | undefined
  readonly configVersions: Readonly<Record<string, string>> | undefined
}
