import { phaseOf } from '../api/phases.ts'
import { holdOf } from '../core/plan.ts'
import { wayBackTaken } from './desired-revert.ts'
import { routeAccepted } from './desired-waits.ts'
import type { Scene } from './scene.ts'

/** The layer that routes took what the state asks for. */
export const routeIsTaken = (scene: Scene): boolean =>
  holdOf(phaseOf(scene.state) === 'Terminating' ? wayBackTaken(scene) : routeAccepted(scene)) === undefined
