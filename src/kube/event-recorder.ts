import { type KubeObject, keyText } from '../api/object.ts'
import { sleep } from '../clock.ts'
import { dispositionOf, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { type BackoffPolicy, fullJitterMs, type Random } from './backoff.ts'
import { isKubeError } from './errors.ts'
import { type EventCount, type EventFacts, type EventSource, eventKey } from './event-object.ts'
import { createEventWriter } from './event-writer.ts'
import type { KubeApi } from './kube-api.ts'

/** What telemetry may count. */
interface EventObserver {
  written(reason: string): void
  /** Nobody will ever see this event: the queue was full, or the server refused it for good. */
  dropped(reason: string): void
}

export interface EventRecorderOptions extends EventSource {
  readonly api: KubeApi
  readonly random?: Random
  readonly observer?: EventObserver
}

/** Writes Kubernetes Events beside the work: recording never waits and never throws, and an API server that is away holds up nothing. */
export interface EventRecorder {
  record(about: KubeObject, facts: EventFacts): void
  /** Writes what is recorded until `io.signal` aborts. Never rejects. */
  run(io: Io): Promise<void>
  /** Writes what still waits, until nothing does or `io.signal` aborts. For the end, after `run`. */
  flush(io: Io): Promise<void>
}

const longestQueue = 1000
const backoff: BackoffPolicy = { baseMs: 500, maxMs: 30_000 }
const silentObserver: EventObserver = { written() {}, dropped() {} }

const retryAfterMs = (error: unknown): number => (isKubeError(error) && error.retryAfterMs) || 0
const codeOf = (error: unknown): string => (isKubeError(error) ? error.code : 'Error')

export const createEventRecorder = (options: EventRecorderOptions): EventRecorder => {
  const { api, random = Math.random, observer = silentObserver } = options
  const writer = createEventWriter(api, options)
  /** Events that wait, by name and in order; the same event again only counts. */
  const queue = new Map<string, EventCount>()
  let failures = 0
  let lastCode = ''
  let wake = () => {}

  const drop = (id: string, { facts }: EventCount) => {
    queue.delete(id)
    observer.dropped(facts.reason)
  }

  const written = (id: string, event: EventCount) => {
    failures = 0
    lastCode = ''
    observer.written(event.facts.reason)
    const now = queue.get(id)
    // It may have been recorded again while it was being written.
    if (now && now.count > event.count) queue.set(id, { ...now, count: now.count - event.count })
    else queue.delete(id)
  }

  /** Drops what only a person can mend; for all else it waits, and the event stays where it is. */
  const failed = async ([id, event]: readonly [string, EventCount], error: unknown, io: Io) => {
    const code = codeOf(error)
    if (code !== lastCode) io.log.warn({ code, reason: event.facts.reason, error: messageOf(error) }, 'event could not be written')
    lastCode = code
    if (dispositionOf(error) === 'terminal' || code === 'Fenced') return drop(id, event)
    await sleep(io.clock, Math.max(retryAfterMs(error), fullJitterMs(backoff, failures++, random)), io.signal)
  }

  const flush = async (io: Io) => {
    for (let [next] = queue; next && !io.signal.aborted; [next] = queue) {
      const [id, event] = next
      try {
        await writer.write(event, io)
        written(id, event)
      } catch (error) {
        if (!io.signal.aborted) await failed(next, error, io)
      }
    }
  }

  const woken = () =>
    new Promise<void>(resolve => {
      wake = resolve
    })

  return {
    record: (about, facts) => {
      const id = keyText(eventKey(about, facts))
      const nowMs = api.serverNowMs()
      const waiting = queue.get(id)
      queue.set(id, { about, facts, firstMs: waiting?.firstMs ?? nowMs, lastMs: nowMs, count: (waiting?.count ?? 0) + 1 })
      const [oldest] = queue
      // The latest say most about what is wrong now.
      if (oldest && queue.size > longestQueue) drop(...oldest)
      wake()
    },
    flush,
    run: async io => {
      const stop = () => wake()
      io.signal.addEventListener('abort', stop, { once: true })
      while (!io.signal.aborted) {
        if (queue.size > 0) await flush(io)
        else await woken()
      }
      io.signal.removeEventListener('abort', stop)
    },
  }
}
