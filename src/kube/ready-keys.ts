import type { Clock } from '../clock.ts'

/** Keys that are ready for a worker, first come first served, and those that a worker has. */
export interface ReadyKeys {
  /** Keys that wait. */
  readonly size: number
  /** Keys that workers have. */
  readonly active: number
  /** False when it waits already. A key that a worker has becomes ready again when that worker is done. */
  add(key: string): boolean
  /** The next key for a worker, with how long it has been ready. */
  take(): { readonly key: string; readonly waitedMs: number } | undefined
  done(key: string): void
}

export const createReadyKeys = (clock: Clock): ReadyKeys => {
  const waiting: string[] = []
  /** Since when each key wants work: those in `waiting`, and those that were added while a worker has them. */
  const dirtySinceMs = new Map<string, number>()
  const processing = new Set<string>()
  return {
    get size() {
      return waiting.length
    },
    get active() {
      return processing.size
    },
    add: key => {
      if (dirtySinceMs.has(key)) return false
      dirtySinceMs.set(key, clock.monotonicMs())
      if (!processing.has(key)) waiting.push(key)
      return true
    },
    take: () => {
      const key = waiting.shift()
      if (key === undefined) return undefined
      const waitedMs = clock.monotonicMs() - (dirtySinceMs.get(key) ?? 0)
      dirtySinceMs.delete(key)
      processing.add(key)
      return { key, waitedMs }
    },
    done: key => {
      processing.delete(key)
      if (dirtySinceMs.has(key)) waiting.push(key)
    },
  }
}
