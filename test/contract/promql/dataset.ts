/** A series as a target exposes it, step by step; undefined where it says nothing. */
export interface Exposed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: (step: number) => number | undefined
}

/** Ten minutes of samples. */
export const stepMs = 15_000
export const steps = 40

type Labels = Exposed['labels']

interface Growth {
  readonly growth: number
  /** The step at which it starts anew. */
  readonly restart?: number
}

/** Grows unevenly, so that windows differ. */
const counter = (name: string, labels: Labels, { growth, restart = steps + 1 }: Growth): Exposed => ({
  name,
  labels,
  value: step => growth * (step < restart ? step : step - restart) + Math.floor((step % restart) / 7) * 3,
})

/** Cumulative buckets: shares of the requests at or below each bound. */
const histogram = (name: string, labels: Labels, shares: Readonly<Record<string, number>>): readonly Exposed[] =>
  Object.entries({ ...shares, '+Inf': 1 }).map(([le, share]) => counter(`${name}_bucket`, { ...labels, le }, { growth: 60 * share }))

const gauge = (name: string, labels: Labels, value: Exposed['value']): Exposed => ({ name, labels, value })

/** What generated queries speak of. */
const plain: readonly Exposed[] = [
  counter('requests_total', { canary: 'a', pod: 'a-0', code: '200' }, { growth: 10 }),
  counter('requests_total', { canary: 'a', pod: 'a-1', code: '200' }, { growth: 12.5, restart: 22 }),
  counter('requests_total', { canary: 'a', pod: 'a-0', code: '500' }, { growth: 1 }),
  counter('requests_total', { canary: 'b', pod: 'b-0', code: '200' }, { growth: 7, restart: 33 }),
  counter('requests_total', { canary: 'b', pod: 'b-0', code: '503' }, { growth: 0 }),
  ...histogram('seconds', { canary: 'a' }, { '0.1': 0.5, '0.5': 0.9, '1': 0.99 }),
  ...histogram('seconds', { canary: 'b' }, { '0.1': 0.2, '0.5': 0.7, '1': 0.8 }),
  counter('seconds_sum', { canary: 'a' }, { growth: 19.5 }),
  counter('seconds_count', { canary: 'a' }, { growth: 60 }),
  gauge('load', { canary: 'a', pod: 'a-0' }, step => 3 + Math.sin(step)),
  gauge('load', { canary: 'a', pod: 'a-1' }, step => -2.5 + step / 10),
  gauge('load', { canary: 'b', pod: 'b-0' }, step => 100 / (step + 1)),
  gauge('weight', { canary: 'a' }, () => 0.5),
  gauge('weight', { canary: 'b' }, () => 2),
  gauge('odd', { kind: 'nan' }, () => Number.NaN),
  gauge('odd', { kind: 'infinite' }, () => Number.POSITIVE_INFINITY),
  gauge('odd', { kind: 'negative' }, () => Number.NEGATIVE_INFINITY),
  gauge('odd', { kind: 'pausing' }, step => (step % 5 < 3 ? step : undefined)),
  gauge('odd', { kind: 'ended' }, step => (step < 12 ? step : undefined)),
]

/** What a layer's proxies count of a Canary `web` in the namespace `demo`, and of its primary. */
interface Layer {
  readonly requests: string
  readonly code: string
  readonly codes: readonly [good: string, bad: string]
  readonly canary: Labels
  readonly primary: Labels
  /** A histogram (without `_bucket`), or a sum and a count. */
  readonly duration: { readonly histogram: string } | { readonly mean: string }
  /** Bounds in milliseconds are given in seconds here. */
  readonly inSeconds?: true
}

const envoy = { requests: 'envoy_cluster_upstream_rq', code: 'envoy_response_code', codes: ['200', '503'] } as const
const envoyTime = { duration: { histogram: 'envoy_cluster_upstream_rq_time' } } as const

const layers: readonly Layer[] = [
  {
    requests: 'istio_requests_total',
    code: 'response_code',
    codes: ['200', '500'],
    canary: { reporter: 'destination', destination_workload_namespace: 'demo', destination_workload: 'web' },
    primary: { reporter: 'destination', destination_workload_namespace: 'demo', destination_workload: 'web-primary' },
    duration: { histogram: 'istio_request_duration_milliseconds' },
  },
  {
    requests: 'response_total',
    code: 'classification',
    codes: ['success', 'failure'],
    canary: { namespace: 'demo', deployment: 'web', direction: 'inbound' },
    primary: { namespace: 'demo', deployment: 'web-primary', direction: 'inbound' },
    duration: { histogram: 'response_latency_ms' },
  },
  {
    ...envoy,
    ...envoyTime,
    canary: { kubernetes_namespace: 'demo', kubernetes_pod_name: 'web-7d4f-x2x4z' },
    primary: { kubernetes_namespace: 'demo', kubernetes_pod_name: 'web-primary-6c5b-j9k2l' },
  },
  ...['demo_web-canary_80', 'demo-web-canaryupstream-80_gloo-system', 'demo/web'].map(
    (cluster): Layer => ({
      ...envoy,
      ...envoyTime,
      canary: { envoy_cluster_name: cluster },
      primary: { envoy_cluster_name: cluster.replace('web', 'web-primary').replace('-canary', '') },
    }),
  ),
  { ...envoy, ...envoyTime, canary: { service: 'web-canary_demo_svc_80' }, primary: { service: 'web-primary_demo_svc_80' } },
  {
    requests: 'osm_request_total',
    code: 'response_code',
    codes: ['200', '502'],
    canary: { destination_namespace: 'demo', destination_kind: 'Deployment', destination_name: 'web' },
    primary: { destination_namespace: 'demo', destination_kind: 'Deployment', destination_name: 'web-primary' },
    duration: { histogram: 'osm_request_duration_ms' },
  },
  {
    requests: 'nginx_ingress_controller_requests',
    code: 'status',
    codes: ['200', '500'],
    canary: { namespace: 'demo', ingress: 'web', canary: 'demo-web-canary-80' },
    primary: { namespace: 'demo', ingress: 'web', canary: '' },
    duration: { mean: 'nginx_ingress_controller_response_duration_seconds' },
  },
  {
    requests: 'skipper_response_duration_seconds_bucket',
    code: 'code',
    codes: ['200', '500'],
    canary: { route: 'kube_demo__web_canary__all__web_canary', le: '+Inf' },
    primary: { route: 'kube_demo__web__all__web_primary', le: '+Inf' },
    duration: { mean: 'skipper_serve_route_duration_seconds' },
  },
  {
    requests: 'traefik_service_request_duration_seconds_bucket',
    code: 'code',
    codes: ['200', '500'],
    canary: { service: 'demo-web-canary-80@kubernetescrd', le: '+Inf' },
    primary: { service: 'demo-web-primary-80@kubernetescrd', le: '+Inf' },
    duration: { histogram: 'traefik_service_request_duration_seconds' },
    inSeconds: true,
  },
  {
    requests: 'apisix_http_status',
    code: 'code',
    codes: ['200', '500'],
    canary: { route: 'demo_web-web-canary_1' },
    primary: { route: 'demo_web-web-primary_1' },
    duration: { histogram: 'apisix_http_latency' },
  },
  {
    requests: 'http_request_duration_seconds_count',
    code: 'status',
    codes: ['200', '500'],
    canary: { kubernetes_namespace: 'demo', kubernetes_pod_name: 'web-7d4f-x2x4z' },
    primary: { kubernetes_namespace: 'demo', kubernetes_pod_name: 'web-primary-6c5b-j9k2l' },
    duration: { histogram: 'http_request_duration_seconds' },
    inSeconds: true,
  },
]

const boundsOf = ({ inSeconds }: Layer): Readonly<Record<string, number>> =>
  inSeconds ? { '0.1': 0.5, '0.5': 0.9, '1': 0.999 } : { '100': 0.5, '500': 0.9, '1000': 0.999 }

const timed = (layer: Layer, labels: Labels, growth: number): readonly Exposed[] => {
  // `le` of a layer whose requests are counted by a bucket stands on those series only
  const { le: _, ...own } = labels
  const { duration } = layer
  if ('histogram' in duration) return histogram(duration.histogram, { ...own, type: 'request' }, boundsOf(layer))
  return [counter(`${duration.mean}_sum`, own, { growth: growth * 0.35 }), counter(`${duration.mean}_count`, own, { growth })]
}

const trafficOf = (layer: Layer): readonly Exposed[] => {
  const { requests, code, codes, canary, primary } = layer
  const [good, bad] = codes
  return [
    counter(requests, { ...canary, [code]: good }, { growth: 60, restart: 31 }),
    counter(requests, { ...canary, [code]: bad }, { growth: 2 }),
    counter(requests, { ...primary, [code]: bad }, { growth: 500 }),
    ...timed(layer, canary, 60),
    ...timed(layer, primary, 600),
  ]
}

/** Everything that is exposed. */
export const exposed: readonly Exposed[] = [...plain, ...layers.flatMap(trafficOf)]

const numberText = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? String(value) : `${value > 0 ? '+' : '-'}Inf`
}

/** Lines that are easily misread: escapes, odd spaces, comments, labels that a target has too. */
const oddLines = (timeMs: number): string => String.raw`# HELP odd_text Help with a \\ and a "quote".
# TYPE odd_text gauge
# A comment.

odd_text{path="C:\\dir",quote="\"",break="a\nb",empty="",word="grün"}  1.5e3 ${timeMs}
odd_text { job = "mine" , instance="also mine", } 8 ${timeMs}
odd_text{exported_job="taken",job="theirs"}	+7	${timeMs}
odd_text -.5 ${timeMs}
`

/** Whole expositions, most of them wrong in one way: nothing or all of them is taken. */
export const oddExpositions: readonly string[] = [
  '',
  'a 1',
  'a 1\n',
  'a 1 2 3\n',
  'a\n',
  'a one\n',
  'a 0x1p3\n',
  'a 1_000\n',
  'a +Inf\nb -Inf\nc NaN\nd nan\ne inf\n',
  'a 1 1.5\n',
  'a 1 -5\n',
  'a{b="c"} 1\n',
  'a{b="c",} 1\n',
  'a{,} 1\n',
  'a{} 1\n',
  'a{b=c} 1\n',
  "a{b='c'} 1\n",
  'a{b="c" 1\n',
  'a{b="c} 1\n',
  'a{b="c",b="d"} 1\n',
  'a{b="c"d="e"} 1\n',
  'a{b="c" d="e"} 1\n',
  'a{b="c",,d="e"} 1\n',
  'a {b="c"} 1\n',
  'a{b ="c"} 1\n',
  'a{b="\\\\",c="\\n\\""} 1\n',
  'a{__name__="b"} 1\n',
  'a{le="0.5"} 1\n',
  'a 1e400\n',
  'a .5\n',
  'a 5.\n',
  'a +Infinity\n',
  'a 1 1795274440000\na 2 1795274430000\n',
  'a{b="\\x"} 1\n',
  'a{b="c"}1\n',
  'a 1\na 2\n',
  'a-b 1\n',
  '1a 1\n',
  'a:b 1\n',
  'a 1\r\n',
  'a 1  \n',
  '#a\n#\n# \n# TYPE\n',
  '# TYPE a gauge\na 1\n',
  '# TYPE a nonsense\na 1\n',
  '# TYPE a\na 1\n',
  '# HELP a\na 1\n',
  '# HELP a what \\ it \\q is\na 1\n',
  '# UNIT a seconds\na 1\n',
  '# EOF\na 1\n',
  'a 1 # comment\n',
  '{b="c"} 1\n',
  '<html></html>\n',
]

/** Everything in one exposition, the last step at this time; each line has its own, so that every scraper stores the same. */
export const exposition = (lastMs: number): string => {
  const lines = exposed.flatMap(({ name, labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
    return Array.from({ length: steps + 1 }, (_, step) => {
      const now = value(step)
      return now === undefined ? '' : `${name}{${pairs.join(',')}} ${numberText(now)} ${lastMs - (steps - step) * stepMs}\n`
    })
  })
  return lines.join('') + oddLines(lastMs)
}
