import { typeNameOf, typeOf } from '../promql/checks.ts'
import { parse } from '../promql/parse.ts'
import { QueryError } from '../promql/query-error.ts'
import type { SeriesSource } from '../storage/storage.ts'
import { evaluateAt, evaluateOver } from './evaluate.ts'
import type { Frame } from './frame.ts'
import type { Semantics } from './semantics.ts'
import { defaultSemantics } from './semantics.ts'
import type { Row, Value } from './value.ts'

const minuteMs = 60_000

export interface EngineOptions {
  readonly semantics?: Semantics
  /** How far an instant selector looks back for the newest sample. */
  readonly lookbackMs?: number
  /** Step of subqueries that name none. */
  readonly subqueryStepMs?: number
  /** Called again and again during an evaluation; what it throws ends it. */
  readonly checkpoint?: () => void
}

/** Instants of a range query: `startMs`, then every `stepMs`, up to `endMs`. */
interface QueryRange {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

const frameOf = ({ startMs, endMs }: Pick<QueryRange, 'startMs' | 'endMs'>, source: SeriesSource, options: EngineOptions): Frame => ({
  timeMs: startMs,
  scope: {
    source,
    startMs,
    endMs,
    semantics: options.semantics ?? defaultSemantics,
    lookbackMs: options.lookbackMs ?? 5 * minuteMs,
    subqueryStepMs: options.subqueryStepMs ?? minuteMs,
    checkpoint: options.checkpoint ?? (() => {}),
    selected: new Map(),
  },
})

const byLabels = (a: Row, b: Row): number => {
  const [left, right] = [JSON.stringify(a.labels), JSON.stringify(b.labels)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Answers queries about one store of series. */
export interface Engine {
  /**
   * The value of a query at one instant.
   * @throws {QueryError} terminal: wrong, unsupported, without a single answer, or too slow
   */
  instant(query: string, timeMs: number): Value
  /**
   * The series that an instant query gives over a time, sorted by their labels.
   * @throws {QueryError} terminal: as above, or the query gives no instant vector
   */
  range(query: string, range: QueryRange): readonly Row[]
}

export const createEngine = (source: SeriesSource, options: EngineOptions = {}): Engine => ({
  instant: (query, timeMs) => evaluateAt(parse(query), frameOf({ startMs: timeMs, endMs: timeMs }, source, options)),
  range: (query, { startMs, endMs, stepMs }) => {
    const expr = parse(query)
    if (!['scalar', 'vector'].includes(typeOf(expr))) {
      throw new QueryError(
        'bad_data',
        `invalid expression type ${JSON.stringify(typeNameOf(expr))} for range query, must be Scalar or instant Vector`,
      )
    }
    const instants = Array.from({ length: Math.floor((endMs - startMs) / stepMs) + 1 }, (_, index) => startMs + index * stepMs)
    return evaluateOver(expr, frameOf({ startMs, endMs }, source, options), instants).sort(byLabels)
  },
})

/**
 * The value of a query at one instant, with the default settings. Pure.
 * @throws {QueryError} terminal: wrong, unsupported, or without a single answer
 */
export const evaluate = (query: string, timeMs: number, source: SeriesSource): Value => createEngine(source).instant(query, timeMs)
