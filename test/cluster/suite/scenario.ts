import type { Stage } from './stage.ts'

/** Something that is played once, beside others, and whose outcome several tests look at. */
export interface Scenario<T> {
  start(stage: Stage): void
  /** What came of it; rejects when it could not be played to its end. */
  outcome(): Promise<T>
}

export const scenario = <T>(play: (stage: Stage) => Promise<T>): Scenario<T> => {
  const { promise, resolve } = Promise.withResolvers<T>()
  promise.catch(() => {}) // told by each test that asks for the outcome
  return { start: stage => resolve(play(stage)), outcome: () => promise }
}
