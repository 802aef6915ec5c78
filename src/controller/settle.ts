import { canaryKind } from '../api/kinds.ts'
import { keyOf, keyText } from '../api/object.ts'
import type { Decision } from '../core/decide.ts'
import type { RolloutEventType } from '../core/events.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { messageOf } from '../errors.ts'
import { startDeadline } from '../kube/deadline.ts'
import { isKubeError } from '../kube/errors.ts'
import { desired } from './desired.ts'
import { pinSteps } from './desired-pins.ts'
import type { Look } from './look.ts'
import { readBack } from './read-back.ts'
import { type Requeue, sleepUntilDue } from './requeue.ts'
import type { Scene } from './scene.ts'
import type { PassIo, World } from './world.ts'

interface Place {
  readonly world: World
  readonly io: PassIo
}

/** Records a decision, then says what happened. The next pass, at once, makes the world follow. */
export const settle = async (decision: Decision, look: Look, place: Place): Promise<Requeue> => {
  const { world, io } = place
  if (!decision.changed) return sleepUntilDue(look, world)
  if (look.scene && restsOnCaches(decision)) await world.secondLook.confirm(look.scene, io)
  const scene = look.scene && sceneAfter(look.scene, decision)
  if (scene && namesNewPin(decision, look)) await createPin(scene, place)
  await recordOrLatch({ decision, look, scene }, place)
  world.announce(look, decision, io)
  if (scene && isOneMoreStep(decision, look) && hasItsTime(scene, place)) await stepAtOnce(scene, place)
  return decision.event ? { afterMs: 0 } : sleepUntilDue(look, world, decision.status)
}

/** What says that pods do not come up: a process that could see nothing for a while knows the least of that. */
const aboutPods: readonly (RolloutEventType | undefined)[] = ['CANARY_STUCK', 'PRIMARY_STUCK', 'BOTH_STUCK', 'DEADLINE_EXCEEDED']

/** A rollback waits for no doubt where somebody said that the canary is bad: evidence is in no cache. */
const restsOnCaches = ({ event, rollsBack }: Decision): boolean => event !== undefined && (!rollsBack || aboutPods.includes(event.type))

/** Share of an interval that the route of a step may take within the pass that records it. One that takes longer is left to the next pass, which sees how late it is. */
const stepShare = 0.05

/** Whether a step whose route is written now is judged an interval later: not so when it took long to record. The next pass then gives it more. */
const hasItsTime = ({ context, plan }: Scene, { world }: Place): boolean =>
  (context.nextEvidenceAtMs ?? 0) - world.api.serverNowMs() >= plan.intervalMs * (1 - stepShare)

const stepAtOnce = async (scene: Scene, { world, io }: Place): Promise<void> => {
  const deadline = startDeadline(io, scene.plan.intervalMs * stepShare)
  await world.converger.converge(desired(scene), { ...io, signal: deadline.signal })
  deadline.clear()
}

/**
 * Whether only weights and times moved: what was seen of both tracks then holds for the recorded step as well, and its route is written at
 * once. Where passes come late, one that is left to the next pass would be late again, and its step only ever get more time.
 */
const isOneMoreStep = ({ event, state, status }: Decision, { canary }: Look): boolean =>
  event !== undefined && status.nextEvidenceAt !== undefined && state === stateOf(canary.status)

/** The scene as it will be once the decision is recorded. */
const sceneAfter = (scene: Scene, { status }: Decision): Scene => {
  const canary = { ...scene.canary, status }
  return { ...scene, canary, context: contextOf(status, scene.nowMs), state: stateOf(status) }
}

const namesNewPin = ({ status }: Decision, { canary }: Look): boolean =>
  status.analysed?.name !== canary.status.analysed?.name || status.promoted?.name !== canary.status.promoted?.name

/** A status never names a pin that does not exist. */
const createPin = async (scene: Scene, { world, io }: Place): Promise<void> => {
  const { error } = await world.converger.converge(pinSteps(scene), io)
  if (error !== undefined) throw error
}

interface Settlement {
  readonly decision: Decision
  readonly look: Look
  readonly scene: Scene | undefined
}

/**
 * Recording comes first. Only where a rollback cannot be recorded (an admission webhook is down, the status is refused) the route is
 * lowered all the same: users come before bookkeeping. It is recorded as soon as that can be done, and lowered again should somebody raise it.
 */
const recordOrLatch = async ({ decision, look, scene }: Settlement, { world, io }: Place): Promise<void> => {
  try {
    await world.recorder.record(look.raw, decision.status, io)
    world.unrecorded.forget(keyText(keyOf(look.raw)))
  } catch (error) {
    if (isKubeError(error, 'Fenced')) throw error
    if (isKubeError(error, 'Conflict', 'Unreachable')) await findOut(look, { world, io })
    if (isKubeError(error, 'Conflict')) throw error
    world.unrecorded.keep(look.raw, decision)
    if (decision.rollsBack && scene) await lower(scene, error, { world, io })
    throw error
  }
}

const lower = async (scene: Scene, error: unknown, { world, io }: Place): Promise<void> => {
  io.log.error({ error: messageOf(error) }, 'rollback could not be recorded, lowering the route without it')
  await world.converger.converge(desired(scene), io)
}

/** The answer got lost, or somebody was faster: only the server knows what is recorded, and what is cached may be older than that. */
const findOut = async ({ raw }: Look, { world, io }: Place): Promise<void> => {
  try {
    const found = await readBack(world.api, { kind: canaryKind, key: keyOf(raw) }, io)
    if (found) world.own.wrote(canaryKind, found)
  } catch (error) {
    io.log.debug({ error: messageOf(error) }, 'the server does not answer, the watch will tell')
  }
}

/** A decision of which it was not known whether it is recorded: people hear of one that is; a rollback that is not is recorded before anything else is decided. */
export const settleUnrecorded = async (look: Look, place: Place): Promise<Requeue | undefined> => {
  const found = place.world.unrecorded.of(look.raw)
  if (found?.isThere) place.world.announce(look, found.decision, place.io)
  if (!found || found.isThere || !found.decision.rollsBack) return undefined
  return settle(found.decision, look, place)
}
