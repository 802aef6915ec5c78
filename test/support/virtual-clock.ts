import type { Cancel, Clock } from '../../src/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly task: () => void
}

/** Resolves once every microtask that is queued now, and all that they queue, has run. */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Time that only moves when a test says so. Wall time is monotonic time plus an offset that a test may set, like a clock that was stepped. */
export class VirtualClock implements Clock {
  #monotonicMs = 0
  #wallOffsetMs: number
  /** Sorted by due time; of the same instant, in the order they were scheduled. */
  readonly #timers: Timer[] = []

  constructor(startMs: number = Date.parse('2026-01-01T00:00:00Z')) {
    this.#wallOffsetMs = startMs
  }

  nowMs(): number {
    return this.#monotonicMs + this.#wallOffsetMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  schedule(delayMs: number, task: () => void): Cancel {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), task }
    this.#timers.splice(this.#placeOf(timer.dueMs), 0, timer)
    return () => {
      const at = this.#timers.indexOf(timer)
      if (at >= 0) this.#timers.splice(at, 1)
    }
  }

  /** How many timers wait. A part that stopped cleanly leaves none. */
  get pending(): number {
    return this.#timers.length
  }

  /** Milliseconds until the next timer, or undefined when none waits. */
  get nextInMs(): number | undefined {
    const next = this.#timers[0]
    return next && next.dueMs - this.#monotonicMs
  }

  /** Steps the wall clock; the monotonic clock and every timer stay. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  /** Moves time on, runs every timer that comes due in order, and lets promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    await settle()
    const untilMs = this.#monotonicMs + ms
    for (let timer = this.#takeDue(untilMs); timer; timer = this.#takeDue(untilMs)) {
      this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueMs)
      timer.task()
      await settle()
    }
    this.#monotonicMs = Math.max(this.#monotonicMs, untilMs)
  }

  /** Moves time on without running any timer, like a process that was stopped (SIGSTOP) and woke up; `advance(0)` then runs what is late. */
  stall(ms: number): void {
    this.#monotonicMs += ms
  }

  #takeDue(untilMs: number): Timer | undefined {
    const next = this.#timers[0]
    return next && next.dueMs <= untilMs ? this.#timers.shift() : undefined
  }

  #placeOf(dueMs: number): number {
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timers[middle]?.dueMs ?? 0) <= dueMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
