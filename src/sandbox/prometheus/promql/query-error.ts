import { CanaryError } from '../../../errors.ts'

/** Prometheus' own words for what went wrong; they stand in the answer and decide its HTTP status. */
export type QueryErrorType = 'bad_data' | 'execution' | 'timeout'

/** A query that is wrong, asks for something that is not supported, or has no single answer. */
export class QueryError extends CanaryError {
  readonly code = 'QueryError'
  readonly disposition = 'terminal'
  readonly errorType: QueryErrorType

  constructor(errorType: QueryErrorType, message: string, options?: ErrorOptions) {
    super(message, options)
    this.errorType = errorType
  }
}

/** Where a thing stands in the query text: number of characters before it. */
export type Offset = number

/** A wrong query text, with the place as Prometheus writes it: `line:column: parse error: ...`. */
export const parseError = (query: string, at: Offset, message: string): QueryError => {
  const before = query.slice(0, at).split('\n')
  return new QueryError('bad_data', `${before.length}:${(before.at(-1) ?? '').length + 1}: parse error: ${message}`)
}

/** A query that was understood and cannot be answered with this data. */
export const executionError = (message: string): QueryError => new QueryError('execution', message)
