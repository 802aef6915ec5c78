import { PrometheusDriver } from 'prometheus-query'
import type { Io } from '../io.ts'
import type { Connections } from './connections.ts'
import type { Endpoint } from './endpoint.ts'
import { readFailure, type StoreAnswer } from './prometheus-answer.ts'
import { calledOff, type Silence, unreachable } from './silence.ts'

/** More than any answer of one sample; what is longer is not read. */
const maxBytes = 8 * 1024 * 1024

/** One request to the query API. */
export interface PrometheusCall {
  readonly endpoint: Endpoint
  readonly verifyTls: boolean
  readonly query: string
  /** A GET is what every proxy and role lets through; a POST has room for a long query. */
  readonly method: 'GET' | 'POST'
  /** For the whole exchange, body included. */
  readonly timeoutMs: number
}

/** What came of a call: an HTTP answer, or why there is none. */
export type Outcome = StoreAnswer | Silence

/** Sends a call. Never throws for anything that comes from outside. */
export type CallPrometheus = (call: PrometheusCall, io: Io) => Promise<Outcome>

export const prometheusCalls =
  (connections: Connections): CallPrometheus =>
  async (call, io) => {
    const over = new AbortController()
    const cancel = io.clock.schedule(call.timeoutMs, () => over.abort())
    try {
      return await send(call, connections, AbortSignal.any([over.signal, io.signal]))
    } catch (error) {
      if (over.signal.aborted) return unreachable(`no answer within ${call.timeoutMs / 1000}s`)
      return io.signal.aborted ? calledOff : readFailure(error)
    } finally {
      cancel()
    }
  }

/**
 * Sends the query through the official API's client. Its reading of answers is too generous for a judge (it takes NaN, several series, and
 * hides the status of what is not JSON), so the answer is taken on its way in.
 */
const send = async (call: PrometheusCall, connections: Connections, signal: AbortSignal): Promise<StoreAnswer> => {
  const { endpoint, verifyTls, query, method } = call
  let seen: StoreAnswer | undefined
  const driver = new PrometheusDriver({
    endpoint: endpoint.url,
    headers: { 'User-Agent': 'serin', ...endpoint.headers },
    preferPost: method === 'POST',
    requestInterceptor: {
      onFulfilled: config => {
        const fields = method === 'POST' ? config.data : config.params
        // the store's own time counts, not ours
        if (fields instanceof URLSearchParams) fields.delete('time')
        return Object.assign(config, {
          signal,
          data: method === 'POST' ? fields : undefined,
          timeout: 0, // ours covers the body too
          maxRedirects: 0,
          maxContentLength: maxBytes,
          validateStatus: () => true,
          httpAgent: connections.http,
          httpsAgent: connections.https(verifyTls),
        })
      },
    },
    responseInterceptor: {
      onFulfilled: response => {
        seen = { status: response.status, body: response.data }
        return response
      },
    },
  })
  const asked = driver.instantQuery(query)
  await asked.catch((error: unknown) => {
    if (!seen) throw error
  })
  if (!seen) throw new Error('the client gave no answer')
  return seen
}
