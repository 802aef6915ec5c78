import { keyOf, keyText } from '../api/object.ts'
import type { Observation } from '../core/observation.ts'
import { declarerOf } from './declarer.ts'
import { scalersOf } from './desired-size.ts'
import { placesOf } from './former-routes.ts'
import type { Look } from './look.ts'
import { routeIsTaken } from './route-is-taken.ts'
import { type Scene, targetExists } from './scene.ts'
import { routeIsBehind } from './serving.ts'
import type { World } from './world.ts'

/** A look in the terms of the core, with what this pass has found out so far. */
export const observe = (look: Look, world: World, found: Partial<Pick<Observation, 'convergence' | 'evidence'>> = {}): Observation => ({
  ...look.seen,
  canary: look.canary,
  deleting: false,
  delivered: world.outbox.delivered(keyText(keyOf(look.raw))),
  receivers: world.receivers,
  remarks: look.notes.map(note => `${note.path}: ${note.message}`),
  ...(look.obstacle ? { obstacle: look.obstacle } : {}),
  ...(look.hindrance ? { hindrance: look.hindrance } : {}),
  ...(look.leavings ? { leftBehind: look.leavings.leftBehind } : {}),
  ...(look.revision ? { revision: look.revision } : {}),
  ...(look.scene ? sceneFacts(look.scene) : {}),
  ...found,
})

const sceneFacts = (scene: Scene) => ({
  ...(scene.workload.can.scale && targetExists(scene) ? { targetSize: sizeOf(scene) } : {}),
  canaryTrack: scene.canaryTrack,
  primaryTrack: scene.primaryTrack,
  ...scalersOf(scene),
  routeIsBehind: routeIsBehind(scene),
  routeIsTaken: routeIsTaken(scene),
  places: placesOf(scene),
  primaryIsLost: scene.primary === undefined && scene.context.promoted !== undefined && !(scene.promotedPin && scene.workload.can.rebuild),
})

const sizeOf = ({ target }: Scene) => ({ replicas: target.replicas, declaredBy: declarerOf(target.object) })
