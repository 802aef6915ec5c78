import { keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import type { CanaryStatus } from '../api/status.ts'
import { decide } from '../core/decide.ts'
import { revisionIsNew } from '../core/news.ts'
import type { Obstacle } from '../core/observation.ts'
import { isDue, type Questions, questionsOf } from '../core/questions.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import type { Io } from '../io.ts'
import { isKubeError } from '../kube/errors.ts'
import { CopyRefused } from './config-copier.ts'
import type { Convergence } from './converge.ts'
import { keepFinalizer, restoreIfDeleted } from './deletion.ts'
import { desired } from './desired.ts'
import { gather } from './gather.ts'
import type { Look } from './look.ts'
import { observe } from './observe.ts'
import { graceMs } from './patience.ts'
import type { Requeue } from './requeue.ts'
import { settle, settleUnrecorded } from './settle.ts'
import type { World } from './world.ts'

const rest: Requeue = { afterMs: undefined }
const again: Requeue = { afterMs: 0 }

/** One level-based pass: reads the world as it is, never the event that woke us. */
export const pass = async (key: ObjectKey, world: World, io: Io): Promise<Requeue> => {
  const before = await world.look(key, io)
  if (!before) return forget(key, world)
  world.outbox.offer(before.canary, io)
  if (before.raw.metadata.deletionTimestamp) return restoreIfDeleted(before, world, io)
  const unrecorded = await settleUnrecorded(before, { world, io })
  if (unrecorded) return unrecorded
  const sure = decide(observe(before, world)) // what needs no question: obstacle, new revision, lost track, deadline
  if (sure.event || before.obstacle) return settle(sure, before, { world, io })
  if (await keepFinalizer(before, world, io)) return again
  return pursue(before, world, io)
}

/** Finishes what the recorded status asks for; when all stands as recorded, goes on. */
const pursue = async (before: Look, world: World, io: Io): Promise<Requeue> => {
  const { held, wrote } = await converge(before, world, io)
  if (wrote > 0) return again
  if (world.patience.bearsWith(held?.reason, before)) return { afterMs: graceMs }
  const questions = held ? undefined : dueQuestions(before)
  if (questions) return ask(before, { questions, world, io })
  return settle(decide(observe(before, world, { convergence: held ?? 'converged' })), before, { world, io })
}

const forget = (key: ObjectKey, world: World): Requeue => {
  world.forget(keyText(key))
  return rest
}

interface Inquiry {
  readonly questions: Questions
  readonly world: World
  readonly io: Io
}

/** Everything stands as recorded and questions are due: they are asked, and decided on with a fresh look. */
const ask = async (before: Look, { questions, world, io }: Inquiry): Promise<Requeue> => {
  const { canary } = before
  const startMs = io.clock.monotonicMs()
  const signal = AbortSignal.any([io.signal, world.stopping()])
  const evidence = await gather({ canary, questions, phase: phaseOf(stateOf(canary.status)) }, world.tools, { ...io, signal })
  if (signal.aborted) return rest // what was called off says nothing about the canary
  const after = await world.look(keyOf(before.raw), io)
  if (!after || !sameStep(before.canary.status, after.canary.status)) return again // the evidence speaks of a step that is over
  world.measured(after, evidence, io.clock.monotonicMs() - startMs)
  return settle(decide(observe(after, world, { evidence })), after, { world, io })
}

const sameStep = (a: CanaryStatus, b: CanaryStatus): boolean =>
  stateOf(a) === stateOf(b) && a.stateSince === b.stateSince && a.nextEvidenceAt === b.nextEvidenceAt

const dueQuestions = ({ canary, seen, revision }: Look) => {
  const context = contextOf(canary.status, seen.nowMs)
  const situation = { state: stateOf(canary.status), context, plan: seen.plan, revisionIsNew: revisionIsNew(context, revision?.pin.hash) }
  return isDue(context, seen.nowMs) ? questionsOf(situation) : undefined
}

/** What a plan came to. What only a person (or another write) can mend holds the rollout and is said in its status; the rest is tried again. */
const converge = async ({ scene }: Look, world: World, io: Io): Promise<Convergence> => {
  if (!scene) return { held: undefined, wrote: 0 }
  try {
    return await world.converger.converge(desired(scene), io)
  } catch (error) {
    const held = obstacleFrom(error)
    if (!held) throw error
    io.log.warn({ reason: held.reason, error: held.message }, 'the cluster refuses what the state asks for')
    return { held, wrote: 0 }
  }
}

const obstacleFrom = (error: unknown): Obstacle | undefined => {
  if (error instanceof CopyRefused) return { reason: error.code, message: error.message }
  return isKubeError(error, 'Invalid', 'Forbidden', 'NotFound') ? { reason: 'DeferredWrite', message: error.message } : undefined
}
