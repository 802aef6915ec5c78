import { parseFloatText } from '../promql/literals.ts'
import type { Labels } from '../storage/labels.ts'
import { dropLabels, labelValue, metricName, signatureOf } from '../storage/labels.ts'
import type { Semantics } from './semantics.ts'
import type { Vector } from './value.ts'

/** A cumulative bucket: how many observations were at most `upperBound`. */
export interface Bucket {
  readonly upperBound: number
  readonly count: number
}

const smallestNormal = 2.2250738585072014e-308

const almostEqual = (a: number, b: number, tolerance: number): boolean => {
  const size = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || size < smallestNormal) return difference < tolerance * smallestNormal
  return difference / Math.min(size, Number.MAX_VALUE) < tolerance
}

/** Sorted by bound; buckets with the same bound (`le="1"` and `le="1.0"`) become one. */
const merged = (buckets: readonly Bucket[]): Bucket[] => {
  const byBound = new Map<number, number>()
  for (const { upperBound, count } of buckets) byBound.set(upperBound, (byBound.get(upperBound) ?? 0) + count)
  return [...byBound].sort(([a], [b]) => a - b).map(([upperBound, count]) => ({ upperBound, count }))
}

/**
 * Cumulative counts may not fall from bucket to bucket, but scrapes that are not atomic and sums of floats make them: a count that falls,
 * or that hardly differs, is replaced by the one before it.
 */
const monotonic = (buckets: readonly Bucket[], tolerance: number): Bucket[] => {
  let highest = buckets[0]?.count ?? 0
  return buckets.map(({ upperBound, count }) => {
    if (count > highest && !almostEqual(highest, count, tolerance)) highest = count
    return { upperBound, count: highest }
  })
}

/** Interpolates within the bucket that the rank falls into; the lowest one starts at zero, unless its bound is not above it. */
const interpolate = (buckets: readonly Bucket[], rank: number): number => {
  const highest = buckets.length - 1
  const found = buckets.findIndex(({ count }) => count >= rank)
  if (found === -1 || found >= highest) return buckets[highest - 1]?.upperBound ?? Number.NaN
  const { upperBound, count } = buckets[found] ?? { upperBound: Number.NaN, count: Number.NaN }
  if (found === 0 && upperBound <= 0) return upperBound
  const below = buckets[found - 1] ?? { upperBound: 0, count: 0 }
  return below.upperBound + (upperBound - below.upperBound) * ((rank - below.count) / (count - below.count))
}

/** The q-quantile of a histogram; NaN when it is empty or lacks the `+Inf` bucket. Values beyond the last bound count as that bound. */
export const bucketQuantile = (q: number, buckets: readonly Bucket[], tolerance: number): number => {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const sorted = merged(buckets)
  if (sorted.at(-1)?.upperBound !== Number.POSITIVE_INFINITY || sorted.length < 2) return Number.NaN
  const fixed = monotonic(sorted, tolerance)
  const observations = fixed.at(-1)?.count ?? 0
  return observations === 0 ? Number.NaN : interpolate(fixed, q * observations)
}

const bucketLabels: ReadonlySet<string> = new Set(['le', metricName])

/** One quantile per histogram; samples whose `le` is no number belong to none. */
export const histogramQuantile = (q: number, samples: Vector, { bucketTolerance }: Semantics): Vector => {
  const histograms = new Map<string, { labels: Labels; buckets: Bucket[] }>()
  for (const { labels, value } of samples) {
    const upperBound = parseFloatText(labelValue(labels, 'le'))
    if (upperBound === undefined) continue
    const own = dropLabels(labels, bucketLabels)
    const signature = signatureOf(own)
    const histogram = histograms.get(signature) ?? { labels: own, buckets: [] }
    histogram.buckets.push({ upperBound, count: value })
    histograms.set(signature, histogram)
  }
  return [...histograms.values()].map(({ labels, buckets }) => ({ labels, value: bucketQuantile(q, buckets, bucketTolerance) }))
}
