import type { Canary } from '../api/canary.ts'
import { keyOf, keyText } from '../api/object.ts'

/**
 * Lets the steps of many canaries fall due together, so that their questions can be asked in few requests: about ten in each slot, whatever
 * their number. Nobody's step gets shorter for it; the first one of a run may get longer, by one slot at most.
 */
export interface Slots {
  /** Share of an interval that one slot takes; 0 while there are too few canaries to wait for each other. */
  share(): number
  /** A Canary was looked at. */
  seen(canary: Canary): void
  forget(canary: string): void
}

/** From here on it is worth it. */
const fewest = 20
const perSlot = 10
/** Slots do not get longer than a tenth of an interval. */
const leastSlots = 10

/** Slots per interval: halved or doubled, so that the ends of longer slots are ends of shorter ones and no canary loses its place. */
const slotsFor = (count: number): number => leastSlots * 2 ** Math.max(0, Math.floor(Math.log2(count / (leastSlots * perSlot))))

export const createSlots = (): Slots => {
  const busy = new Set<string>()
  return {
    share: () => (busy.size < fewest ? 0 : 1 / slotsFor(busy.size)),
    seen: canary => {
      const key = keyText(keyOf(canary))
      if (canary.status.nextEvidenceAt === undefined) busy.delete(key)
      else busy.add(key)
    },
    forget: canary => {
      busy.delete(canary)
    },
  }
}
