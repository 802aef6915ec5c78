import { Counter, Histogram, type Registry } from 'prom-client'

/** One request to the API server. `code` is its HTTP status or the code of its error. */
export interface KubeRequest {
  readonly verb: string
  readonly resource: string
  readonly code: string
  readonly durationMs: number
}

/** One call of a port that leaves the process. */
interface OutsideCall {
  readonly port: string
  readonly provider: string
  readonly outcome: 'ok' | 'error'
  readonly durationMs: number
}

/** What is exposed of everything outside that we speak to. */
export interface OutsideMetrics {
  kubeRequest(request: KubeRequest): void
  kubeConnection(pool: string): void
  /** A full list of a kind came to its end. */
  reflectorListed(kind: string): void
  /** A turn of list and watch of a kind ended, and why. */
  reflectorRestarted(kind: string, code: string): void
  eventWritten(): void
  eventDropped(): void
  /** A metric store was asked. */
  queryAsked(store: string): void
  /** A question was answered by what another one got. */
  queryShared(store: string): void
  called(call: OutsideCall): void
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export const createOutsideMetrics = (registry: Registry): OutsideMetrics => {
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const requests = counter('serin_kube_requests_total', 'Requests to the API server', ['verb', 'resource', 'code'])
  const requestTime = new Histogram({
    name: 'serin_kube_request_duration_seconds',
    help: 'Time of requests to the API server; of watches, until their headers came',
    labelNames: ['verb'],
    buckets,
    registers,
  })
  const connections = counter('serin_kube_connections_total', 'Connections opened to the API server', ['pool'])
  const lists = counter('serin_reflector_lists_total', 'Full lists of a kind', ['kind'])
  const restarts = counter('serin_reflector_restarts_total', 'Ends of a watch of a kind, by reason', ['kind', 'code'])
  const events = counter('serin_events_total', 'Kubernetes Events by what became of them', ['outcome'])
  const queries = counter('serin_metric_queries_total', 'Queries sent to a metric store', ['store'])
  const shared = counter('serin_metric_queries_shared_total', "Questions to a metric store that another one's query answered", ['store'])
  const calls = new Histogram({
    name: 'serin_call_duration_seconds',
    help: 'Time of calls to other systems',
    labelNames: ['port', 'provider', 'outcome'],
    buckets,
    registers,
  })
  return {
    kubeRequest: ({ verb, resource, code, durationMs }) => {
      requests.inc({ verb, resource, code })
      requestTime.observe({ verb }, durationMs / 1000)
    },
    kubeConnection: pool => connections.inc({ pool }),
    reflectorListed: kind => lists.inc({ kind }),
    reflectorRestarted: (kind, code) => restarts.inc({ kind, code }),
    eventWritten: () => events.inc({ outcome: 'written' }),
    eventDropped: () => events.inc({ outcome: 'dropped' }),
    queryAsked: store => queries.inc({ store }),
    queryShared: store => shared.inc({ store }),
    called: ({ port, provider, outcome, durationMs }) => calls.observe({ port, provider, outcome }, durationMs / 1000),
  }
}
