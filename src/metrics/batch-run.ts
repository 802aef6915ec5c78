import type { Io } from '../io.ts'
import { splitBatch, suitsBatch } from './batch-answer.ts'
import { type BatchExperience, slowMs, type Trial } from './batch-experience.ts'
import { readAnswer } from './prometheus-answer.ts'
import type { CallPrometheus, Outcome, PrometheusCall } from './prometheus-call.ts'
import { batchOf } from './query-batch.ts'
import { calledOff } from './silence.ts'

/** A batch that takes longer is given up, and its queries are asked alone. */
const patienceMs = 1000

/** A query that may join others, as it would be asked alone. */
export interface JointCall extends PrometheusCall {
  /** Takes credentials out of a text. */
  readonly clean: (text: string) => string
}

/** Somebody who waits for the answer to a call. */
export interface Member {
  readonly call: JointCall
  readonly io: Io
  readonly done: PromiseWithResolvers<Outcome>
}

interface Run {
  readonly experience: BatchExperience
  readonly send: CallPrometheus
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
}

/** Asks for all in one request, and for each alone when that fails. Every member is answered. */
export const askTogether = async (members: readonly Member[], run: Run): Promise<void> => {
  const [first, ...others] = members
  if (!first) return
  if (others.length === 0) return first.done.resolve(await run.send(first.call, first.io))
  const queries = members.map(({ call }) => call.query)
  const beganMs = first.io.clock.monotonicMs()
  const joint = { ...first.call, query: batchOf(queries), method: 'POST', timeoutMs: patienceMs } as const
  const outcome = await run.send(joint, { ...first.io, signal: run.signal })
  if (run.signal.aborted) return
  const parts = 'silence' in outcome ? undefined : splitBatch(outcome, members.length)
  if (!parts) return askApart(members, run, outcome)
  const endedMs = first.io.clock.monotonicMs()
  run.experience.answered(queries, endedMs - beganMs, endedMs)
  for (const [at, { done }] of members.entries()) done.resolve(parts[at] ?? calledOff)
}

const askApart = async (members: readonly Member[], { experience, send }: Run, failure: Outcome): Promise<void> => {
  const tried = await Promise.all(
    members.map(async member => {
      const { outcome, trial } = await tryAlone(member.call, send, member.io)
      member.done.resolve(outcome)
      return { member, trial }
    }),
  )
  const stayed = tried.filter(({ member }) => !member.io.signal.aborted)
  const [one] = stayed
  if (!one) return
  const { call, io } = one.member
  const pausedMs = experience.failed(
    stayed.map(({ trial }) => trial),
    io.clock.monotonicMs(),
  )
  if (pausedMs === undefined) return
  const fields = { address: call.endpoint.url, forSeconds: pausedMs / 1000, error: call.clean(wordsOf(failure)) }
  io.log.warn(fields, 'queries to this store are not batched for a while: it answers them one by one only')
}

const wordsOf = (failure: Outcome): string => {
  const answer = 'silence' in failure ? failure : readAnswer(failure)
  return 'silence' in answer ? answer.silence.message : 'an answer that could not be taken apart'
}

/** Makes the call as it is, and finds out whether its query could be one of a batch. */
export const tryAlone = async (
  call: JointCall,
  send: CallPrometheus,
  io: Io,
): Promise<{ readonly outcome: Outcome; readonly trial: Trial }> => {
  const beganMs = io.clock.monotonicMs()
  const outcome = await send(call, io)
  const suits = !('silence' in outcome) && suitsBatch(outcome)
  const fits = suits && io.clock.monotonicMs() - beganMs <= slowMs
  return { outcome, trial: { query: call.query, fits, atFault: !suits && isVerdictOnQuery(outcome) } }
}

/** Refused, too long, of another type, or with something left out: it is about this query, not about the server. */
const isVerdictOnQuery = (outcome: Outcome): boolean =>
  'silence' in outcome ? outcome.silence.kind === 'no-data' : [200, 400, 422].includes(outcome.status)
