import type { Clock } from '../../src/clock.ts'

/** What a store answered, and how far back it looked. */
export interface StoreSaid {
  readonly atMs: number
  readonly good: boolean
  readonly windowMs: number
}

/** What one process was told from outside, as far as rules need it. */
export interface Testimony {
  /** The last answer of each store, by its address. */
  readonly stores: ReadonlyMap<string, StoreSaid>
  /** The last answer of each hook. */
  readonly hooks: ReadonlyMap<string, { readonly atMs: number; readonly ok: boolean }>
}

/** An answer of the store at this address. */
interface StoreAnswer extends Pick<StoreSaid, 'good' | 'windowMs'> {
  readonly store: string
}

export interface Witness {
  measured(process: string, answer: StoreAnswer): void
  called(process: string, hook: string, ok: boolean): void
  /** A process of this name begins, and knows nothing. */
  begins(process: string): void
  of(process: string): Testimony
}

interface Notes {
  readonly stores: Map<string, StoreSaid>
  readonly hooks: Map<string, { readonly atMs: number; readonly ok: boolean }>
}

export const createWitness = (clock: Clock): Witness => {
  const notes = new Map<string, Notes>()
  const of = (process: string): Notes => {
    const known = notes.get(process) ?? { stores: new Map(), hooks: new Map() }
    notes.set(process, known)
    return known
  }
  return {
    of,
    begins: process => void notes.delete(process),
    measured: (process, { store, good, windowMs }) => void of(process).stores.set(store, { atMs: clock.monotonicMs(), good, windowMs }),
    called: (process, hook, ok) => void of(process).hooks.set(hook, { atMs: clock.monotonicMs(), ok }),
  }
}
