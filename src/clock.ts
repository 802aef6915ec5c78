/** Stops what was scheduled; harmless when it already ran. */
export type Cancel = () => void

/**
 * Time as the program sees it. Tests hand in a virtual one.
 * `nowMs` is wall time (milliseconds since 1970, may jump); `monotonicMs` only moves forward and has no epoch.
 */
export interface Clock {
  nowMs(): number
  monotonicMs(): number
  /** Runs `task` once after `delayMs`. */
  schedule(delayMs: number, task: () => void): Cancel
}

/** The machine's clock. Pending timers do not keep the process alive when `unref` is asked for. */
export const systemClock = ({ unref = false } = {}): Clock => ({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs)
    if (unref) timer.unref()
    return () => clearTimeout(timer)
  },
})

/** Resolves after `delayMs`, or at once when `signal` aborts (it never rejects: look at the signal). */
export const sleep = (clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      cancel()
      resolve()
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
