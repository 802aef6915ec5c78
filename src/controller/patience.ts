import { keyOf, keyText } from '../api/object.ts'
import type { Look } from './look.ts'

/** What passes by itself within this time is not worth a status write: routes are taken, pods appear. */
export const graceMs = 2000

/** Remembers since when each Canary waits for something that is not in its status yet. Decides nothing: it only delays saying so. */
export interface Patience {
  /** Whether this wait is so fresh that it may go away by itself. No reason means that nothing is waited for. */
  bearsWith(reason: string | undefined, look: Look): boolean
  forget(canary: string): void
}

export const createPatience = (patienceMs: number): Patience => {
  const waits = new Map<string, { readonly reason: string; readonly sinceMs: number }>()
  return {
    bearsWith: (reason, { raw, canary: { status }, seen }) => {
      const canary = keyText(keyOf(raw))
      if (reason === undefined || status.hold?.reason === reason) {
        waits.delete(canary)
        return false
      }
      const known = waits.get(canary)
      const wait = known?.reason === reason ? known : { reason, sinceMs: seen.nowMs }
      waits.set(canary, wait)
      return seen.nowMs - wait.sinceMs < patienceMs
    },
    forget: canary => {
      waits.delete(canary)
    },
  }
}
