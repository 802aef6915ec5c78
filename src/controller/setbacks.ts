import { dispositionOf, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { isKubeError } from '../kube/errors.ts'
import { NotSynced } from './not-synced.ts'
import type { Requeue } from './requeue.ts'

/** What a pass that failed means for its Canary. */
export interface Setbacks {
  /**
   * When to try again. Some setbacks belong to the work and are not worth a warning at first: somebody else was faster, a cache is not full
   * yet. One that the work queue would wait for a change with is tried again too: rights and admission webhooks change without a word.
   * @throws what was thrown, where the queue should say so and back off
   */
  after(canary: string, error: unknown, io: Io): Requeue
  /** A pass went well. */
  forget(canary: string): void
}

/** How often in a row a setback is taken calmly. */
const calmTimes = (error: unknown): number => {
  if (isKubeError(error, 'Conflict')) return 3
  return error instanceof NotSynced ? 40 : 0
}

const calm = { firstMs: 10, longestMs: 250 } as const

const refused = { firstMs: 1000, longestMs: 60_000 } as const

const growing = ({ firstMs, longestMs }: { readonly firstMs: number; readonly longestMs: number }, count: number): number =>
  Math.min(longestMs, firstMs * 2 ** (count - 1))

export const createSetbacks = (): Setbacks => {
  const inARow = new Map<string, number>()
  return {
    after: (canary, error, io) => {
      const count = (inARow.get(canary) ?? 0) + 1
      inARow.set(canary, count)
      if (count <= calmTimes(error)) {
        io.log.debug({ error: messageOf(error), count }, 'setback, trying again')
        return { afterMs: growing(calm, count) }
      }
      if (dispositionOf(error) === 'retry') throw error
      const retryMs = growing(refused, count)
      io.log.error({ error: messageOf(error), count, retryMs }, 'the pass was refused, trying again')
      return { afterMs: retryMs }
    },
    forget: canary => {
      inARow.delete(canary)
    },
  }
}
