import { fullJitterMs, type Random } from './backoff.ts'

/** How one connection went, or the attempt to make it. */
interface Spell {
  /** How long the watch stood, in milliseconds; 0 when it never did. */
  readonly healthyMs: number
  /** Time since its request left. */
  readonly sinceRequestMs: number
  readonly retryAfterMs?: number | undefined
}

/** Decides how long to stay away after each connection that ended. */
export interface Reconnect {
  delayMs(spell: Spell): number
}

const policy = { baseMs: 500, maxMs: 30_000 }
/** 10 s of health take one doubling back: 60 s forgive everything from 30 s down to the start, and a network that cuts us every 10 s never slows us down. */
const forgivenAfterMs = 10_000
/** Never more than one request a second, whatever the dice say. */
const spacingMs = 1000
const mostFailures = 6

export const createReconnect = (random: Random): Reconnect => {
  let failures = 0
  return {
    delayMs: ({ healthyMs, sinceRequestMs, retryAfterMs = 0 }) => {
      failures = Math.max(0, failures - Math.floor(healthyMs / forgivenAfterMs))
      const jitteredMs = fullJitterMs(policy, failures, random)
      failures = Math.min(failures + 1, mostFailures)
      return Math.max(jitteredMs, spacingMs - sinceRequestMs, retryAfterMs)
    },
  }
}
