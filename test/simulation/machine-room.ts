import type { Cancel, Clock } from '../../src/clock.ts'

/** The clock and the ears of one process, which may be stopped and woken (SIGSTOP, SIGCONT) or killed at any moment. */
export interface MachineRoom {
  readonly clock: Clock
  readonly isAlive: boolean
  readonly isPaused: boolean
  /** Something reaches the process from outside: later when it is stopped, never when it is dead. */
  deliver(delayMs: number, task: () => void): void
  die(): void
  pause(): void
  resume(): void
  /** Steps its wall clock. */
  jump(ms: number): void
}

/** @param onDeath hears of the end, once */
export const createMachineRoom = (outside: Clock, onDeath: () => void): MachineRoom => {
  let isAlive = true
  let late: (() => void)[] | undefined
  let jumpedMs = 0

  const run = (task: () => void): void => {
    if (!isAlive) return
    if (late) late.push(task)
    else task()
  }

  const schedule = (delayMs: number, task: () => void): Cancel => {
    if (!isAlive) return () => {}
    let cancelled = false
    const cancel = outside.schedule(delayMs, () =>
      run(() => {
        if (!cancelled) task()
      }),
    )
    return () => {
      cancelled = true
      cancel()
    }
  }

  return {
    clock: { nowMs: () => outside.nowMs() + jumpedMs, monotonicMs: () => outside.monotonicMs(), schedule },
    get isAlive() {
      return isAlive
    },
    get isPaused() {
      return late !== undefined
    },
    deliver: (delayMs, task) => void schedule(delayMs, task),
    die: () => {
      if (!isAlive) return
      isAlive = false
      onDeath()
      late = undefined
    },
    pause: () => {
      late ??= []
    },
    resume: () => {
      const tasks = late ?? []
      late = undefined
      for (const task of tasks) run(task)
    },
    jump: ms => {
      jumpedMs += ms
    },
  }
}
