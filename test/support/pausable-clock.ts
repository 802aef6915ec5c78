import type { Clock } from '../../src/clock.ts'

/** A clock of one process that can be stopped and woken (SIGSTOP, SIGCONT): time goes on, but no timer runs until it wakes. */
export interface PausableClock extends Clock {
  pause(): void
  resume(): void
}

export const pausableClock = (clock: Clock): PausableClock => {
  let late: (() => void)[] | undefined
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    schedule: (delayMs, task) => {
      let cancelled = false
      const runUnlessCancelled = () => {
        if (!cancelled) task()
      }
      const cancel = clock.schedule(delayMs, () => {
        if (late) late.push(runUnlessCancelled)
        else runUnlessCancelled()
      })
      return () => {
        cancelled = true
        cancel()
      }
    },
    pause: () => {
      late ??= []
    },
    resume: () => {
      const tasks = late ?? []
      late = undefined
      for (const task of tasks) task()
    },
  }
}
