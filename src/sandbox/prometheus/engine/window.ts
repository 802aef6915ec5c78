import type { FunctionName } from '../promql/signatures.ts'
import type { Points } from '../storage/series.ts'
import { extrapolated, instantaneous } from './extrapolate.ts'
import { maxOf, meanOf, minOf, quantileOf, regressionOf, sumOf, varianceOf } from './numeric.ts'
import type { Semantics } from './semantics.ts'
import type { Span } from './value.ts'

/** What a function over time sees of one series; there is at least one sample. */
interface Window extends Span {
  readonly points: Points
  /** The instant of evaluation. */
  readonly timeMs: number
  /** The function's scalar argument, NaN when it has none. */
  readonly param: number
  readonly semantics: Semantics
}

/** The value of a series over a window; undefined when it has none, and then the series is left out. */
export type WindowFunction = (window: Window) => number | undefined

const ofValues =
  (reduce: (values: Float64Array) => number): WindowFunction =>
  ({ points }) =>
    reduce(points.values)

/** How often neighbours stand in a relation. */
const pairs = (values: Float64Array, related: (before: number, after: number) => boolean): number =>
  values.reduce((count, after, index) => (index > 0 && related(values[index - 1] ?? 0, after) ? count + 1 : count), 0)

const bothNaN = (a: number, b: number): boolean => Number.isNaN(a) && Number.isNaN(b)

const secondsSince = ({ times }: Points, originMs: number): Float64Array => times.map(timeMs => (timeMs - originMs) / 1000)

/** Functions of a range vector, by name. */
export const windowFunctions = {
  rate: extrapolated({ counter: true, perSecond: true }),
  increase: extrapolated({ counter: true, perSecond: false }),
  delta: extrapolated({ counter: false, perSecond: false }),
  irate: instantaneous({ perSecond: true }),
  idelta: instantaneous({ perSecond: false }),
  deriv: ({ points }) =>
    points.times.length < 2 ? undefined : regressionOf(secondsSince(points, points.times[0] ?? 0), points.values).slope,
  predict_linear: ({ points, timeMs, param }) => {
    if (points.times.length < 2) return undefined
    const { slope, intercept } = regressionOf(secondsSince(points, timeMs), points.values)
    return slope * param + intercept
  },
  changes: ofValues(values => pairs(values, (before, after) => before !== after && !bothNaN(before, after))),
  resets: ofValues(values => pairs(values, (before, after) => after < before)),
  avg_over_time: ofValues(meanOf),
  count_over_time: ofValues(values => values.length),
  first_over_time: ofValues(values => values.at(0) ?? Number.NaN),
  last_over_time: ofValues(values => values.at(-1) ?? Number.NaN),
  max_over_time: ofValues(maxOf),
  min_over_time: ofValues(minOf),
  present_over_time: ofValues(() => 1),
  quantile_over_time: ({ points, param }) => quantileOf(param, points.values),
  stddev_over_time: ofValues(values => Math.sqrt(varianceOf(values))),
  stdvar_over_time: ofValues(varianceOf),
  sum_over_time: ofValues(sumOf),
} as const satisfies Partial<Record<FunctionName, WindowFunction>>
