import { executionError } from '../promql/query-error.ts'
import type { Labels } from '../storage/labels.ts'
import { labelsText, signatureOf, withoutMetricName } from '../storage/labels.ts'
import type { Points } from '../storage/series.ts'

/** One series at one instant. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export type Vector = readonly Sample[]

/** One series over a time. */
export interface Row {
  readonly labels: Labels
  readonly points: Points
}

/** The time that a range selector spans: samples with `startMs < time <= endMs` count (see `Semantics.leftOpen`). */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

export interface Matrix extends Span {
  readonly rows: readonly Row[]
}

/** What an expression comes to. */
export type Value =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: Vector }
  | { readonly type: 'matrix'; readonly matrix: Matrix }

export const vectorValue = (samples: Vector): Value => ({ type: 'vector', samples })
export const scalarValue = (value: number): Value => ({ type: 'scalar', value })

/** The same series with other values and, as every computed value, without the metric name. */
export const mapValues = (samples: Vector, change: (value: number) => number): Vector =>
  samples.map(({ labels, value }) => ({ labels: withoutMetricName(labels), value: change(value) }))

/**
 * The vector itself, once no two samples have the same labels.
 * @throws {QueryError} terminal: two have
 */
export const distinct = (samples: Vector): Vector => {
  const seen = new Set<string>()
  for (const { labels } of samples) {
    const signature = signatureOf(labels)
    if (seen.has(signature)) throw executionError(`vector cannot contain metrics with the same labelset: ${labelsText(labels)}`)
    seen.add(signature)
  }
  return samples
}
