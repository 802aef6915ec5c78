import type { Clock } from '../clock.ts'
import { formatDurationMs } from '../duration.ts'
import type { Health } from './health-server.ts'

/** Asks several; the first that is not well speaks for all. */
export const allOf =
  (...parts: readonly Health[]): Health =>
  () => {
    for (const part of parts) {
      const problem = part()
      if (problem !== undefined) return problem
    }
    return undefined
  }

/** A watch over work: it must end now and then while some waits. Its first three methods are what a work queue tells its observer. */
export interface ProgressWatch {
  depth(keys: number): void
  started(): void
  finished(): void
  readonly health: Health
}

/**
 * Not well when work waits for a worker and none was taken or ended for `limitMs`. Slow work alone is no reason: a hook may take its time,
 * and restarting would only make it begin again.
 */
export const createProgressWatch = (clock: Clock, limitMs: number): ProgressWatch => {
  let waiting = 0
  let movedMs = clock.monotonicMs()
  const moved = () => {
    movedMs = clock.monotonicMs()
  }
  return {
    depth: keys => {
      if (waiting === 0) moved()
      waiting = keys
    },
    started: moved,
    finished: moved,
    health: () => {
      const stillMs = clock.monotonicMs() - movedMs
      return waiting > 0 && stillMs > limitMs
        ? `${waiting} canaries are due and none was worked on for ${formatDurationMs(stillMs)}`
        : undefined
    },
  }
}

/** What must hear from the server regularly. */
export interface Contact {
  readonly kind: { readonly plural: string }
  /** Monotonic milliseconds of the last byte. */
  lastContactMs(): number
}

/** Not well when one of them has heard nothing for `limitMs`. */
export const contactHealth =
  (clock: Clock, contacts: () => readonly Contact[], limitMs: number): Health =>
  () => {
    const now = clock.monotonicMs()
    const silent = contacts().find(contact => now - contact.lastContactMs() > limitMs)
    return silent && `nothing was heard of ${silent.kind.plural} for ${formatDurationMs(now - silent.lastContactMs())}`
  }

/** Something that has to be filled before it can be looked at. */
export interface Cache {
  readonly kind: { readonly plural: string }
  hasSynced(): boolean
}

/** Not well while one of them has not been filled: at the start, or for as long as a right is missing. */
export const filledHealth =
  (caches: () => readonly Cache[]): Health =>
  () => {
    const empty = caches().filter(cache => !cache.hasSynced())
    return empty.length === 0 ? undefined : `caches are still being filled: ${empty.map(({ kind }) => kind.plural).join(', ')}`
  }
