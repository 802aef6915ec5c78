/** Each bucket is one percent wider than the one before: small memory for any length of run, one percent of error. */
const growth = Math.log(1.01)

/** One bar of a picture of latencies: how many were slower than the bar before and not slower than `uptoMs`. */
export interface Bar {
  readonly uptoMs: number
  readonly count: number
}

/** What can be asked of many latencies after they were counted. All zero when there were none. */
export interface Latencies {
  readonly count: number
  readonly fastestMs: number
  readonly slowestMs: number
  readonly averageMs: number
  /** The latency that `percent` of the requests did not exceed, to one percent. */
  percentileMs(percent: number): number
  /** So many bars of equal width from the fastest to the slowest. */
  bars(count: number): readonly Bar[]
}

/** Counts latencies without keeping each. */
export class LatencyHistogram implements Latencies {
  readonly #counts = new Map<number, number>()
  #count = 0
  #sumMs = 0
  #fastestMs = Number.POSITIVE_INFINITY
  #slowestMs = 0

  add(latencyMs: number): void {
    const bucket = Math.ceil(Math.log(Math.max(latencyMs, 0.001)) / growth)
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1)
    this.#count += 1
    this.#sumMs += latencyMs
    this.#fastestMs = Math.min(this.#fastestMs, latencyMs)
    this.#slowestMs = Math.max(this.#slowestMs, latencyMs)
  }

  get count(): number {
    return this.#count
  }

  get fastestMs(): number {
    return this.#count === 0 ? 0 : this.#fastestMs
  }

  get slowestMs(): number {
    return this.#slowestMs
  }

  get averageMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count
  }

  percentileMs(percent: number): number {
    let left = (percent / 100) * this.#count
    for (const { uptoMs, count } of this.#sorted()) {
      left -= count
      // A sum of percents may end a hair above zero.
      if (left <= 1e-9) return uptoMs
    }
    return this.slowestMs
  }

  bars(count: number): readonly Bar[] {
    const widthMs = (this.slowestMs - this.fastestMs) / count
    const sums = Array.from({ length: count }, () => 0)
    for (const bucket of this.#sorted()) {
      const bar = widthMs === 0 ? 0 : Math.ceil((bucket.uptoMs - this.fastestMs) / widthMs) - 1
      const at = Math.min(count - 1, Math.max(0, bar))
      sums[at] = (sums[at] ?? 0) + bucket.count
    }
    return sums.map((sum, at) => ({ uptoMs: this.fastestMs + widthMs * (at + 1), count: sum }))
  }

  /** The buckets from fast to slow, each named by its upper end as far as that was seen. */
  #sorted(): readonly Bar[] {
    return [...this.#counts]
      .sort(([a], [b]) => a - b)
      .map(([bucket, count]) => ({ uptoMs: Math.min(this.slowestMs, Math.max(this.fastestMs, Math.exp(bucket * growth))), count }))
  }
}
