import type { Label, Labels } from './labels.ts'
import { signatureOf } from './labels.ts'

/** Samples in time order; both arrays have the same length. */
export interface Points {
  /** Milliseconds since 1970. */
  readonly times: Float64Array
  readonly values: Float64Array
}

const firstCapacity = 16
/** What 4 bytes hold: 49.7 days. */
const farthestOffsetMs = 0xffff_ffff

/**
 * The samples of one series: 4 bytes of time (milliseconds after `#baseMs`) and 8 bytes of value each, in arrays that are read between
 * `#from` and `#to`. It spans 49 days at most: older samples are forgotten. Staleness is not a sample here but a list of instants at
 * which the series ended: it is rare, and so no window ever needs filtering.
 */
export class Series {
  readonly labels: Labels
  readonly key: string
  #baseMs = 0
  #offsets = new Uint32Array(firstCapacity)
  #values = new Float64Array(firstCapacity)
  #from = 0
  #to = 0
  #endsMs: number[] = []

  constructor(labels: readonly Label[], key = signatureOf(labels)) {
    this.labels = labels
    this.key = key
  }

  get size(): number {
    return this.#to - this.#from
  }

  /** Time of the newest sample or end mark; -Infinity when there is none. */
  get lastMs(): number {
    return Math.max(this.#newestMs, this.#endsMs.at(-1) ?? Number.NEGATIVE_INFINITY)
  }

  /** Time of the oldest sample; +Infinity when there is none. */
  get firstMs(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#timeAt(this.#from)
  }

  /** Adds a sample. False when it was refused: older than the newest one, or of the same instant with another value. */
  append(timeMs: number, value: number): boolean {
    if (timeMs <= this.lastMs) return timeMs === this.#newestMs && Object.is(value, this.#values[this.#to - 1])
    if (timeMs - this.#baseMs > farthestOffsetMs) this.dropBefore(timeMs - farthestOffsetMs)
    if (this.size === 0) this.#restartAt(timeMs)
    if (this.#to === this.#offsets.length || timeMs - this.#baseMs > farthestOffsetMs) this.#makeRoom()
    this.#offsets[this.#to] = timeMs - this.#baseMs
    this.#values[this.#to] = value
    this.#to += 1
    return true
  }

  /** Says that the series ended at this instant: instant selectors no longer look back beyond it. */
  markStale(timeMs: number): void {
    if (timeMs > this.lastMs) this.#endsMs.push(timeMs)
  }

  /** Forgets what is older than `limitMs`. */
  dropBefore(limitMs: number): void {
    while (this.#from < this.#to && this.#timeAt(this.#from) < limitMs) this.#from += 1
    if ((this.#endsMs[0] ?? limitMs) < limitMs) this.#endsMs = this.#endsMs.filter(endMs => endMs >= limitMs)
  }

  /** The newest sample with `afterMs < time <= untilMs`, unless the series ended after it. */
  latest(afterMs: number, untilMs: number): { readonly timeMs: number; readonly value: number } | undefined {
    const index = this.#firstAfter(untilMs) - 1
    if (index < this.#from) return undefined
    const timeMs = this.#timeAt(index)
    if (timeMs <= afterMs || this.#endsMs.some(endMs => endMs > timeMs && endMs <= untilMs)) return undefined
    return { timeMs, value: this.#values[index] ?? Number.NaN }
  }

  /** The samples with `afterMs < time <= untilMs`. The values are a view: use them before the next append. */
  window(afterMs: number, untilMs: number): Points {
    const from = this.#firstAfter(afterMs)
    const to = Math.max(from, this.#firstAfter(untilMs))
    return {
      times: Float64Array.from(this.#offsets.subarray(from, to), offset => offset + this.#baseMs),
      values: this.#values.subarray(from, to),
    }
  }

  get #newestMs(): number {
    return this.size === 0 ? Number.NEGATIVE_INFINITY : this.#timeAt(this.#to - 1)
  }

  #timeAt(index: number): number {
    return this.#baseMs + (this.#offsets[index] ?? 0)
  }

  /** Index of the first sample after `timeMs`, by bisection. */
  #firstAfter(timeMs: number): number {
    let low = this.#from
    let high = this.#to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#timeAt(middle) <= timeMs) low = middle + 1
      else high = middle
    }
    return low
  }

  #restartAt(timeMs: number): void {
    this.#baseMs = timeMs
    this.#from = 0
    this.#to = 0
  }

  /** Moves the samples to the front and counts time from the oldest; grows when little would be gained. */
  #makeRoom(): void {
    const { size } = this
    const capacity = size > this.#offsets.length * 0.75 ? Math.ceil(this.#offsets.length * 1.5) : this.#offsets.length
    const { times, values } = this.window(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    const moved = { offsets: new Uint32Array(capacity), values: new Float64Array(capacity) }
    moved.values.set(values)
    this.#restartAt(times[0] ?? 0)
    for (let index = 0; index < size; index += 1) moved.offsets[index] = (times[index] ?? 0) - this.#baseMs
    this.#offsets = moved.offsets
    this.#values = moved.values
    this.#to = size
  }
}
