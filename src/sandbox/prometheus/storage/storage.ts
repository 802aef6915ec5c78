import type { Label, Labels } from './labels.ts'
import { labelsOf, signatureOf } from './labels.ts'
import type { Matcher } from './matcher.ts'
import { Series } from './series.ts'

const hourMs = 3_600_000

/** All that the evaluator and the API read. */
export interface SeriesSource {
  /** The series that fulfil every condition, in the order in which they appeared. */
  select(matchers: readonly Matcher[]): readonly Series[]
}

/** What a label set may be handed in as. */
type LabelsInput = Readonly<Record<string, string>> | Iterable<Label>

/** Samples in memory, found by label. */
export interface Storage extends SeriesSource {
  /** Adds a sample, making the series if needed. False when refused: older than the newest sample, or another value for the same instant. */
  append(labels: LabelsInput, timeMs: number, value: number): boolean
  /** Says that the series ended at this instant. */
  markStale(labels: LabelsInput, timeMs: number): void
  /** Forgets samples older than `limitMs` and series that have none left. */
  dropBefore(limitMs: number): void
  readonly seriesCount: number
  readonly sampleCount: number
}

/** Series by label value. */
class LabelIndex {
  readonly #byName = new Map<string, Map<string, Set<Series>>>()

  add(series: Series): void {
    for (const [name, value] of series.labels) {
      const byValue = this.#byName.get(name) ?? new Map<string, Set<Series>>()
      this.#byName.set(name, byValue)
      byValue.set(value, (byValue.get(value) ?? new Set()).add(series))
    }
  }

  remove(series: Series): void {
    for (const [name, value] of series.labels) {
      const byValue = this.#byName.get(name)
      byValue?.get(value)?.delete(series)
      if (byValue?.get(value)?.size === 0) byValue.delete(value)
      if (byValue?.size === 0) this.#byName.delete(name)
    }
  }

  get(name: string, value: string): ReadonlySet<Series> {
    return this.#byName.get(name)?.get(value) ?? new Set()
  }
}

const smallest = (sets: readonly ReadonlySet<Series>[]): ReadonlySet<Series> | undefined =>
  sets.reduce<ReadonlySet<Series> | undefined>((best, one) => (best === undefined || one.size < best.size ? one : best), undefined)

const fulfils = (labels: Labels, matchers: readonly Matcher[]): boolean =>
  matchers.every(matcher => matcher.matches(labels.find(([name]) => name === matcher.name)?.[1] ?? ''))

class MemoryStorage implements Storage {
  readonly #retentionMs: number
  readonly #bySignature = new Map<string, Series>()
  readonly #index = new LabelIndex()

  constructor(retentionMs: number) {
    this.#retentionMs = retentionMs
  }

  get seriesCount(): number {
    return this.#bySignature.size
  }

  get sampleCount(): number {
    let count = 0
    for (const series of this.#bySignature.values()) count += series.size
    return count
  }

  append(labels: LabelsInput, timeMs: number, value: number): boolean {
    const series = this.#seriesOf(labels)
    series.dropBefore(timeMs - this.#retentionMs)
    return series.append(timeMs, value)
  }

  markStale(labels: LabelsInput, timeMs: number): void {
    this.#bySignature.get(signatureOf(labelsOf(labels)))?.markStale(timeMs)
  }

  #seriesOf(labels: LabelsInput): Series {
    const sorted = labelsOf(labels)
    const key = signatureOf(sorted)
    const known = this.#bySignature.get(key)
    if (known) return known
    const series = new Series(sorted, key)
    this.#bySignature.set(key, series)
    this.#index.add(series)
    return series
  }

  select(matchers: readonly Matcher[]): readonly Series[] {
    const exact = matchers.filter(({ op, value }) => op === '=' && value !== '')
    const candidates = smallest(exact.map(({ name, value }) => this.#index.get(name, value))) ?? this.#bySignature.values()
    return [...candidates].filter(series => fulfils(series.labels, matchers))
  }

  dropBefore(limitMs: number): void {
    for (const series of this.#bySignature.values()) {
      series.dropBefore(limitMs)
      if (series.size === 0) this.#forget(series)
    }
  }

  #forget(series: Series): void {
    this.#bySignature.delete(series.key)
    this.#index.remove(series)
  }
}

/** An empty store; samples older than `retentionMs` are forgotten as newer ones arrive. */
export const createStorage = ({ retentionMs = hourMs } = {}): Storage => new MemoryStorage(retentionMs)
