import { sleep } from '../clock.ts'
import type { Io } from '../io.ts'
import { type BackoffPolicy, fullJitterMs, type Random } from './backoff.ts'
import { isKubeError, type KubeError } from './errors.ts'

export interface RetryPolicy {
  /** For all attempts and the waits between them. */
  readonly deadlineMs: number
  /** Whether doing it twice does no harm: a read, an apply, a write that names the version or uid it expects. */
  readonly repeatable: boolean
  readonly random: Random
}

const backoff: BackoffPolicy = { baseMs: 100, maxMs: 5000 }
const maxAttempts = 4

/**
 * Whether another attempt is safe. A 429 was turned away and nothing sent is nothing done: anybody may repeat those. After a 5xx or a lost
 * answer a write may have happened, so that only repeatable ones are sent again; the others tell their caller, who reads back.
 * 401 was repeated by the transport already; 403, 404, 409, 410 and 422 would only say the same again.
 */
const mayRepeat = (error: KubeError, repeatable: boolean): boolean => {
  if (error.code === 'TooManyRequests') return true
  if (error.code === 'Unreachable') return repeatable || !error.sent
  return error.code === 'ServerError' && repeatable
}

/** How long to wait before the next attempt, or undefined when this error is final. */
const waitAfterMs = (error: unknown, failures: number, { repeatable, random }: RetryPolicy): number | undefined => {
  if (!isKubeError(error) || failures >= maxAttempts || !mayRepeat(error, repeatable)) return undefined
  return Math.max(error.retryAfterMs ?? 0, fullJitterMs(backoff, failures - 1, random))
}

/** Runs `attempt` until it succeeds, may not be repeated, or the next wait would outlast the deadline; rejects with its last error. */
export const retrying = async <T>(policy: RetryPolicy, io: Io, attempt: (leftMs: number) => Promise<T>): Promise<T> => {
  const untilMs = io.clock.monotonicMs() + policy.deadlineMs
  const leftMs = () => untilMs - io.clock.monotonicMs()
  for (let failures = 1; ; failures++) {
    try {
      return await attempt(leftMs())
    } catch (error) {
      const waitMs = waitAfterMs(error, failures, policy)
      if (waitMs === undefined || waitMs >= leftMs()) throw error
      await sleep(io.clock, waitMs, io.signal)
      if (io.signal.aborted) throw error
    }
  }
}
