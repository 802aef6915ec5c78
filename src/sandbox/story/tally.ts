/** Which workload answered a request. */
export type Track = 'primary' | 'canary'

/** One finished request as the client saw it. `track` is undefined where no pod answered. */
export interface Sample {
  readonly atMs: number
  readonly track: Track | undefined
  readonly version: string
  /** Why it failed; undefined when it did not. */
  readonly failure: string | undefined
  readonly latencyMs: number
}

/** What a client saw of one track over the last seconds. Rates are per second, shares and success in percent. */
export interface TrackView {
  readonly version: string
  readonly perSecond: number
  readonly sharePercent: number
  readonly successPercent: number | undefined
  readonly p99Ms: number | undefined
}

export interface Totals {
  readonly requests: number
  readonly failed: number
}

/** Counts what a client saw: all of it as totals, the last seconds in detail. */
export interface Tally {
  add(sample: Sample): void
  totals(): Totals
  /** How many requests failed for which reason. */
  failures(): Readonly<Record<string, number>>
  view(track: Track, nowMs: number): TrackView
}

export const createTally = (windowMs = 5000): Tally => {
  const recent: Sample[] = []
  let requests = 0
  const failures: Record<string, number> = {}
  const inWindow = (nowMs: number): readonly Sample[] => {
    while (recent[0] !== undefined && recent[0].atMs < nowMs - windowMs) recent.shift()
    return recent
  }
  return {
    add: sample => {
      requests += 1
      if (sample.failure !== undefined) failures[sample.failure] = (failures[sample.failure] ?? 0) + 1
      recent.push(sample)
    },
    totals: () => ({ requests, failed: Object.values(failures).reduce((sum, count) => sum + count, 0) }),
    failures: () => ({ ...failures }),
    view: (track, nowMs) => viewOf(inWindow(nowMs), track, windowMs),
  }
}

const viewOf = (samples: readonly Sample[], track: Track, windowMs: number): TrackView => {
  const own = samples.filter(sample => sample.track === track)
  const served = samples.filter(sample => sample.track !== undefined).length
  const latencies = own.map(sample => sample.latencyMs).sort((a, b) => a - b)
  return {
    version: own.at(-1)?.version ?? '',
    perSecond: own.length / (windowMs / 1000),
    sharePercent: served === 0 ? 0 : (own.length / served) * 100,
    successPercent: own.length === 0 ? undefined : (own.filter(sample => sample.failure === undefined).length / own.length) * 100,
    p99Ms: latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * 0.99))],
  }
}
