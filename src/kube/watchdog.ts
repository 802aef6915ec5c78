import type { Cancel } from '../clock.ts'
import type { Io } from '../io.ts'
import { childSignal, DeadlineExceeded } from './deadline.ts'

/** Aborts its signal when nobody called `alive` for a while: a half-open socket says nothing, for ever. */
export interface Watchdog {
  readonly signal: AbortSignal
  alive(): void
  /** Leaves no timer or listener behind. */
  clear(): void
}

export const startWatchdog = (io: Io, silenceMs: number): Watchdog => {
  const child = childSignal(io.signal)
  let aliveAtMs = io.clock.monotonicMs()
  let cancel: Cancel
  // One timer that looks back, instead of one that is re-armed with every event.
  const look = () => {
    const leftMs = aliveAtMs + silenceMs - io.clock.monotonicMs()
    if (leftMs > 0) cancel = io.clock.schedule(leftMs, look)
    else child.abort(new DeadlineExceeded(silenceMs))
  }
  cancel = io.clock.schedule(silenceMs, look)
  return {
    signal: child.signal,
    alive: () => {
      aliveAtMs = io.clock.monotonicMs()
    },
    clear: () => {
      cancel()
      child.clear()
    },
  }
}
