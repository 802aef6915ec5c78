import { phaseOf } from '../api/phases.ts'
import { holdOf } from '../core/plan.ts'
import { wayBackTaken } from './desired-revert.ts'
import { routeAccepted } from './desired-waits.ts'
import { formerRoutesLeaveCanary } from './former-routes.ts'
import type { Scene } from './scene.ts'

/** The layer that routes took what the state asks for; nobody wants to know while the canary gets a share. */
export const routeIsTaken = (scene: Scene): boolean => {
  if (phaseOf(scene.state) === 'Terminating') return holdOf(wayBackTaken(scene)) === undefined
  return scene.context.weight === 0 && holdOf([...routeAccepted(scene), ...formerRoutesLeaveCanary(scene)]) === undefined
}
