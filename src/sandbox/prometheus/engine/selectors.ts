import type { RangeSelector, Selector } from '../promql/ast.ts'
import type { Labels } from '../storage/labels.ts'
import type { Series } from '../storage/series.ts'
import type { Frame, QueryScope } from './frame.ts'
import { openStart, shiftedMs } from './frame.ts'
import type { Matrix } from './value.ts'

const seriesOf = (selector: Selector, { selected, source }: QueryScope): readonly Series[] => {
  const known = selected.get(selector)
  if (known) return known
  const series = source.select(selector.matchers)
  selected.set(selector, series)
  return series
}

/** The newest sample of each series that is not too old and after which the series did not end. */
export const latestOf = (selector: Selector, frame: Frame): { labels: Labels; value: number; timeMs: number }[] => {
  const { scope } = frame
  const atMs = shiftedMs(selector, frame)
  const afterMs = openStart(atMs - scope.lookbackMs, scope.semantics)
  return seriesOf(selector, scope).flatMap(series => {
    const sample = series.latest(afterMs, atMs)
    return sample ? [{ labels: series.labels, ...sample }] : []
  })
}

/** All samples of each series within the range; series without any are left out. */
export const windowsOf = ({ selector, rangeMs }: RangeSelector, frame: Frame): Matrix => {
  const { scope } = frame
  const endMs = shiftedMs(selector, frame)
  const startMs = endMs - rangeMs
  const afterMs = openStart(startMs, scope.semantics)
  const rows = seriesOf(selector, scope).flatMap(series => {
    const points = series.window(afterMs, endMs)
    return points.times.length > 0 ? [{ labels: series.labels, points }] : []
  })
  return { rows, startMs, endMs }
}
