import { PrometheusDriver } from 'prometheus-query'
import type { Io } from '../io.ts'
import { type Connections, openConnections } from './connections.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'
import type { MetricAnswer, MetricProvider, MetricQuestion, MetricStore } from './metric-store.ts'
import { readAnswer, readFailure, type StoreAnswer } from './prometheus-answer.ts'
import { redactorOf } from './redact.ts'
import { reworded, unreachable } from './silence.ts'

/** Time of one question, body included. */
const timeoutMs = 5000
/** More than any answer of one sample; what is longer is not read. */
const maxBytes = 8 * 1024 * 1024

/** Prometheus and what speaks its query API. Source: prometheus.io/docs/prometheus/latest/querying/api. */
export const prometheus: MetricProvider = {
  name: 'prometheus',
  open: proxies => {
    const connections = openConnections(proxies)
    return { ...createPrometheus(connections), close: connections.close }
  },
}

const createPrometheus = (connections: Connections): MetricStore => {
  const ask: MetricStore['ask'] = async (question, io) => {
    const endpoint = endpointOf(question)
    if ('silence' in endpoint) return endpoint
    const clean = redactorOf(question)
    const answer = await exchange({ question, endpoint, connections, clean }, io)
    return 'silence' in answer ? reworded(answer, clean) : answer
  }
  return {
    name: 'prometheus',
    ask,
    probe: async (question, io) => {
      const answer = await ask({ ...question, query: 'vector(1)', intervalMs: 60_000 }, io)
      if ('silence' in answer) return answer.silence.message
      return answer.value === 1 ? undefined : `expected 1 for the query vector(1), got ${answer.value}`
    },
  }
}

interface Exchange {
  readonly question: MetricQuestion
  readonly endpoint: Endpoint
  readonly connections: Connections
  /** Takes credentials out of a text. */
  readonly clean: (text: string) => string
}

const exchange = async (exchange: Exchange, io: Io): Promise<MetricAnswer> => {
  const over = new AbortController()
  const cancel = io.clock.schedule(timeoutMs, () => over.abort())
  try {
    return readAnswer(await send(exchange, AbortSignal.any([over.signal, io.signal])), exchange.clean)
  } catch (error) {
    if (over.signal.aborted) return unreachable(`no answer within ${timeoutMs / 1000}s`)
    return io.signal.aborted ? unreachable('the question was called off') : readFailure(error)
  } finally {
    cancel()
  }
}

/**
 * Sends the query through the official API's client. Its reading of answers is too generous for a judge (it takes NaN, several series, and
 * hides the status of what is not JSON), so the answer is taken on its way in.
 */
const send = async ({ question, endpoint, connections }: Exchange, signal: AbortSignal): Promise<StoreAnswer> => {
  let seen: StoreAnswer | undefined
  const driver = new PrometheusDriver({
    endpoint: endpoint.url,
    headers: { 'User-Agent': 'serin', ...endpoint.headers },
    requestInterceptor: {
      onFulfilled: config => {
        // the store's own time counts, not ours
        if (config.params instanceof URLSearchParams) config.params.delete('time')
        return Object.assign(config, {
          signal,
          data: undefined,
          timeout: 0, // ours covers the body too
          maxRedirects: 0,
          maxContentLength: maxBytes,
          validateStatus: () => true,
          httpAgent: connections.http,
          httpsAgent: connections.https(!question.insecureSkipVerify),
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
  const asked = driver.instantQuery(question.query.replace(/\s+/g, ' '))
  await asked.catch((error: unknown) => {
    if (!seen) throw error
  })
  if (!seen) throw new Error('the client gave no answer')
  return seen
}
