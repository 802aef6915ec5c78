/**
 * Remembers since when the target of each Canary says what it says, as far as this process saw. What others say of the target is about its
 * template when it is no older than that.
 */
export interface Sightings {
  /** When this template was first seen, without another one since: epoch milliseconds of the API server. It was there before, never after. */
  since(canary: string, templateHash: string, nowMs: number): number
  forget(canary: string): void
}

export const createSightings = (): Sightings => {
  const seen = new Map<string, { readonly templateHash: string; readonly sinceMs: number }>()
  return {
    since: (canary, templateHash, nowMs) => {
      const known = seen.get(canary)
      if (known?.templateHash === templateHash) return known.sinceMs
      seen.set(canary, { templateHash, sinceMs: nowMs })
      return nowMs
    },
    forget: canary => {
      seen.delete(canary)
    },
  }
}
