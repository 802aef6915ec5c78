import { type Canary, providerOf } from '../api/canary.ts'
import type { BuiltInMetric } from '../api/metric.ts'

/** What built-in queries speak of. Names are data: they are escaped for where they stand. */
export interface QueryNames {
  readonly namespace: string
  readonly target: string
  readonly service: string
  readonly ingress: string
  readonly route: string
  /** A PromQL duration. */
  readonly interval: string
  /** Pods of a DaemonSet have one generated part in their name, those of a Deployment two. */
  readonly isDaemonSet: boolean
}

/** One built-in question, in PromQL. */
export interface BuiltInQuery {
  readonly query: string
  /** What the answer is multiplied by to be in the unit of the metric. */
  readonly factor: number
  /** The same, asked when there is no sample: where every request failed, there is no series of the good ones to divide. */
  readonly whenSilent?: string
}

/** Text in double quotes, as PromQL reads it. */
const literal = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** A pattern that matches the text and nothing else. */
const exactly = (value: string): string => value.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')

const is = (label: string, value: string): string => `${label}="${literal(value)}"`
const isLike = (label: string, pattern: string): string => `${label}=~"${literal(pattern)}"`

/** How one family of layers counts requests and times them. All that differs between families is here. */
interface Family {
  /** Matchers of the series that count the canary's requests. */
  readonly base: (names: QueryNames) => readonly string[]
  readonly requests: string
  /** Matcher that leaves the failed requests out. */
  readonly ok: string
  /** Matchers of the request series only, behind `ok`. */
  readonly also?: readonly string[]
  readonly duration: Duration
}

/** `p99` of a histogram's buckets, or the `mean` of its sum and count. `inQuery` seconds are converted by the query itself. */
type Duration = { readonly p99: string; readonly seconds?: 'in code' | 'in query'; readonly first?: string } | { readonly mean: string }

const generated = '[0-9a-zA-Z]+'

const podName = ({ target, isDaemonSet }: QueryNames): string => `${exactly(target)}-${generated}${isDaemonSet ? '' : `(-${generated})`}`

const byPod = (names: QueryNames): readonly string[] => [
  is('kubernetes_namespace', names.namespace),
  isLike('kubernetes_pod_name', podName(names)),
]

const envoy = (base: Family['base']): Family => ({
  base,
  requests: 'envoy_cluster_upstream_rq',
  ok: 'envoy_response_code!~"5.*"',
  duration: { p99: 'envoy_cluster_upstream_rq_time_bucket' },
})

const envoyCluster = (pattern: (names: QueryNames) => string): Family => envoy(names => [isLike('envoy_cluster_name', pattern(names))])

/** Skipper writes every other character of a name as an underscore. */
const plain = (value: string): string => value.replace(/[^A-Za-z0-9_]/g, '_')

const families = {
  istio: {
    base: ({ namespace, target }) => [
      'reporter="destination"',
      is('destination_workload_namespace', namespace),
      isLike('destination_workload', exactly(target)),
    ],
    requests: 'istio_requests_total',
    ok: 'response_code!~"5.*"',
    duration: { p99: 'istio_request_duration_milliseconds_bucket' },
  },
  linkerd: {
    base: ({ namespace, target }) => [is('namespace', namespace), isLike('deployment', exactly(target)), 'direction="inbound"'],
    requests: 'response_total',
    ok: 'classification!="failure"',
    duration: { p99: 'response_latency_ms_bucket' },
  },
  appmesh: envoy(byPod),
  contour: envoyCluster(({ namespace, service }) => `${exactly(namespace)}_${exactly(service)}-canary_[0-9a-zA-Z-]+`),
  gloo: envoyCluster(({ namespace, service }) => `${exactly(namespace)}-${exactly(service)}-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+`),
  kuma: envoy(({ namespace, service }) => [isLike('service', `${exactly(service)}-canary_${exactly(namespace)}_svc_[0-9a-zA-Z-]+`)]),
  knative: envoyCluster(({ namespace, route }) => `${exactly(namespace)}/${exactly(route)}`),
  osm: {
    base: ({ namespace, target }) => [
      is('destination_namespace', namespace),
      'destination_kind="Deployment"',
      is('destination_name', target),
    ],
    requests: 'osm_request_total',
    ok: 'response_code!~"5.*"',
    duration: { p99: 'osm_request_duration_ms_bucket' },
  },
  nginx: {
    base: ({ namespace, ingress }) => [is('namespace', namespace), is('ingress', ingress), 'canary!=""'],
    requests: 'nginx_ingress_controller_requests',
    ok: 'status!~"5.*"',
    duration: { mean: 'nginx_ingress_controller_response_duration_seconds' },
  },
  skipper: {
    base: ({ namespace, ingress, service }) => [
      isLike('route', `kube(ew)?_${plain(namespace)}__${plain(ingress)}_canary__.*__${plain(service)}_canary(_[0-9]+)?`),
    ],
    requests: 'skipper_response_duration_seconds_bucket',
    ok: 'code!~"5.."',
    also: ['le="+Inf"'],
    duration: { mean: 'skipper_serve_route_duration_seconds' },
  },
  traefik: {
    base: ({ namespace, service }) => [isLike('service', `${exactly(namespace)}-${exactly(service)}-canary-[0-9a-zA-Z-]+@kubernetescrd`)],
    requests: 'traefik_service_request_duration_seconds_bucket',
    ok: 'code!~"5.."',
    also: ['le="+Inf"'],
    duration: { p99: 'traefik_service_request_duration_seconds_bucket', seconds: 'in query' },
  },
  apisix: {
    base: ({ namespace, route, service }) => [isLike('route', `${exactly(namespace)}_${exactly(route)}-${exactly(service)}-canary_.+`)],
    requests: 'apisix_http_status',
    ok: 'code!~"5.."',
    duration: { p99: 'apisix_http_latency_bucket', first: 'type=~"request"' },
  },
  http: {
    base: byPod,
    requests: 'http_request_duration_seconds_count',
    ok: 'status!~"5.*"',
    duration: { p99: 'http_request_duration_seconds_bucket', seconds: 'in code' },
  },
} as const satisfies Readonly<Record<string, Family>>
export type FamilyName = keyof typeof families

/** Families by the beginning of the provider's name; the first that fits counts. */
const byPrefix: readonly (readonly [string, FamilyName])[] = [
  ['appmesh', 'appmesh'],
  ['contour', 'contour'],
  ['gloo', 'gloo'],
  ['nginx', 'nginx'],
  ['kubernetes', 'http'],
  ['gatewayapi', 'http'],
  ['skipper', 'skipper'],
  ['traefik', 'traefik'],
  ['osm', 'osm'],
  ['kuma', 'kuma'],
  ['apisix', 'apisix'],
  ['knative', 'knative'],
  ['linkerd', 'linkerd'],
]

/**
 * The query set of a Canary. A controller that runs for Linkerd asks Linkerd whatever routes the traffic (the proxies of the mesh see the
 * requests); layers without a set of their own count as Istio.
 */
export const familyOf = (canary: Canary, meshProvider: string): FamilyName => {
  if (meshProvider.includes('linkerd')) return 'linkerd'
  const provider = providerOf(canary, meshProvider)
  return byPrefix.find(([prefix]) => provider.startsWith(prefix))?.[1] ?? 'istio'
}

const rate = (series: string, matchers: readonly string[], interval: string): string =>
  `sum( rate( ${series}{ ${matchers.join(', ')} }[${interval}] ) )`

const successRate = (family: Family, names: QueryNames): BuiltInQuery => {
  const { requests, ok, also = [] } = family
  const base = family.base(names)
  const all = rate(requests, [...base, ...also], names.interval)
  const good = rate(requests, [...base, ok, ...also], names.interval)
  return { query: ` ${good} / ${all} * 100`, factor: 1, whenSilent: ` ( ${good} or vector(0) ) / ${all} * 100` }
}

const requestDuration = ({ duration, base }: Family, names: QueryNames): BuiltInQuery => {
  const matchers = base(names)
  if ('mean' in duration) {
    const [sum, count] = ['_sum', '_count'].map(suffix => rate(duration.mean + suffix, matchers, names.interval))
    return { query: ` ${sum} / ${count} * 1000`, factor: 1 }
  }
  const buckets = rate(duration.p99, duration.first ? [duration.first, ...matchers] : matchers, names.interval)
  const scale = duration.seconds === 'in query' ? ' * 1000' : ''
  return { query: ` histogram_quantile( 0.99, ${buckets} by (le) )${scale}`, factor: duration.seconds === 'in code' ? 1000 : 1 }
}

const questions: Readonly<Record<BuiltInMetric, (family: Family, names: QueryNames) => BuiltInQuery>> = {
  'request-success-rate': successRate,
  'request-duration': requestDuration,
}

/** The question that a built-in metric asks: success rate in percent, duration in milliseconds. */
export const builtInQuery = (metric: BuiltInMetric, family: FamilyName, names: QueryNames): BuiltInQuery =>
  questions[metric](families[family], names)
