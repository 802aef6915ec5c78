import { createHash } from 'node:crypto'
import type { Cancel } from '../clock.ts'
import type { Io } from '../io.ts'
import { type BatchExperience, createBatchExperience } from './batch-experience.ts'
import { askTogether, type JointCall, type Member, tryAlone } from './batch-run.ts'
import type { CallPrometheus, Outcome } from './prometheus-call.ts'
import { bytesInBatch } from './query-batch.ts'
import { calledOff } from './silence.ts'

/** How long a question waits for others to go along with it. */
const gatherMs = 50
/** When nobody joined for so long, nobody else is expected. */
const quietMs = 20
/** VictoriaMetrics takes 16 KiB, unless it is told otherwise. */
const mostBytes = 15_000
/** What batching to a server has taught is forgotten when it was not asked for so long. */
const forgetMs = 60 * 60_000

/** Asks queries of many canaries in one request. */
export interface Batcher {
  /** What the call alone would have brought. Whatever goes wrong with a batch, each of its calls is then made alone. */
  ask(call: JointCall, io: Io): Promise<Outcome>
}

interface Batch {
  /** Those who still wait. */
  readonly members: Set<Member>
  bytes: number
  /** Aborts when nobody waits any more. */
  readonly over: AbortController
  readonly departsAtMs: number
  /** Stops it from departing. */
  cancel: Cancel
}

/** One address, asked in one way by one user: nothing else is ever put together. */
interface Server {
  readonly experience: BatchExperience
  lastMs: number
  /** Gathers members; not sent yet. */
  open: Batch | undefined
}

export const createBatcher = (send: CallPrometheus): Batcher => {
  const serverOf = createServers()

  const begin = ({ clock }: Io): Batch => ({
    members: new Set(),
    bytes: 0,
    over: new AbortController(),
    departsAtMs: clock.monotonicMs() + gatherMs,
    cancel: () => {},
  })

  const wait = (server: Server, batch: Batch, { clock }: Io): void => {
    batch.cancel()
    batch.cancel = clock.schedule(Math.min(quietMs, batch.departsAtMs - clock.monotonicMs()), () => depart(server))
  }

  const depart = (server: Server): void => {
    const batch = server.open
    server.open = undefined
    batch?.cancel()
    if (!batch) return
    const members = [...batch.members]
    askTogether(members, { experience: server.experience, signal: batch.over.signal, send }).catch((error: unknown) => {
      for (const { done } of members) done.reject(error)
    })
  }

  const leave = (server: Server, batch: Batch, member: Member): void => {
    member.done.resolve(calledOff)
    batch.members.delete(member)
    if (batch.members.size > 0) return
    batch.over.abort()
    if (server.open === batch) depart(server)
  }

  const join = async (server: Server, call: JointCall, io: Io): Promise<Outcome> => {
    const bytes = bytesInBatch(call.query)
    if (server.open && server.open.bytes + bytes > mostBytes) depart(server)
    server.open ??= begin(io)
    const batch = server.open
    const member: Member = { call, io, done: Promise.withResolvers() }
    batch.members.add(member)
    batch.bytes += bytes
    if (batch.members.size >= server.experience.limit) depart(server)
    else wait(server, batch, io)
    const go = () => leave(server, batch, member)
    io.signal.addEventListener('abort', go, { once: true })
    try {
      return await member.done.promise
    } finally {
      io.signal.removeEventListener('abort', go)
    }
  }

  return {
    ask: async (call, io) => {
      if (io.signal.aborted) return calledOff
      const nowMs = io.clock.monotonicMs()
      const server = serverOf(call, nowMs)
      if (server.experience.mayBatch(call.query, nowMs)) return join(server, call, io)
      const { outcome, trial } = await tryAlone(call, send, io)
      server.experience.asked(trial, io.clock.monotonicMs())
      return outcome
    },
  }
}

const createServers = () => {
  const servers = new Map<string, Server>()
  const add = (key: string, nowMs: number): Server => {
    for (const [old, { lastMs }] of servers) if (nowMs - lastMs > forgetMs) servers.delete(old)
    const server: Server = { experience: createBatchExperience(), lastMs: nowMs, open: undefined }
    servers.set(key, server)
    return server
  }
  return (call: JointCall, nowMs: number): Server => {
    const key = keyOf(call)
    const server = servers.get(key) ?? add(key, nowMs)
    server.lastMs = nowMs
    return server
  }
}

/** All that a request is made of but the query, without keeping a credential. */
const keyOf = ({ endpoint, verifyTls }: JointCall): string => {
  const headers = Object.entries(endpoint.headers).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([endpoint.url, verifyTls, headers]))
    .digest('base64')
}
