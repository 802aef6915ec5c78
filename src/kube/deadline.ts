import { formatDurationMs } from '../duration.ts'
import type { Io } from '../io.ts'

/** What a signal aborts with when time is up. */
export class DeadlineExceeded extends Error {
  constructor(deadlineMs: number) {
    super(`nothing within ${formatDurationMs(deadlineMs)}`)
  }
}

/** A signal of one's own that also aborts with its parent. */
export interface ChildSignal {
  readonly signal: AbortSignal
  abort(reason: unknown): void
  /** Lets go of the parent, which may live much longer. */
  clear(): void
}

export const childSignal = (parent: AbortSignal): ChildSignal => {
  const controller = new AbortController()
  const follow = () => controller.abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    abort: reason => controller.abort(reason),
    clear: () => parent.removeEventListener('abort', follow),
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
  const child = childSignal(io.signal)
  const lift = io.clock.schedule(deadlineMs, () => child.abort(new DeadlineExceeded(deadlineMs)))
  return {
    signal: child.signal,
    lift,
    clear: () => {
      lift()
      child.clear()
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
