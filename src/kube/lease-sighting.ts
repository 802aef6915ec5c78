import type { Clock } from '../clock.ts'
import type { LeaseRecord } from './lease.ts'

/** What the Lease said last, and since when, on our own monotonic clock, it has not changed. */
export interface LeaseSighting {
  last(): LeaseRecord | undefined
  /** Takes note of what a request that left at `askedAtMs` read; undefined is a lease that is not there. */
  see(record: LeaseRecord | undefined, askedAtMs: number): void
  /** Milliseconds until we may take it; 0 when we may now. Nobody's wall clock counts. */
  untilFreeMs(): number
}

export interface LeaseSightingOptions {
  readonly clock: Clock
  readonly identity: string
  /** For records that do not say how long they hold. */
  readonly leaseDurationMs: number
  /** How often a leader renews, and a candidate looks. */
  readonly retryPeriodMs: number
}

/**
 * A lease that is missing must stay so for a little more than a renewal before anybody makes it: a leader whose lease was deleted makes it
 * again with its next renewal. Looks that lie further apart than that could each have missed the leader.
 */
const missingRetries = 1.25
const gapRetries = 1.05

export const createLeaseSighting = ({ clock, identity, leaseDurationMs, retryPeriodMs }: LeaseSightingOptions): LeaseSighting => {
  let record: LeaseRecord | undefined
  let sinceMs = 0
  let missing: { readonly sinceMs: number; readonly seenAtMs: number } | undefined

  const heldUntilMs = (): number => {
    if (record === undefined || record.holder === '' || record.holder === identity) return 0
    return sinceMs + (record.durationMs ?? leaseDurationMs)
  }

  return {
    last: () => record,
    see: (seen, askedAtMs) => {
      const nowMs = clock.monotonicMs()
      if (seen === undefined) {
        const before = missing
        const goesOn = before !== undefined && askedAtMs - before.seenAtMs <= retryPeriodMs * gapRetries
        missing = { sinceMs: goesOn ? before.sinceMs : nowMs, seenAtMs: nowMs }
        return
      }
      missing = undefined
      if (record?.fingerprint !== seen.fingerprint) sinceMs = nowMs
      record = seen
    },
    untilFreeMs: () => {
      const missingUntilMs = missing === undefined ? 0 : missing.sinceMs + retryPeriodMs * missingRetries
      return Math.max(0, heldUntilMs() - clock.monotonicMs(), missingUntilMs - clock.monotonicMs())
    },
  }
}
