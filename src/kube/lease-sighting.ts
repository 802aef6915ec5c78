import type { Clock } from '../clock.ts'
import type { LeaseRecord } from './lease.ts'

/** What the Lease said last, and since when, on our own monotonic clock, it has not changed. */
export interface LeaseSighting {
  last(): LeaseRecord | undefined
  see(record: LeaseRecord): void
  /** Milliseconds until we may take it; 0 when we may now. Nobody's wall clock counts. */
  untilFreeMs(): number
}

export interface LeaseSightingOptions {
  readonly clock: Clock
  readonly identity: string
  /** For records that do not say how long they hold. */
  readonly leaseDurationMs: number
}

export const createLeaseSighting = ({ clock, identity, leaseDurationMs }: LeaseSightingOptions): LeaseSighting => {
  let record: LeaseRecord | undefined
  let sinceMs = 0
  return {
    last: () => record,
    see: seen => {
      if (record?.fingerprint !== seen.fingerprint) sinceMs = clock.monotonicMs()
      record = seen
    },
    untilFreeMs: () => {
      if (record === undefined || record.holder === '' || record.holder === identity) return 0
      return Math.max(0, sinceMs + (record.durationMs ?? leaseDurationMs) - clock.monotonicMs())
    },
  }
}
