import type { Io } from '../io.ts'
import { createBatcher } from './batching.ts'
import { openConnections } from './connections.ts'
import { endpointOf } from './endpoint.ts'
import type { MetricProvider, MetricQuestion, MetricStore } from './metric-store.ts'
import { readAnswer } from './prometheus-answer.ts'
import { type CallPrometheus, type Outcome, prometheusCalls } from './prometheus-call.ts'
import { mayJoin } from './query-batch.ts'
import { redactorOf } from './redact.ts'
import { reworded } from './silence.ts'

/** Time of one question, body included. */
const timeoutMs = 5000

/** Prometheus and what speaks its query API. Source: prometheus.io/docs/prometheus/latest/querying/api. */
export const prometheus: MetricProvider = {
  name: 'prometheus',
  open: ({ proxies, batching = false } = {}) => {
    const connections = openConnections(proxies)
    return { ...createPrometheus(prometheusCalls(connections), batching), close: connections.close }
  },
}

const createPrometheus = (send: CallPrometheus, batching: boolean): MetricStore => {
  const together = createBatcher(send)

  const outcomeOf = async (question: MetricQuestion, clean: (text: string) => string, io: Io): Promise<Outcome> => {
    const endpoint = endpointOf(question)
    if ('silence' in endpoint) return endpoint
    const verifyTls = !question.insecureSkipVerify
    const query = question.query.replace(/\s+/g, ' ')
    const alone = { endpoint, verifyTls, query, method: 'GET', timeoutMs } as const
    return batching && mayJoin(query) ? together.ask({ ...alone, clean }, io) : send(alone, io)
  }

  const ask: MetricStore['ask'] = async (question, io) => {
    const clean = redactorOf(question)
    const outcome = await outcomeOf(question, clean, io)
    const answer = 'silence' in outcome ? outcome : readAnswer(outcome, clean)
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
