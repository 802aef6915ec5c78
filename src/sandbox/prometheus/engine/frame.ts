import type { Selector, TimeShift } from '../promql/ast.ts'
import type { Series } from '../storage/series.ts'
import type { SeriesSource } from '../storage/storage.ts'
import type { Semantics } from './semantics.ts'

/** What one query keeps from its first instant to its last. */
export interface QueryScope {
  readonly source: SeriesSource
  readonly semantics: Semantics
  /** How far an instant selector looks back. */
  readonly lookbackMs: number
  /** Step of subqueries that name none. */
  readonly subqueryStepMs: number
  readonly startMs: number
  readonly endMs: number
  /** Called again and again; throws when the query has taken too long. */
  readonly checkpoint: () => void
  /** Series of the selectors met so far: they stay the same for all instants. */
  readonly selected: Map<Selector, readonly Series[]>
}

/** One instant of a query. */
export interface Frame {
  readonly scope: QueryScope
  readonly timeMs: number
}

/** The instant at which a selector or subquery looks, after `@` and `offset`. */
export const shiftedMs = ({ offsetMs = 0, fixedAt }: TimeShift, { scope, timeMs }: Frame): number => {
  const baseMs = fixedAt === 'start' ? scope.startMs : fixedAt === 'end' ? scope.endMs : (fixedAt ?? timeMs)
  return baseMs - offsetMs
}

/** The limit that samples must lie beyond, for spans that should start at `startMs`: times are whole milliseconds. */
export const openStart = (startMs: number, { leftOpen }: Semantics): number => (leftOpen ? startMs : startMs - 1)
