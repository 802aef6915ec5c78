import { describe, expect, it } from 'vitest'
import { ask, load } from './load.ts'

/** Per minute 60 good and 20 bad answers, in the labels that a provider's series carry. */
interface Provider {
  readonly name: string
  readonly requests: string
  /** The labels that select the canary in a query. */
  readonly selector: string
  /** What series of the canary carry. */
  readonly labels: string
  readonly code: string
  readonly bad: string
  /** The condition on good answers. */
  readonly good: string
}

const envoy = { requests: 'envoy_cluster_upstream_rq', code: 'envoy_response_code', bad: '503', good: 'envoy_response_code!~"5.*"' }

const providers: readonly Provider[] = [
  {
    name: 'istio',
    requests: 'istio_requests_total',
    selector: 'reporter="destination",destination_workload_namespace="demo",destination_workload=~"web"',
    labels: 'reporter="destination",destination_workload_namespace="demo",destination_workload="web"',
    code: 'response_code',
    bad: '500',
    good: 'response_code!~"5.*"',
  },
  {
    name: 'linkerd',
    requests: 'response_total',
    selector: 'namespace="demo",deployment=~"web",direction="inbound"',
    labels: 'namespace="demo",deployment="web",direction="inbound"',
    code: 'classification',
    bad: 'failure',
    good: 'classification!="failure"',
  },
  {
    ...envoy,
    name: 'appmesh',
    selector: 'kubernetes_namespace="demo",kubernetes_pod_name=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"',
    labels: 'kubernetes_namespace="demo",kubernetes_pod_name="web-7d4f-x2x4z"',
  },
  {
    ...envoy,
    name: 'contour',
    selector: 'envoy_cluster_name=~"demo_web-canary_[0-9a-zA-Z-]+"',
    labels: 'envoy_cluster_name="demo_web-canary_80"',
  },
  {
    ...envoy,
    name: 'gloo',
    selector: 'envoy_cluster_name=~"demo-web-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"',
    labels: 'envoy_cluster_name="demo-web-canaryupstream-80_gloo-system"',
  },
  { ...envoy, name: 'kuma', selector: 'service=~"web-canary_demo_svc_[0-9a-zA-Z-]+"', labels: 'service="web-canary_demo_svc_80"' },
  { ...envoy, name: 'knative', selector: 'envoy_cluster_name=~"demo/hello-00002"', labels: 'envoy_cluster_name="demo/hello-00002"' },
  {
    name: 'osm',
    requests: 'osm_request_total',
    selector: 'destination_namespace="demo",destination_kind="Deployment",destination_name="web"',
    labels: 'destination_namespace="demo",destination_kind="Deployment",destination_name="web"',
    code: 'response_code',
    bad: '502',
    good: 'response_code!~"5.*"',
  },
  {
    name: 'nginx',
    requests: 'nginx_ingress_controller_requests',
    selector: 'namespace="demo",ingress="web",canary!=""',
    labels: 'namespace="demo",ingress="web",canary="web-canary"',
    code: 'status',
    bad: '500',
    good: 'status!~"5.*"',
  },
  {
    name: 'skipper',
    requests: 'skipper_response_duration_seconds_bucket',
    selector: 'route=~"kube(ew)?_demo__web_canary__.*__web_canary(_[0-9]+)?",le="+Inf"',
    labels: 'route="kube_demo__web_canary__all__web_canary",le="+Inf"',
    code: 'code',
    bad: '500',
    good: 'code!~"5.."',
  },
  {
    name: 'traefik',
    requests: 'traefik_service_request_duration_seconds_bucket',
    selector: 'service=~"demo-web-canary-[0-9a-zA-Z-]+@kubernetescrd",le="+Inf"',
    labels: 'service="demo-web-canary-80@kubernetescrd",le="+Inf"',
    code: 'code',
    bad: '500',
    good: 'code!~"5.."',
  },
  {
    name: 'apisix',
    requests: 'apisix_http_status',
    selector: 'route=~"demo_web-web-canary_.+"',
    labels: 'route="demo_web-web-canary_1"',
    code: 'code',
    bad: '500',
    good: 'code!~"5.."',
  },
  {
    name: 'kubernetes, gatewayapi',
    requests: 'http_request_duration_seconds_count',
    selector: 'kubernetes_namespace="demo",kubernetes_pod_name=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"',
    labels: 'kubernetes_namespace="demo",kubernetes_pod_name="web-7d4f-x2x4z"',
    code: 'status',
    bad: '500',
    good: 'status!~"5.*"',
  },
]

const successQuery = ({ requests, selector, good }: Provider): string =>
  `sum(rate(${requests}{${selector},${good}}[1m])) / sum(rate(${requests}{${selector}}[1m])) * 100`

const traffic = ({ requests, labels, code, bad }: Provider) =>
  load(10, {
    [`${requests}{${labels},${code}="200"}`]: '0+10x12',
    [`${requests}{${labels},${code}="404"}`]: '0+5x12',
    [`${requests}{${labels},${code}="${bad}"}`]: '0+5x12',
    [`${requests}{${code}="${bad}",other="yes"}`]: '0+1000x12',
  })

describe('the success rate', () => {
  it.each(providers)('of $name', provider => {
    expect(ask(traffic(provider), successQuery(provider), 120)).toEqual({ '{}': expect.closeTo(75, 10) })
  })

  it('leaves out the primary by the pattern on pod names', () => {
    const store = load(10, {
      'r_count{pod="web-7d4f-x2",status="200"}': '0+1x12',
      'r_count{pod="web-primary-7d4f-x2",status="500"}': '0+1x12',
    })
    const query =
      'sum(rate(r_count{pod=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)",status!~"5.*"}[1m])) / sum(rate(r_count{pod=~"web-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"}[1m])) * 100'
    expect(ask(store, query, 120)).toEqual({ '{}': 100 })
  })

  it('of failures alone is empty, since nothing good matches', () => {
    const store = load(10, { 'r_count{status="500"}': '0+1x12' })
    expect(ask(store, 'sum(rate(r_count{status!~"5.*"}[1m])) / sum(rate(r_count[1m])) * 100', 120)).toEqual({})
  })

  it('of no traffic is NaN', () => {
    const store = load(10, { 'r_count{status="200"}': '5+0x12' })
    expect(ask(store, 'sum(rate(r_count{status!~"5.*"}[1m])) / sum(rate(r_count[1m])) * 100', 120)).toEqual({ '{}': Number.NaN })
  })
})

describe('the duration', () => {
  const buckets = [
    'istio_request_duration_milliseconds_bucket',
    'response_latency_ms_bucket',
    'envoy_cluster_upstream_rq_time_bucket',
    'osm_request_duration_ms_bucket',
    'apisix_http_latency_bucket',
    'http_request_duration_seconds_bucket',
  ]

  it.each(buckets)('as the 99th percentile of %s', name => {
    const store = load(10, {
      [`${name}{type="request",le="100"}`]: '0+90x12',
      [`${name}{type="request",le="500"}`]: '0+100x12',
      [`${name}{type="request",le="+Inf"}`]: '0+100x12',
    })
    const query = `histogram_quantile(0.99, sum(rate(${name}{type=~"request"}[1m])) by (le))`
    expect(ask(store, query, 120)).toEqual({ '{}': expect.closeTo(460, 9) })
  })

  it('of traefik in milliseconds', () => {
    const store = load(10, { 't_bucket{le="0.1"}': '0+90x12', 't_bucket{le="0.5"}': '0+100x12', 't_bucket{le="+Inf"}': '0+100x12' })
    expect(ask(store, 'histogram_quantile(0.99, sum(rate(t_bucket[1m])) by (le)) * 1000', 120)).toEqual({ '{}': expect.closeTo(460, 9) })
  })

  it.each(['nginx_ingress_controller_response_duration_seconds', 'skipper_serve_route_duration_seconds'])('as the mean of %s', name => {
    const store = load(10, { [`${name}_sum`]: '0+5x12', [`${name}_count`]: '0+20x12' })
    expect(ask(store, `sum(rate(${name}_sum[1m])) / sum(rate(${name}_count[1m])) * 1000`, 120)).toEqual({ '{}': expect.closeTo(250, 9) })
  })
})

it('the probe of the store is always answered', () => {
  expect(ask(load(10, {}), 'vector(1)', 0)).toEqual({ '{}': 1 })
})
