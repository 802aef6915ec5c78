import * as z from 'zod'
import { messageOf } from '../errors.ts'
import { excerptOf } from '../http-call.ts'
import type { MetricAnswer } from './metric-store.ts'
import { invalid, noData, type Silence, unreachable } from './silence.ts'

/** An HTTP answer of a store: its status, and its body as JSON where it was any, else as text. */
export interface StoreAnswer {
  readonly status: number
  readonly body: unknown
}

const Failure = z.object({ status: z.literal('error'), errorType: z.string().optional(), error: z.string().optional() })
const Success = z.object({ status: z.literal('success'), data: z.object({ resultType: z.string(), result: z.unknown() }) })
const Sample = z.object({ value: z.tuple([z.number(), z.string()]) })

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** What an answer of Prometheus says: one finite number, or why there is none. What is shown of a body has gone through `clean` before. */
export const readAnswer = (answer: StoreAnswer, clean = (text: string): string => text): MetricAnswer => {
  const failure = Failure.safeParse(answer.body)
  const success = Success.safeParse(answer.body)
  if (answer.status >= 200 && answer.status < 300 && success.success) return readResult(success.data.data)
  if (failure.success && [400, 422].includes(answer.status))
    return invalid(`the query was refused: ${failure.data.error ?? 'no reason given'}`)
  return unreachable(`error response: Status ${answer.status}: ${excerptOf(clean(textOf(failure.data?.error ?? answer.body)))}`)
}

const readResult = ({ resultType, result }: { readonly resultType: string; readonly result: unknown }): MetricAnswer => {
  if (resultType === 'matrix')
    return noData('query returned multiple values: expected one sample, got a range; take the [range] off the query')
  if (resultType !== 'vector' || !Array.isArray(result)) return noData(`expected a vector with one sample, got a ${resultType}`)
  if (result.length !== 1)
    return noData(
      result.length === 0 ? 'no values found' : `expected one series, got ${result.length}; aggregate them, with sum() for example`,
    )
  const sample = Sample.safeParse(result[0])
  if (!sample.success) return noData('expected a sample with one number, got something else, such as a native histogram')
  return readNumber(sample.data.value[1])
}

const readNumber = (text: string): MetricAnswer => {
  const value = number.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? { value } : noData(`expected one finite number, got ${JSON.stringify(text.slice(0, 40))}`)
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body ?? ''))

/** What the client rejects with is no Error: `{ error, code }`. */
const Rejection = z.object({ error: z.string().optional(), code: z.string().optional() })

/** Why there is no answer at all: refused, reset, no such host, a certificate that does not verify; or more of it than is read. */
export const readFailure = (thrown: unknown): Silence => {
  const { error = '', code = '' } = Rejection.safeParse(thrown).data ?? {}
  const words = error || code || messageOf(thrown)
  return error.startsWith('maxContentLength') ? noData('the answer is far too long; expected one sample') : unreachable(words)
}
