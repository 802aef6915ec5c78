import type { OutboxEntry } from '../api/status.ts'
import type { Cancel } from '../clock.ts'
import { dispositionOf, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'

/** The messages of one Canary for one receiver: sent one after the other, so that people read them in order. */
export interface Lane {
  /** Takes a message unless it waits here already. */
  push(entry: OutboxEntry, io: Io): void
  stop(): void
}

export interface LaneOptions {
  readonly canary: string
  readonly send: (entry: OutboxEntry, io: Io) => Promise<void>
  /** It reached its receiver, or was given up. */
  readonly done: (entry: OutboxEntry) => void
  readonly random: () => number
}

/** First pause after a failed delivery, and the longest one. */
const backoff = { firstMs: 1000, longestMs: 300_000 } as const
/** A receiver that refuses for good is asked this often before the message is given up. */
const refusals = 3

export const createLane = ({ canary, send, done, random }: LaneOptions): Lane => {
  const queue: OutboxEntry[] = []
  let attempts = 0
  let cancel: Cancel | undefined

  const next = (io: Io): void => {
    const [entry] = queue
    if (entry && !io.signal.aborted) void attempt(entry, io)
  }

  const attempt = async (entry: OutboxEntry, io: Io): Promise<void> => {
    try {
      await send(entry, io)
      finish(entry, io)
    } catch (error) {
      attempts += 1
      failed(entry, error, io)
    }
  }

  const finish = (entry: OutboxEntry, io: Io): void => {
    queue.shift()
    attempts = 0
    done(entry)
    next(io)
  }

  const failed = (entry: OutboxEntry, failure: unknown, io: Io): void => {
    const facts = { canary, channel: entry.channel, receiver: entry.receiver, id: entry.id, error: messageOf(failure) }
    if (dispositionOf(failure) === 'terminal' && attempts >= refusals) {
      io.log.error(facts, 'message given up, its receiver refuses it')
      finish(entry, io)
      return
    }
    io.log.warn(facts, 'message not delivered, it will be sent again')
    const pauseMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** (attempts - 1)) * (0.5 + random() / 2)
    cancel = io.clock.schedule(pauseMs, () => next(io))
  }

  return {
    push: (entry, io) => {
      if (queue.some(waiting => waiting.id === entry.id)) return
      queue.push(entry)
      if (queue.length === 1) next(io)
    },
    stop: () => {
      cancel?.()
      queue.length = 0
    },
  }
}
