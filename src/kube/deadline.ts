import { formatDurationMs } from '../duration.ts'
import type { Io } from '../io.ts'

/** What a signal aborts with when time is up. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`nothing within ${formatDurationMs(deadlineMs)}`)
  }
}

/** A signal that aborts with the caller's, or when the deadline has come. `clear` must be called when the work is over. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Takes the deadline away; the caller's signal still counts. */
  lift(): void
  /** Takes both away and leaves no timer or listener behind. */
  clear(): void
}

export const startDeadline = (io: Io, deadlineMs: number): Deadline => {
  const controller = new AbortController()
  const stop = () => controller.abort(io.signal.reason)
  const lift = io.clock.schedule(deadlineMs, () => controller.abort(new DeadlineExceeded(deadlineMs)))
  if (io.signal.aborted) stop()
  else io.signal.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    lift,
    clear: () => {
      lift()
      io.signal.removeEventListener('abort', stop)
    },
  }
}

/** The promise, or a rejection with the signal's reason as soon as it aborts, whether or not the work listens to it. */
export const orAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
