import { keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import { decide } from '../core/decide.ts'
import { isHindered, revisionIsNew } from '../core/news.ts'
import type { Obstacle } from '../core/observation.ts'
import { holdOf, type Plan, workOf } from '../core/plan.ts'
import { isDue, type Questions, questionsOf } from '../core/questions.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { dispositionOf } from '../errors.ts'
import type { Convergence } from './converge.ts'
import { keepFinalizer, restoreIfDeleted } from './deletion.ts'
import { desired } from './desired.ts'
import { gather } from './gather.ts'
import type { Look } from './look.ts'
import { observe } from './observe.ts'
import { graceMs } from './patience.ts'
import type { Requeue } from './requeue.ts'
import { settle, settleUnrecorded } from './settle.ts'
import type { PassIo, World } from './world.ts'

const rest: Requeue = { afterMs: undefined }
const again: Requeue = { afterMs: 0 }

/** One level-based pass: reads the world as it is, never the event that woke us. */
export const pass = async (key: ObjectKey, world: World, io: PassIo): Promise<Requeue> => {
  const before = await world.look(key, io)
  if (!before) return forget(key, world)
  world.outbox.offer(before.canary, { ...io, signal: io.stopping })
  if (before.raw.metadata.deletionTimestamp) return restoreIfDeleted(before, world, io)
  const unrecorded = await settleUnrecorded(before, { world, io })
  if (unrecorded) return unrecorded
  const sure = decide(observe(before, world)) // what needs no question: obstacle, new revision, lost track, deadline
  if (sure.event || before.obstacle) return settle(sure, before, { world, io })
  if (await keepFinalizer(before, world, io)) return again
  return pursue(before, world, io)
}

/** Finishes what the recorded status asks for; when all stands as recorded, goes on. */
const pursue = async (before: Look, world: World, io: PassIo): Promise<Requeue> => {
  const { held: waited, wrote, error } = await converge(before, world, io)
  const held = error === undefined ? (hindranceOf(before) ?? waited) : waited // what is missing is why the rest waits
  if (wrote > 0 && error === undefined) return again
  if (world.patience.bearsWith(held?.reason, before)) return later(error)
  const questions = held ? undefined : dueQuestions(before)
  if (questions) return ask(before, { questions, world, io })
  return settle(decide(observe(before, world, { convergence: held ?? 'converged' })), before, { world, io })
}

const converge = async ({ scene }: Look, world: World, io: PassIo): Promise<Convergence> =>
  scene ? world.converger.converge(desired(scene), io) : { held: undefined, wrote: 0 }

/** What the world lacks for a rollout holds it where it needs that. */
const hindranceOf = ({ canary, hindrance }: Look): Obstacle | undefined => (isHindered(stateOf(canary.status)) ? hindrance : undefined)

/** What may pass by itself is tried again without a word: a refusal for good soon, all else as the queue backs off. */
const later = (error: unknown): Requeue => {
  if (error !== undefined && dispositionOf(error) === 'retry') throw error
  return { afterMs: graceMs }
}

const forget = (key: ObjectKey, world: World): Requeue => {
  world.forget(keyText(key))
  return rest
}

interface Inquiry {
  readonly questions: Questions
  readonly world: World
  readonly io: PassIo
}

/** Everything stands as recorded and questions are due: they are asked, and decided on with a fresh look. */
const ask = async (before: Look, { questions, world, io }: Inquiry): Promise<Requeue> => {
  const { canary } = before
  const startMs = io.clock.monotonicMs()
  const inquiry = { canary, questions, phase: phaseOf(stateOf(canary.status)) }
  const evidence = await gather(inquiry, world.tools, { ...io, signal: io.stopping })
  if (io.stopping.aborted) return rest // what was called off says nothing about the canary
  const after = await world.look(keyOf(before.raw), io)
  if (!after || !sameStep(before, after)) return again // the evidence speaks of something that is over
  world.measured(after, evidence, io.clock.monotonicMs() - startMs)
  return settle(decide(observe(after, world, { evidence, convergence: standingOf(after) })), after, { world, io })
}

/** Whether what was asked about is still what stands there: the same step of the same revision. */
const sameStep = (a: Look, b: Look): boolean => {
  const [x, y] = [a.canary.status, b.canary.status]
  const isSame = stateOf(x) === stateOf(y) && x.stateSince === y.stateSince && x.nextEvidenceAt === y.nextEvidenceAt
  return isSame && a.revision?.pin.hash === b.revision?.pin.hash
}

/** Whether the world is as recorded, without touching it. */
const standingOf = ({ scene }: Look): 'converged' | 'pending' | Obstacle => {
  const plan: Plan = scene ? desired(scene) : []
  return holdOf(plan) ?? (workOf(plan).length > 0 ? 'pending' : 'converged')
}

const dueQuestions = ({ canary, seen, revision }: Look) => {
  const context = contextOf(canary.status, seen.nowMs)
  const situation = { state: stateOf(canary.status), context, plan: seen.plan, revisionIsNew: revisionIsNew(context, revision?.pin.hash) }
  return isDue(context, seen.nowMs) ? questionsOf(situation) : undefined
}
