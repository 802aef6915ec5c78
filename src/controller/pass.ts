import { keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import { reasons } from '../api/reasons.ts'
import { type Decision, decide } from '../core/decide.ts'
import { decideFirst } from '../core/decide-first.ts'
import type { Evidence } from '../core/evidence.ts'
import { copiesUnknown, revisionIsNew } from '../core/news.ts'
import type { Observation, Obstacle } from '../core/observation.ts'
import { holdOf, type Plan, workOf } from '../core/plan.ts'
import { appealOf, isDue, type Questions, questionsOf } from '../core/questions.ts'
import { isStandBy } from '../core/stand-by.ts'
import { isSo } from '../core/states.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { dispositionOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Convergence } from './converge.ts'
import { keepFinalizer, restoreIfDeleted } from './deletion.ts'
import { desired } from './desired.ts'
import { gather } from './gather.ts'
import type { Findings, Inquiry } from './inquiries.ts'
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
  const inquiry = world.inquiries.about(keyText(key), askableSteps(before))
  world.outbox.offer(before.canary, { ...io, signal: io.stopping })
  world.diagnoses.attend(before, { ...io, signal: io.stopping })
  world.secondLook.attend(before, { ...io, signal: io.stopping })
  if (isStandBy(before.obstacle)) return settle(decide(observe(before, world)), before, { world, io })
  if (before.raw.metadata.deletionTimestamp) return restoreIfDeleted(before, world, io)
  const unrecorded = await settleUnrecorded(before, { world, io })
  if (unrecorded) return unrecorded
  const seen = observe(before, world)
  const sure = decideFirst(seen) // what needs no question: obstacle, new revision, lost track, deadline; or what has to be remembered
  if (sure?.event || (sure && before.obstacle)) return settle(sure, before, { world, io })
  if (sure) return remember(sure, before, { world, io })
  if (await keepFinalizer(before, world, io)) return again
  return pursue({ before, seen, inquiry }, { world, io })
}

interface Place {
  readonly world: World
  readonly io: PassIo
}

interface Standing {
  readonly before: Look
  /** As it was when the pass began: the caches that a look reads go on. */
  readonly seen: Observation
  readonly inquiry: Inquiry | undefined
}

/** What acting would take from the world is recorded first; then the world follows. */
const remember = async (decision: Decision, look: Look, { world, io }: Place): Promise<Requeue> => {
  await settle(decision, look, { world, io })
  return again
}

/** Finishes what the recorded status asks for; when all stands as recorded, goes on. */
const pursue = async ({ before, seen, inquiry }: Standing, { world, io }: Place): Promise<Requeue> => {
  const { held: waited, wrote, error } = await converge(before, world, io)
  const delayed = wrote > 0 || error !== undefined ? delayedStep({ ...seen, nowMs: world.api.serverNowMs() }) : undefined
  if (delayed) return settle(delayed, before, { world, io })
  const held = error === undefined ? (hindranceOf(before) ?? waited) : waited // what is missing is why the rest waits
  if (wrote > 0 && error === undefined) return again
  if (inquiry?.findings) return conclude(before, inquiry.findings, { world, io })
  if (world.patience.bearsWith(held?.reason, before)) return later(error)
  if (held) return holdFor({ before, seen, inquiry, held, error }, { world, io })
  return inquire({ before, seen, inquiry }, { world, io })
}

interface Waiting extends Standing {
  readonly held: Obstacle
  readonly error: unknown
}

/** Why it does not go on is recorded. What refused a write took its time, and the world went on meanwhile. */
const holdFor = ({ before, seen, inquiry, held, error }: Waiting, { world, io }: Place): Promise<Requeue> => {
  appeal(before, inquiry, { world, io })
  const now = error === undefined ? seen : observe(before, world)
  return settle(decide({ ...now, convergence: held }), before, { world, io })
}

/** Whatever is waited for, people may call the rollout off. */
const appeal = (before: Look, inquiry: Inquiry | undefined, place: Place): void => {
  const situation = situationOf(before)
  const questions = inquiry ? undefined : appealOf(situation)
  if (questions && isAppealDue(situation, before, place)) ask(before, questions, place)
}

/** A step whose route cannot be written is put off again and again: those who call it off are asked all the same. */
const isAppealDue = ({ context, plan }: ReturnType<typeof situationOf>, look: Look, { world, io }: Place): boolean => {
  const askedAtMs = world.inquiries.askedAtMs(keyText(keyOf(look.raw)))
  return isDue(context, look.seen.nowMs) || askedAtMs === undefined || io.clock.monotonicMs() - askedAtMs >= plan.intervalMs
}

/** All stands as recorded: what is due is asked, and what is being asked is waited for. */
const inquire = async ({ before, seen, inquiry }: Standing, { world, io }: Place): Promise<Requeue> => {
  const questions = inquiry ? undefined : dueQuestions(before)
  if (questions) return ask(before, questions, { world, io })
  if (inquiry && !before.canary.status.hold) return asking
  return settle(decide({ ...seen, convergence: 'converged' }), before, { world, io })
}

const converge = async ({ scene, raw }: Look, world: World, io: PassIo): Promise<Convergence> => {
  if (!scene) return { held: undefined, wrote: 0 }
  const plan = desired(scene)
  const found = await world.converger.converge(plan, io)
  for (const { news } of workOf(plan).slice(0, found.wrote))
    if (news) world.events.record(raw, { ...news, type: reasons[news.reason].event })
  return found
}

/** A route that was behind, and whose write took its time: the step begins only now. After this pass nothing would show it any more. */
const delayedStep = (seen: Observation): Decision | undefined => {
  const decision = decideFirst(seen)
  return decision?.event?.type === 'STEP_DELAYED' ? decision : undefined
}

/** What the world lacks for a rollout holds it where it needs that. */
const hindranceOf = (look: Look): Obstacle | undefined => {
  const { status } = look.canary
  const state = stateOf(status)
  const isNeeded = isSo('needsTarget', state) || copiesUnknown({ state, analysed: status.analysed })
  return isNeeded || isLost(look) ? look.hindrance : undefined
}

/** Neither target nor primary is left: no rollout goes on, or ends well, as if all stood as recorded. */
const isLost = ({ canary, scene }: Look): boolean => !scene && phaseOf(stateOf(canary.status)) !== 'Failed'

/** What may pass by itself is tried again without a word: a refusal for good soon, all else as the queue backs off. */
const later = (error: unknown): Requeue => {
  if (error !== undefined && dispositionOf(error) === 'retry') throw error
  return { afterMs: graceMs }
}

const forget = (key: ObjectKey, world: World): Requeue => {
  world.forget(keyText(key))
  return rest
}

/** Answers wake the Canary; this is for the case that they do not. */
const asking: Requeue = { afterMs: 60_000 }

/** Everything stands as recorded and questions are due: they are asked while passes go on. */
const ask = (before: Look, questions: Questions, { world, io }: Place): Requeue => {
  const { canary, raw } = before
  const inquiry = { canary, questions, phase: phaseOf(stateOf(canary.status)), nowMs: before.seen.nowMs }
  const step = questions.isAppeal ? stayOf(before) : stepOf(before)
  const question = { step, ask: (limited: Io) => gather(inquiry, world.tools, limited) }
  world.inquiries.begin(keyText(keyOf(raw)), question, { ...io, signal: io.stopping })
  return asking
}

/**
 * All is known: it is decided on with the look of this pass. Answers are kept until that is recorded, or an API server in trouble would have
 * everybody asked again with each attempt; those older than an interval say nothing any more.
 */
const conclude = async (look: Look, { evidence, tookMs, atMs }: Findings, { world, io }: Place): Promise<Requeue> => {
  const canary = keyText(keyOf(look.raw))
  let next = again
  if (io.clock.monotonicMs() - atMs <= look.seen.plan.intervalMs) {
    world.measured(look, evidence, tookMs)
    next = await settle(decide(observe(look, world, { evidence, convergence: standingFor(evidence, look) })), look, { world, io })
  }
  world.inquiries.end(canary)
  return next
}

/** What answers are about: one step of one revision, under one spec. */
const stepOf = (look: Look): string => JSON.stringify([stayOf(look), look.canary.status.nextEvidenceAt])

/** Who calls a rollout off means this step as well as the next one; what hangs in one state holds up no other. */
const stayOf = ({ raw, canary, revision }: Look): string => {
  const { uid, generation } = raw.metadata
  return JSON.stringify([uid, generation, stateOf(canary.status), canary.status.stateSince, revision?.pin.hash])
}

/** Nobody is asked for a Canary that goes, or that nothing may be done with. */
const askableSteps = (look: Look): readonly string[] =>
  look.obstacle || look.raw.metadata.deletionTimestamp ? [] : [stepOf(look), stayOf(look)]

/** What is waited for while people are asked whether they call it off was recorded with its reason, by a pass that tried to do something about it. */
const standingFor = ({ isAppeal }: Evidence, look: Look): 'converged' | 'pending' | Obstacle => {
  const standing = hindranceOf(look) ?? standingOf(look)
  return isAppeal && typeof standing === 'object' ? 'pending' : standing
}

/** Whether the world is as recorded, without touching it. */
const standingOf = (look: Look): 'converged' | 'pending' | Obstacle => {
  if (isLost(look)) return 'pending'
  const plan: Plan = look.scene ? desired(look.scene) : []
  return holdOf(plan) ?? (workOf(plan).length > 0 ? 'pending' : 'converged')
}

const situationOf = ({ canary, seen, revision }: Look) => {
  const context = contextOf(canary.status, seen.nowMs)
  return { state: stateOf(canary.status), context, plan: seen.plan, revisionIsNew: revisionIsNew(context, revision?.pin.hash) }
}

const dueQuestions = (look: Look): Questions | undefined => {
  const situation = situationOf(look)
  return isDue(situation.context, look.seen.nowMs) ? questionsOf(situation) : undefined
}
