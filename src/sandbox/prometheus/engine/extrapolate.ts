import type { Points } from '../storage/series.ts'
import type { WindowFunction } from './window.ts'

/** What a counter lost when it started again from zero: the last value before each drop. */
const lostToResets = (values: Float64Array): number => {
  let lost = 0
  for (let index = 1; index < values.length; index += 1) {
    const before = values[index - 1] ?? 0
    if ((values[index] ?? 0) < before) lost += before
  }
  return lost
}

/** How far before the first sample a growing counter would have been at zero; infinity where that says nothing. */
const secondsToZero = (first: number, growth: number, sampledSeconds: number): number =>
  growth > 0 && first >= 0 ? sampledSeconds * (first / growth) : Number.POSITIVE_INFINITY

interface Sampled {
  readonly firstMs: number
  readonly lastMs: number
  readonly growth: number
  /** Seconds between the first and the last sample. */
  readonly seconds: number
  /** Seconds before the first sample at which the series was certainly not there. */
  readonly zeroSeconds: number
  /** Mean distance of neighbours, in seconds. */
  readonly distance: number
}

const sampledOf = ({ times, values }: Points, counter: boolean): Sampled | undefined => {
  const [firstMs, lastMs, first, last] = [times.at(0), times.at(-1), values.at(0), values.at(-1)]
  if (times.length < 2 || firstMs === undefined || lastMs === undefined || first === undefined || last === undefined) return undefined
  const seconds = (lastMs - firstMs) / 1000
  const growth = last - first + (counter ? lostToResets(values) : 0)
  const zeroSeconds = counter ? secondsToZero(first, growth, seconds) : Number.POSITIVE_INFINITY
  return { firstMs, lastMs, growth, seconds, zeroSeconds, distance: seconds / (times.length - 1) }
}

/**
 * `rate`, `increase` and `delta`. The samples rarely fill the window: the growth between the first and the last is stretched to both ends,
 * or by half a sample distance where an end is 1.1 distances away or more (the series begins or ends there). A counter is never
 * stretched back beyond the moment at which it would have been zero.
 */
export const extrapolated =
  ({ counter, perSecond }: { readonly counter: boolean; readonly perSecond: boolean }): WindowFunction =>
  ({ points, startMs, endMs, semantics }) => {
    const sampled = sampledOf(points, counter)
    if (!sampled) return undefined
    const { firstMs, lastMs, growth, seconds, zeroSeconds, distance } = sampled
    const reach = (gap: number): number => (gap >= distance * 1.1 ? distance / 2 : gap)
    const toStart = (firstMs - startMs) / 1000
    const before = semantics.zeroPointAfterThreshold ? Math.min(reach(toStart), zeroSeconds) : reach(Math.min(toStart, zeroSeconds))
    const factor = (seconds + before + reach((endMs - lastMs) / 1000)) / seconds
    return growth * (perSecond ? factor / ((endMs - startMs) / 1000) : factor)
  }

/** `irate` and `idelta`: the last two samples only. */
export const instantaneous =
  ({ perSecond }: { readonly perSecond: boolean }): WindowFunction =>
  ({ points: { times, values } }) => {
    const [before, last] = values.slice(-2)
    const [beforeMs, lastMs] = times.slice(-2)
    if (before === undefined || last === undefined || beforeMs === undefined || lastMs === undefined) return undefined
    if (!perSecond) return last - before
    return (last < before ? last : last - before) / ((lastMs - beforeMs) / 1000)
  }
