import { sleep } from '../../../src/clock.ts'
import { messageOf } from '../../../src/errors.ts'
import type { Io } from '../../../src/io.ts'

export interface Wait<T> {
  readonly what: string
  /** Looks once; undefined means not yet. What it throws counts as not yet too, and is told at the end. */
  readonly look: () => Promise<T | undefined>
  readonly everyMs?: number
  readonly limitMs?: number
}

/** Looks again and again until there is something to see. The limit is one that a slow machine keeps. */
export const eventually = async <T>({ what, look, everyMs = 100, limitMs = 240_000 }: Wait<T>, io: Io): Promise<T> => {
  const deadlineMs = io.clock.monotonicMs() + limitMs
  let lately = 'nothing yet'
  while (io.clock.monotonicMs() < deadlineMs && !io.signal.aborted) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      lately = messageOf(error)
    }
    await sleep(io.clock, everyMs, io.signal)
  }
  throw new Error(`expected ${what} within ${limitMs / 1000}s: ${lately}`)
}
