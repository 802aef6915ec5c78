import type { KindRef, ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import type { Io } from '../../src/io.ts'
import { DeadlineExceeded } from '../../src/kube/deadline.ts'
import { errorOfAnswer, fenced, isKubeError, type KubeError, type RequestLabel, unreachable } from '../../src/kube/errors.ts'
import type { Fence } from '../../src/kube/fence.ts'
import { retrying } from '../../src/kube/retry.ts'
import { createServerTime } from '../../src/kube/server-time.ts'
import { StatusError } from '../../src/sandbox/apiserver/status.ts'
import type { FakeVerb } from '../support/fake-faults.ts'
import type { Chance } from './chance.ts'
import type { FaultBook, FaultName } from './fault-book.ts'
import type { MachineRoom } from './machine-room.ts'

/** One request, and what the server does about it. */
export interface Call<T> {
  readonly verb: FakeVerb
  readonly kind: KindRef
  readonly key: ObjectKey
  readonly repeatable: boolean
  /** Runs where the request reaches the server. @throws {StatusError} what the server answers instead */
  carryOut(): T
}

export interface WireOptions {
  /** Of the process at this end. */
  readonly name: string
  readonly room: MachineRoom
  readonly outside: Clock
  readonly book: FaultBook
  readonly chance: Chance
  /** Whether the network is cut just now. */
  isCut(): boolean
  /** Asked for every request that leaves: Leases aside, this is what a controller costs the server. */
  onRequest(call: Call<unknown>): void
}

/** The way of one process to the API server: it takes time, and things get lost on it. */
export interface Wire {
  /** The answer, with the repetitions that the real client would send. */
  send<T>(call: Call<T>, fence: Fence, io: Io): Promise<T>
  serverNowMs(): number
}

const readVerbs: readonly FakeVerb[] = ['get', 'list', 'watch']
const isRead = (verb: FakeVerb): boolean => readVerbs.includes(verb)

/** How long the real client gives a call with its repetitions, and one attempt. */
const callMs = 30_000
const attemptMs = 15_000

const labelOf = ({ verb, kind, key }: Call<unknown>): RequestLabel => ({
  verb,
  resource: kind.plural,
  name: [key.namespace, key.name].filter(Boolean).join('/'),
})

type Outcome<T> = { readonly value: T } | { readonly error: KubeError }

/** One attempt that is under way. */
interface Attempt {
  /** The server does what it is asked for; its answer is still to be sent. */
  carryOut(): void
  /** Sends the answer back: what came of it, or this status. */
  answer(refusal?: Refusal): void
  /** The connection breaks. */
  lose(): void
  later(delayMs: number, task: () => void): void
  die(): void
}

interface Refusal {
  readonly status: number
  readonly reason?: string
  readonly retryAfterSeconds?: number
}

const overtakenMs = [1500, 6000, 20_000] as const

const refused =
  (refusal: Refusal) =>
  (attempt: Attempt): void =>
    attempt.answer(refusal)

const done = (attempt: Attempt): void => {
  attempt.carryOut()
  attempt.answer()
}

/** What becomes of a request at which a fault strikes. */
const fates: Readonly<Partial<Record<FaultName, (attempt: Attempt, chance: Chance) => void>>> = {
  'crash before a write': attempt => attempt.die(),
  'crash after a write': attempt => {
    attempt.carryOut()
    attempt.die()
  },
  conflict: refused({ status: 409, reason: 'Conflict' }),
  'refused by an admission webhook': refused({ status: 422, reason: 'Invalid' }),
  forbidden: refused({ status: 403, reason: 'Forbidden' }),
  unauthorized: refused({ status: 401, reason: 'Unauthorized' }),
  'server error': refused({ status: 500, reason: 'InternalError' }),
  unavailable: refused({ status: 503, reason: 'ServiceUnavailable' }),
  'too many requests': refused({ status: 429, reason: 'TooManyRequests' }),
  'too many requests, with a wait': refused({ status: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 }),
  'request lost': attempt => attempt.lose(),
  'answer lost': attempt => {
    attempt.carryOut()
    attempt.lose()
  },
  'no answer, nothing done': () => {},
  'no answer, but done': attempt => attempt.carryOut(),
  'request late': (attempt, chance) => attempt.later(chance.pick(overtakenMs), () => done(attempt)),
}

const answerOf = ({ status, reason, retryAfterSeconds }: Refusal) => ({
  status,
  headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  body: JSON.stringify({ kind: 'Status', message: 'fault', reason }),
})

const outcomeOf = <T>(call: Call<T>, nowMs: number): Outcome<T> => {
  try {
    return { value: call.carryOut() }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const { code = 500 } = error.status
    return { error: errorOfAnswer(labelOf(call), { status: code, headers: {}, body: JSON.stringify(error.status) }, nowMs) }
  }
}

/** Dates of answers are cut to whole seconds. */
const dateText = (nowMs: number): string => new Date(nowMs).toUTCString()

export const createWire = (options: WireOptions): Wire => {
  const { name, room, outside, book, chance, isCut } = options
  const serverTime = createServerTime(room.clock)
  const delayMs = (): number => chance.whole(1, chance.happens(0.05) ? 400 : 12)

  const attempt = <T>(call: Call<T>, fence: Fence, [leftMs, io]: readonly [number, Io]): Promise<T> =>
    new Promise((resolve, reject) => {
      const label = labelOf(call)
      if (io.signal.aborted) return reject(unreachable(label, io.signal.reason, false))
      if (!isRead(call.verb) && !fence()) return reject(fenced(label))
      const [deadlineMs, calledOff] = [Math.min(attemptMs, leftMs), () => fail(unreachable(label, io.signal.reason, true))]
      const stopDeadline = io.clock.schedule(deadlineMs, () => fail(unreachable(label, new DeadlineExceeded(deadlineMs), true)))
      const close = (): void => {
        stopDeadline()
        io.signal.removeEventListener('abort', calledOff)
      }
      const fail = (error: unknown): void => {
        close()
        reject(error)
      }
      io.signal.addEventListener('abort', calledOff, { once: true })
      const sentAtMs = room.clock.monotonicMs()
      const deliver = (date: string, outcome: Outcome<T>): void =>
        room.deliver(delayMs(), () => {
          if (isCut()) return
          serverTime.learn(date, sentAtMs)
          if ('error' in outcome) return fail(outcome.error)
          close()
          resolve(outcome.value)
        })
      let outcome: Outcome<T> | undefined
      const self: Attempt = {
        carryOut: () => {
          outcome = outcomeOf(call, outside.nowMs())
        },
        answer: refusal => {
          const said = refusal ? { error: errorOfAnswer(label, answerOf(refusal), outside.nowMs()) } : outcome
          if (said) deliver(dateText(outside.nowMs()), said)
        },
        lose: () => room.deliver(delayMs(), () => fail(unreachable(label, new Error('connection reset'), true))),
        later: (ms, task) => void outside.schedule(ms, task),
        die: room.die,
      }
      options.onRequest(call)
      outside.schedule(delayMs(), () => {
        if (isCut()) return
        const fault = book.strike(isRead(call.verb) ? ['request'] : ['write', 'request'], { process: name, kind: call.kind.kind })
        const fate = (fault && fates[fault]) ?? done
        fate(self, chance)
      })
    })

  return {
    serverNowMs: serverTime.nowMs,
    send: (call, fence, io) =>
      retrying({ deadlineMs: callMs, repeatable: call.repeatable, random: chance.next }, io, leftMs => attempt(call, fence, [leftMs, io])),
  }
}

/** What a read that found nothing comes to. */
export const undefinedWhenNotFound = (error: unknown): undefined => {
  if (!isKubeError(error, 'NotFound')) throw error
}
