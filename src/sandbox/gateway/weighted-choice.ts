/** Hands out choices so that every run of them, however short, is as close to the weights as whole choices can be. */
export interface WeightedChoice<T> {
  /** The next one; undefined when no weight is above 0. */
  next(): T | undefined
}

interface Candidate<T> {
  readonly item: T
  readonly weight: number
  credit: number
}

/** Smooth weighted round-robin: each choice costs the total, each turn pays every candidate its weight, and the richest is chosen. */
export const weightedChoice = <T>(items: readonly (readonly [item: T, weight: number])[]): WeightedChoice<T> => {
  const candidates: Candidate<T>[] = items.filter(([, weight]) => weight > 0).map(([item, weight]) => ({ item, weight, credit: 0 }))
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  return {
    next: () => {
      let richest: Candidate<T> | undefined
      for (const candidate of candidates) {
        candidate.credit += candidate.weight
        if (!richest || candidate.credit > richest.credit) richest = candidate
      }
      if (richest) richest.credit -= total
      return richest?.item
    },
  }
}
