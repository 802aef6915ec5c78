/** Which Canaries look at which objects: a change of any of them wakes the Canary. */
export interface Interests {
  /** The Canary looks at this object, there or not; from this moment on it hears of it. */
  add(canary: string, id: string): void
  /** A whole pass looked at these and no others. */
  keep(canary: string, ids: ReadonlySet<string>): void
  /** Canaries to wake when this object changes. */
  of(id: string): ReadonlySet<string>
  remove(canary: string): void
}

const nobody: ReadonlySet<string> = new Set()

const withAlso = (interested: string | Set<string> | undefined, canary: string): string | Set<string> => {
  if (interested === undefined) return canary
  return typeof interested === 'string' ? new Set([interested, canary]) : interested.add(canary)
}

export const createInterests = (): Interests => {
  const byCanary = new Map<string, Set<string>>()
  /** Nearly every object matters to one Canary alone: a set for each of them would be most of what this takes. */
  const byObject = new Map<string, string | Set<string>>()

  const lose = (canary: string, id: string): void => {
    const interested = byObject.get(id)
    if (interested === canary) byObject.delete(id)
    if (!(interested instanceof Set)) return
    interested.delete(canary)
    if (interested.size === 0) byObject.delete(id)
  }

  return {
    of: id => {
      const interested = byObject.get(id)
      return typeof interested === 'string' ? new Set([interested]) : (interested ?? nobody)
    },
    add: (canary, id) => {
      const ids = byCanary.get(canary) ?? new Set<string>()
      if (ids.has(id)) return
      byCanary.set(canary, ids.add(id))
      byObject.set(id, withAlso(byObject.get(id), canary))
    },
    keep: (canary, ids) => {
      const known = byCanary.get(canary)
      if (!known || known.size === ids.size) return // an object that was looked at is known: as many are the same
      for (const id of known) {
        if (ids.has(id)) continue
        known.delete(id)
        lose(canary, id)
      }
    },
    remove: canary => {
      for (const id of byCanary.get(canary) ?? nobody) lose(canary, id)
      byCanary.delete(canary)
    },
  }
}
