import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject, Manifest } from '../api/object.ts'
import type { Reason } from '../api/reasons.ts'
import type { Live } from '../core/live.ts'
import type { Traffic } from '../core/traffic.ts'

/** What a routing layer is able to do. Ask this; never compare names. */
export interface RoutingAbilities {
  /** Splits live requests by percent. */
  readonly weigh: boolean
  /** Copies live requests to the canary while the primary answers, in a weighted run. */
  readonly mirror: boolean
  /** Copies live requests during blue/green iterations. */
  readonly mirrorIterations: boolean
  /** Sends requests by header or cookie. */
  readonly match: boolean
  readonly affinity: boolean
  /** Whether its controller reports that it took a route (false: `observe` says `unknown`, and a settle delay stands in). */
  readonly reportsAccepted: boolean
}

/** What the live routing objects say. `traffic` is undefined where there is no route yet, or one we cannot read. */
export interface Routed {
  readonly traffic: Traffic | undefined
  /** Whether the controller behind it took this very generation. `no` comes with `message`. */
  readonly accepted: 'yes' | 'no' | 'unknown'
  readonly message?: string
}

/** Something in the spec or in the cluster that this layer cannot work with: expected, came, what to do. */
export interface RoutingProblem {
  readonly path: string
  readonly message: string
  /** `InvalidSpec` where it says nothing else. */
  readonly reason?: Extract<Reason, 'InvalidSpec' | 'ForeignObject'>
}

/** Options of the whole controller that shape routing objects. */
export interface RoutingOptions {
  /** Key of the selector label of the target (`app`, `name`, ...), put on apex metadata as the field does. */
  readonly labelKey: string
}

/** An object of a layer that stands in the cluster. */
export interface StandingRoute {
  readonly kind: KindRef
  readonly object: KubeObject
}

/** Such an object with whole fields of its spec as they should be; all others stay. */
export interface FollowedRoute extends StandingRoute {
  readonly spec: Readonly<Record<string, unknown>>
}

/**
 * Turns shares of traffic into the objects of one mesh or ingress, and back. Pure: the controller reads and writes.
 * Nothing here fails on strange live objects; it says so in `check` or `observe`.
 */
export interface Router {
  readonly name: string
  readonly can: RoutingAbilities
  /** The kinds it needs cached, so that a pass reads nothing over the wire. */
  readonly kinds: readonly KindRef[]
  /** Reasons why this Canary cannot be routed by this layer; empty when all is well. */
  check(canary: Canary, live: Live): readonly RoutingProblem[]
  /**
   * The objects that should exist for this traffic, complete in every field we own; `live` only lends what others own (and existing
   * objects keep what we do not own). The order is the order in which they must be written.
   */
  desired(canary: Canary, traffic: Traffic, context: RoutingContext): readonly Manifest[]
  observe(canary: Canary, live: Live): Routed
  /**
   * For a layer that the spec no longer asks for: its objects as they stand, but with these shares. Mirrors are only ever taken away. All else
   * stays as it is, because the spec speaks of another layer. Empty where nothing stands that could be read.
   */
  follow(canary: Canary, traffic: Traffic, live: Live): readonly FollowedRoute[]
  /** The objects under the names of this Canary that this layer makes where they are missing, in the order in which they can go. */
  standing(canary: Canary, live: Live): readonly StandingRoute[]
  /** What deletion puts back: manifests of adopted objects as they were before us. Objects we created go with their owner. */
  revert(canary: Canary, live: Live): readonly Manifest[]
}

export interface RoutingContext {
  readonly live: Live
  readonly options: RoutingOptions
  /** What the revision of the primary is called, where the target keeps its revisions itself. */
  readonly primaryRevision?: string
}
