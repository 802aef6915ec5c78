import Counter from 'prom-client/lib/counter.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'

/** One request that was answered, by a backend or in its place. */
export interface Answered {
  /** `namespace/name` of the route; `''` when no route fits. */
  readonly route: string
  /** `namespace/name` of the Service; `''` when none was chosen. */
  readonly service: string
  /** Envoy's name of the Service port; `''` when none was chosen. */
  readonly cluster: string
  readonly code: number
  readonly durationMs: number
}

/** What one backend of one route has been sent so far. */
export interface Served {
  readonly route: string
  readonly service: string
  readonly requests: number
  /** Those that were answered with 500 or more. */
  readonly failed: number
}

export interface GatewayMetrics {
  /** A cluster may get requests from now on. A rate sees nothing of a series' first increase: its series exist before the first request. */
  introduce(cluster: string): void
  answered(request: Answered): void
  /** A copy was sent; nobody waits for its answer. */
  mirrored(route: string, service: string): void
  /** A request was given to another endpoint because the first could not be reached. */
  retried(service: string): void
  /** The split as it really was, since the start. */
  served(): readonly Served[]
  text(): Promise<string>
  readonly contentType: string
}

/** In seconds. */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Envoy's own, in milliseconds: queries written for it expect these. */
const envoyBuckets = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000,
]

const createSeries = () => {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'gateway_requests_total',
      help: 'Requests answered',
      labelNames: ['route', 'backend_service', 'code'],
      registers,
    }),
    duration: new Histogram({
      name: 'gateway_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['route', 'backend_service'],
      buckets: durationBuckets,
      registers,
    }),
    mirrors: new Counter({
      name: 'gateway_mirrored_total',
      help: 'Copies of requests sent',
      labelNames: ['route', 'backend_service'],
      registers,
    }),
    retries: new Counter({
      name: 'gateway_retries_total',
      help: 'Requests given to another endpoint',
      labelNames: ['backend_service'],
      registers,
    }),
    envoyRequests: new Counter({
      name: 'envoy_cluster_upstream_rq',
      help: 'Requests sent to a cluster, by response code',
      labelNames: ['envoy_cluster_name', 'envoy_response_code'],
      registers,
    }),
    envoyTime: new Histogram({
      name: 'envoy_cluster_upstream_rq_time',
      help: 'Time that a cluster took for its answers, in milliseconds',
      labelNames: ['envoy_cluster_name'],
      buckets: envoyBuckets,
      registers,
    }),
  }
}

export const createGatewayMetrics = (): GatewayMetrics => {
  const { registry, requests, duration, mirrors, retries, envoyRequests, envoyTime } = createSeries()
  const totals = new Map<string, Served>()
  const knownClusters = new Set<string>()

  const introduce = (cluster: string) => {
    if (knownClusters.has(cluster)) return
    knownClusters.add(cluster)
    for (const code of ['200', '500', '503']) envoyRequests.inc({ envoy_cluster_name: cluster, envoy_response_code: code }, 0)
    envoyTime.zero({ envoy_cluster_name: cluster })
  }

  const total = ({ route, service, code }: Answered) => {
    const key = `${route} ${service}`
    const { requests: before, failed } = totals.get(key) ?? { requests: 0, failed: 0 }
    totals.set(key, { route, service, requests: before + 1, failed: failed + (code >= 500 ? 1 : 0) })
  }

  return {
    introduce,
    answered: request => {
      const { route, service, cluster, code, durationMs } = request
      requests.inc({ route, backend_service: service, code: String(code) })
      duration.observe({ route, backend_service: service }, durationMs / 1000)
      total(request)
      if (cluster === '') return
      envoyRequests.inc({ envoy_cluster_name: cluster, envoy_response_code: String(code) })
      envoyTime.observe({ envoy_cluster_name: cluster }, durationMs)
    },
    mirrored: (route, service) => mirrors.inc({ route, backend_service: service }),
    retried: service => retries.inc({ backend_service: service }),
    served: () => [...totals.values()],
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
