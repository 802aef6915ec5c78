import type { OutboxEntry } from '../api/status.ts'
import type { Cancel, Clock } from '../clock.ts'
import { dispositionOf, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'

/** The messages of one Canary for one receiver: sent one after the other, so that people read them in order. */
export interface Lane {
  /** Takes a message unless it waits here already; goes on with what a term that is over left undone. */
  push(entry: OutboxEntry, io: Io): void
  /** Drops messages that nobody waits for any more. One that is under way is not called back. */
  retain(ids: ReadonlySet<string>): void
  /** Drops everything and calls off what is under way. */
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
const mostRefusals = 3

export const createLane = ({ canary, send, done, random }: LaneOptions): Lane => {
  const stopped = new AbortController()
  let queue: readonly OutboxEntry[] = []
  /** Of the latest term: an older one may be over. */
  let io: Io | undefined
  let underWay: OutboxEntry | undefined
  let retry: Cancel | undefined
  let attempts = 0
  let refusals = 0

  const next = (): void => {
    const [entry] = queue
    if (!entry || underWay || retry || !io || io.signal.aborted) return
    underWay = entry
    void attempt(entry, io)
  }

  const attempt = async (entry: OutboxEntry, term: Io): Promise<void> => {
    const signal = AbortSignal.any([term.signal, stopped.signal])
    try {
      await send(entry, { ...term, signal })
      underWay = undefined
      if (!stopped.signal.aborted) leave(entry)
    } catch (error) {
      underWay = undefined
      if (!signal.aborted) failed(entry, error, term) // what was called off did not fail
    }
    next()
  }

  const startOver = (): void => {
    retry?.()
    retry = undefined
    attempts = 0
    refusals = 0
  }

  const leave = (entry: OutboxEntry): void => {
    queue = queue.filter(waiting => waiting.id !== entry.id)
    startOver()
    done(entry)
  }

  const failed = (entry: OutboxEntry, failure: unknown, { log, clock }: Io): void => {
    const facts = { canary, channel: entry.channel, receiver: entry.receiver, id: entry.id, error: messageOf(failure) }
    attempts += 1
    if (dispositionOf(failure) === 'terminal') refusals += 1
    if (refusals >= mostRefusals) {
      log.error(facts, 'message given up, its receiver refuses it')
      leave(entry)
    } else if (queue[0] === entry) {
      log.warn(facts, 'message not delivered, it will be sent again')
      waitThen(next, clock)
    } else {
      startOver() // it was dropped while it was under way
    }
  }

  const waitThen = (task: () => void, clock: Clock): void => {
    const pauseMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** (attempts - 1)) * (0.5 + random() / 2)
    retry = clock.schedule(pauseMs, () => {
      retry = undefined
      task()
    })
  }

  return {
    push: (entry, term) => {
      if (stopped.signal.aborted) return
      io = term
      if (!queue.some(waiting => waiting.id === entry.id)) queue = [...queue, entry]
      next()
    },
    retain: ids => {
      const [head] = queue
      queue = queue.filter(({ id }) => ids.has(id))
      if (head && queue[0] !== head && head !== underWay) startOver()
    },
    stop: () => {
      stopped.abort(new Error('nobody waits for this message any more'))
      retry?.()
      queue = []
    },
  }
}
