import type { Stage } from './stage.ts'

/** Something that is played once, beside others, and whose outcome several tests look at. */
export interface Scenario<T> {
  start(stage: Stage): void
  /** What came of it; rejects when it could not be played to its end, or was not started: some tests compare, and need the others to run as well. */
  outcome(): Promise<T>
}

export const scenario = <T>(play: (stage: Stage) => Promise<T>): Scenario<T> => {
  let playing: Promise<T> | undefined
  return {
    start: stage => {
      playing = play(stage)
      playing.catch(() => {}) // told by each test that asks for the outcome
    },
    outcome: () => playing ?? Promise.reject(new Error('expected a scenario that was started, got one of tests that are left out')),
  }
}
