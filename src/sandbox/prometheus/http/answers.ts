import { formatFloat, formatFloatPlain } from '../engine/float-text.ts'
import type { Row, Value } from '../engine/value.ts'
import { QueryError } from '../promql/query-error.ts'
import { recordOf } from '../storage/labels.ts'

/** What goes back to the client. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

type Point = readonly [seconds: number, value: string]

const pointOf = (timeMs: number, value: number): Point => [timeMs / 1000, formatFloat(value)]

const seriesOf = ({ labels, points }: Row): unknown => ({
  metric: recordOf(labels),
  values: Array.from(points.times, (timeMs, index) => pointOf(timeMs, points.values[index] ?? Number.NaN)),
})

/** The data of a range query. */
export const matrixData = (rows: readonly Row[]): unknown => ({ resultType: 'matrix', result: rows.map(seriesOf) })

/** The data of an instant query. Numbers are texts, since JSON knows neither NaN nor infinities. */
export const instantData = (value: Value, timeMs: number): unknown => {
  switch (value.type) {
    case 'scalar':
      // Unlike samples, scalars are never written with an exponent.
      return { resultType: 'scalar', result: [timeMs / 1000, formatFloatPlain(value.value)] }
    case 'string':
      return { resultType: 'string', result: [timeMs / 1000, value.value] }
    case 'vector':
      return {
        resultType: 'vector',
        result: value.samples.map(sample => ({ metric: recordOf(sample.labels), value: pointOf(timeMs, sample.value) })),
      }
    case 'matrix':
      return matrixData(value.matrix.rows)
    default:
      return value satisfies never
  }
}

const json = (status: number, content: unknown): Answer => ({ status, contentType: 'application/json', body: JSON.stringify(content) })

export const success = (data: unknown): Answer => json(200, { status: 'success', data })

export const plainText = (status: number, body: string): Answer => ({ status, contentType: 'text/plain; charset=utf-8', body })

const statusOf: Readonly<Record<string, number>> = { bad_data: 400, execution: 422, timeout: 503, internal: 500 }

/** A refusal in the shape of the API; what is no query error is ours, and says so. */
export const failure = (thrown: unknown): Answer => {
  const errorType = thrown instanceof QueryError ? thrown.errorType : 'internal'
  const error = thrown instanceof Error ? thrown.message : String(thrown)
  return json(statusOf[errorType] ?? 500, { status: 'error', errorType, error })
}
