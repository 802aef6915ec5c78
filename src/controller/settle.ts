import { keyOf, keyText } from '../api/object.ts'
import type { Decision } from '../core/decide.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { isKubeError } from '../kube/errors.ts'
import { desired } from './desired.ts'
import { pinSteps } from './desired-workloads.ts'
import type { Look } from './look.ts'
import { type Requeue, sleepUntilDue } from './requeue.ts'
import type { Scene } from './scene.ts'
import type { World } from './world.ts'

interface Place {
  readonly world: World
  readonly io: Io
}

/** Records a decision, then says what happened. The next pass, at once, makes the world follow. */
export const settle = async (decision: Decision, look: Look, { world, io }: Place): Promise<Requeue> => {
  if (!decision.changed) return sleepUntilDue(look, world)
  const scene = look.scene && sceneAfter(look.scene, decision)
  if (scene) await world.converger.converge(pinSteps(scene), io) // a status never names a pin that does not exist
  await recordOrLatch({ decision, look, scene }, world, io)
  world.announce(look, decision, io)
  return decision.event ? { afterMs: 0 } : sleepUntilDue(look, world, decision.status)
}

/** The scene as it will be once the decision is recorded. */
const sceneAfter = (scene: Scene, { status }: Decision): Scene => {
  const canary = { ...scene.canary, status }
  return { ...scene, canary, context: contextOf(status, scene.nowMs), state: stateOf(status) }
}

interface Settlement {
  readonly decision: Decision
  readonly look: Look
  readonly scene: Scene | undefined
}

/**
 * Recording comes first. Only where a rollback cannot be recorded (an admission webhook is down, the status is refused) the route is
 * lowered all the same: users come before bookkeeping. The work queue tries to record again, and lowers it again should somebody raise it.
 */
const recordOrLatch = async ({ decision, look, scene }: Settlement, world: World, io: Io): Promise<void> => {
  const key = keyText(keyOf(look.raw))
  try {
    await world.recorder.record(look.raw, decision.status, io)
    world.unrecorded.delete(key)
  } catch (error) {
    const isOurTurn = !isKubeError(error, 'Conflict', 'Fenced')
    if (decision.rollsBack && isOurTurn && scene) {
      world.unrecorded.set(key, decision)
      io.log.error({ canary: key, error: messageOf(error) }, 'rollback could not be recorded, lowering the route without it')
      await world.converger.converge(desired(scene), io)
    }
    throw error
  }
}

/** A rollback that still waits for its record is recorded before anything else is decided. */
export const settleUnrecorded = async (look: Look, place: Place): Promise<Requeue | undefined> => {
  const decision = place.world.unrecorded.get(keyText(keyOf(look.raw)))
  if (!decision) return undefined
  if (stateOf(look.canary.status) === decision.state) {
    place.world.unrecorded.delete(keyText(keyOf(look.raw)))
    return undefined
  }
  return settle(decision, look, place)
}
