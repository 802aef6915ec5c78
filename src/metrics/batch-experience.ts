/** How an attempt to ask one query alone went, after a batch with it was of no use. */
export interface Trial {
  readonly query: string
  /** Answered soon, with what could be part of a batch's answer. */
  readonly fits: boolean
  /** The answer itself says that it belongs in no batch, whatever happened to the others. */
  readonly atFault: boolean
}

/** What batching to one server has taught. Each method is told the time. */
export interface BatchExperience {
  /** How many queries a batch may have now. */
  readonly limit: number
  mayBatch(query: string, nowMs: number): boolean
  /** A batch was answered, and took so long. */
  answered(queries: readonly string[], tookMs: number, nowMs: number): void
  /** A batch was of no use, and each of its queries was asked alone. The milliseconds are how long batching stops, where it does. */
  failed(trials: readonly Trial[], nowMs: number): number | undefined
  /** A query that is kept out of batches was asked. */
  asked(trial: Trial, nowMs: number): void
}

/** What takes longer holds up others in a batch. */
export const slowMs = 250
const mostQueries = 50
const fewestQueries = 5
/** A query that disturbed a batch stays out this long after it was last seen to be unfit. */
const keepOutMs = 5 * 60_000
const pause = { leastMs: 5 * 60_000, mostMs: 60 * 60_000 } as const

/** Times by query, forgotten when they are over. */
const createKeptOut = () => {
  const untilMs = new Map<string, number>()
  const has = (query: string, nowMs: number): boolean => (untilMs.get(query) ?? 0) > nowMs
  return {
    has,
    add: (query: string, nowMs: number): void => {
      for (const [old, end] of untilMs) {
        if (end > nowMs) break
        untilMs.delete(old)
      }
      untilMs.delete(query) // so that the order of the map is that of the ends
      untilMs.set(query, nowMs + keepOutMs)
    },
    remove: (query: string): void => void untilMs.delete(query),
  }
}

/**
 * Finds out which queries disturb others, and how much a server bears. Queries of a slow or failed batch are tried alone: what is slow or
 * refused alone stays out until it is neither. When each is fine alone, batching itself is the trouble, and stops for a while.
 */
export const createBatchExperience = (): BatchExperience => {
  const out = createKeptOut()
  let limit = mostQueries
  let pausedUntilMs = 0
  let pauseMs: number = pause.leastMs
  return {
    get limit() {
      return limit
    },
    mayBatch: (query, nowMs) => nowMs >= pausedUntilMs && !out.has(query, nowMs),
    answered: (queries, tookMs, nowMs) => {
      pauseMs = pause.leastMs
      if (tookMs > slowMs) {
        limit = Math.max(fewestQueries, Math.floor(queries.length / 2))
        for (const query of queries) out.add(query, nowMs)
      } else if (queries.length >= limit && tookMs < slowMs / 2) {
        limit = Math.min(mostQueries, limit * 2)
      }
    },
    failed: (trials, nowMs) => {
      const misfits = trials.filter(({ fits }) => !fits)
      const serverIsUp = misfits.length < trials.length
      for (const { query, atFault } of misfits) if (serverIsUp || atFault) out.add(query, nowMs)
      if (misfits.length > 0 || trials.length === 0) return undefined
      const stopsMs = pauseMs
      pausedUntilMs = nowMs + stopsMs
      pauseMs = Math.min(pause.mostMs, pauseMs * 2)
      return stopsMs
    },
    asked: ({ query, fits }, nowMs) => {
      if (fits) out.remove(query)
      else if (out.has(query, nowMs)) out.add(query, nowMs)
    },
  }
}
