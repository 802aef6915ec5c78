import type { RolloutState } from '../api/phases.ts'
import type { Plan } from '../core/plan.ts'
import { pinSteps, promotedKnown, retiredPinSteps } from './desired-pins.ts'
import { lostPrimarySteps, primarySteps } from './desired-primary.ts'
import { letGoSteps, revertSteps } from './desired-revert.ts'
import { giveBackSteps, keptSteps, parkSteps, rescueSteps, sizeSteps, unparkSteps } from './desired-target.ts'
import { apexStep, postponedSteps, routeSteps, trackServiceSteps } from './desired-traffic.ts'
import { canaryReady, drained, primaryReady, routeAccepted } from './desired-waits.ts'
import { formerRouteSteps, formerRoutesGo, formerRoutesLeaveCanary } from './former-routes.ts'
import type { Scene } from './scene.ts'

type Piece = (scene: Scene) => Plan

/** What stands as long as a Canary lives: the Services of both tracks and the primary with its pinned template. */
const foundation: readonly Piece[] = [pinSteps, trackServiceSteps, primarySteps]
const routed: readonly Piece[] = [apexStep, formerRouteSteps, routeSteps]

const serving: readonly Piece[] = [...foundation, ...routed]
const analysing: readonly Piece[] = [...foundation, unparkSteps, ...routed, sizeSteps, giveBackSteps, canaryReady, routeAccepted]
const resting: readonly Piece[] = [...serving, parkSteps, giveBackSteps, retiredPinSteps]
/** Traffic that goes back waits for nothing else, and goes first. */
const returning: readonly Piece[] = [
  lostPrimarySteps,
  rescueSteps,
  formerRouteSteps,
  routeSteps,
  apexStep,
  trackServiceSteps,
  routeAccepted,
]

const pieces: Readonly<Record<RolloutState, readonly Piece[]>> = {
  'Initializing.creating': [...foundation, primaryReady],
  'Initializing.switching': [...foundation, primaryReady, ...routed, routeAccepted],
  'Initialized.parking': [...serving, routeAccepted, formerRoutesLeaveCanary, drained, parkSteps],
  Initialized: resting,
  Waiting: resting,
  'Progressing.scaling': [...foundation, ...routed, postponedSteps, unparkSteps, sizeSteps, canaryReady],
  'Progressing.starting': analysing,
  'Progressing.analysing': analysing,
  'Progressing.switching': analysing,
  WaitingPromotion: analysing,
  'Promoting.copying': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps],
  'Promoting.sizing': [trackServiceSteps, unparkSteps, ...routed, pinSteps, primarySteps, primaryReady],
  'Promoting.shifting': [...foundation, unparkSteps, ...routed, primaryReady, routeAccepted],
  'Promoting.settling': [...foundation, unparkSteps, ...routed, routeAccepted],
  'Finalising.draining': [...foundation, ...routed, routeAccepted, formerRoutesLeaveCanary, drained],
  'Finalising.parking': [...serving, routeAccepted, parkSteps],
  Succeeded: resting,
  'Failed.restoring': [trackServiceSteps, keptSteps, ...routed, promotedKnown, pinSteps, primarySteps, primaryReady],
  'Failed.returning': returning,
  'Failed.parking': [...returning, formerRoutesLeaveCanary, drained, parkSteps, ...foundation],
  Failed: resting,
  'Terminating.reverting': [revertSteps],
  'Terminating.draining': [revertSteps, giveBackSteps, letGoSteps],
}

/** What the cluster has to look like in the recorded state, in the order in which to get there. Pure and total. */
export const desired = (scene: Scene): Plan => [...pieces[scene.state], ...lastly(scene)].flatMap(piece => piece(scene))

/** Where the new routes are written, the former ones go in the end. */
const lastly = ({ state }: Scene): readonly Piece[] => (pieces[state].includes(routeSteps) ? [formerRoutesGo] : [])
