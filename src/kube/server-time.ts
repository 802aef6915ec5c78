import type { Clock } from '../clock.ts'

/** The API server's clock as far as its Date headers tell. */
export interface ServerTime {
  /** Takes in one answer: its Date header, and when (monotonic) the request left. */
  learn(dateHeader: unknown, sentAtMs: number): void
  nowMs(): number
}

const dateResolutionMs = 1000

/**
 * A Date header says little: it is cut to whole seconds and was stamped somewhere between sending and receiving. So each answer gives an
 * interval for `offset = server clock - monotonic clock`:
 *
 *     date - receivedAt  <=  offset  <=  date + 1 s - sentAt
 *
 * We keep one offset and move it only as far as it must to lie inside the newest interval. Within one step of the server's clock it
 * therefore only grows (towards the truth, from below), so time never runs backwards; after the server's clock was really set back it
 * falls by no more than the server's own step, and after it was set forward it follows at once.
 */
export const createServerTime = (clock: Clock): ServerTime => {
  let offsetMs: number | undefined
  return {
    learn: (dateHeader, sentAtMs) => {
      const dateMs = typeof dateHeader === 'string' ? Date.parse(dateHeader) : Number.NaN
      if (!Number.isFinite(dateMs)) return
      const lowestMs = dateMs - clock.monotonicMs()
      const highestMs = dateMs + dateResolutionMs - sentAtMs
      offsetMs = Math.min(Math.max(offsetMs ?? lowestMs, lowestMs), highestMs)
    },
    nowMs: () => (offsetMs === undefined ? clock.nowMs() : clock.monotonicMs() + offsetMs),
  }
}
