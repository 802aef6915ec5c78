/** A number from 0 up to but not including 1. Injected, so that tests and simulations repeat. */
export type Random = () => number

/** Doubles from `baseMs` with every failure, up to `maxMs`. */
export interface BackoffPolicy {
  readonly baseMs: number
  readonly maxMs: number
}

/**
 * How long to wait after `failures` failures in a row (the first is 0), in milliseconds.
 * Full jitter: anything from nothing to the whole step, because callers that failed together must not come back together.
 */
export const fullJitterMs = (policy: BackoffPolicy, failures: number, random: Random): number =>
  random() * Math.min(policy.maxMs, policy.baseMs * 2 ** failures)
