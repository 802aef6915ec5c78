import type { Clock } from '../../src/clock.ts'

/** What one process was told from outside, as far as rules need it. */
export interface Testimony {
  /** The last answer of a store, and how far back it looked. */
  readonly lastMeasured: { readonly atMs: number; readonly good: boolean; readonly windowMs: number } | undefined
  /** The last answer of each hook. */
  readonly hooks: ReadonlyMap<string, { readonly atMs: number; readonly ok: boolean }>
}

export interface Witness {
  measured(process: string, answer: { readonly good: boolean; readonly windowMs: number }): void
  called(process: string, hook: string, ok: boolean): void
  /** A process of this name begins, and knows nothing. */
  begins(process: string): void
  of(process: string): Testimony
}

interface Notes {
  lastMeasured: Testimony['lastMeasured']
  readonly hooks: Map<string, { readonly atMs: number; readonly ok: boolean }>
}

export const createWitness = (clock: Clock): Witness => {
  const notes = new Map<string, Notes>()
  const of = (process: string): Notes => {
    const known = notes.get(process) ?? { lastMeasured: undefined, hooks: new Map() }
    notes.set(process, known)
    return known
  }
  return {
    of,
    begins: process => void notes.delete(process),
    measured: (process, { good, windowMs }) => {
      of(process).lastMeasured = { atMs: clock.monotonicMs(), good, windowMs }
    },
    called: (process, hook, ok) => void of(process).hooks.set(hook, { atMs: clock.monotonicMs(), ok }),
  }
}
