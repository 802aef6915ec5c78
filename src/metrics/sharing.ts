import type { Io } from '../io.ts'

/** Work that is done once for all who want the same at about the same time. */
export interface Sharing<T> {
  /**
   * The result of `work`, or of the same work (by key) that somebody else began. `work` gets a signal that aborts when the last one who
   * waits has left; `left` is what those get whose own signal aborts.
   */
  share(key: string, io: Io, work: Shared<T>): Promise<T>
}

export interface Shared<T> {
  readonly run: (io: Io) => Promise<T>
  readonly left: () => T
  /** The result came from somebody else's run. */
  readonly onShared: () => void
}

interface Flight<T> {
  readonly result: Promise<T>
  readonly over: AbortController
  waiting: number
}

interface Kept<T> {
  readonly result: T
  readonly untilMs: number
}

/** A result counts while the work runs and for `keepMs` after it. */
export const createSharing = <T>(keepMs: number): Sharing<T> => {
  const flights = new Map<string, Flight<T>>()
  /** In the order of their ends. */
  const kept = new Map<string, Kept<T>>()

  const recall = (key: string, nowMs: number): Kept<T> | undefined => {
    for (const [old, { untilMs }] of kept) {
      if (untilMs > nowMs) break
      kept.delete(old)
    }
    return kept.get(key)
  }

  const start = (key: string, io: Io, { run }: Shared<T>): Flight<T> => {
    const over = new AbortController()
    const land = async (): Promise<T> => {
      try {
        const result = await run({ ...io, signal: over.signal })
        if (!over.signal.aborted) kept.set(key, { result, untilMs: io.clock.monotonicMs() + keepMs })
        return result
      } finally {
        if (flights.get(key)?.over === over) flights.delete(key)
      }
    }
    const flight: Flight<T> = { result: land(), over, waiting: 0 }
    flights.set(key, flight)
    return flight
  }

  const leave = (key: string, flight: Flight<T>): void => {
    flight.waiting -= 1
    if (flight.waiting > 0 || flights.get(key) !== flight) return
    flights.delete(key)
    flight.over.abort()
  }

  return {
    share: async (key, io, work) => {
      if (io.signal.aborted) return work.left()
      const known = recall(key, io.clock.monotonicMs())
      const under = flights.get(key)
      if (known || under) work.onShared()
      if (known) return known.result
      const flight = under ?? start(key, io, work)
      flight.waiting += 1
      const gone = Promise.withResolvers<T>()
      const go = () => gone.resolve(work.left())
      io.signal.addEventListener('abort', go, { once: true })
      try {
        return await Promise.race([flight.result, gone.promise])
      } finally {
        io.signal.removeEventListener('abort', go)
        leave(key, flight)
      }
    },
  }
}
