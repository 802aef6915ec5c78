import { parser } from '@prometheus-io/lezer-promql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInQuery, type FamilyName, familyOf, type QueryNames } from '../../src/metrics/built-in-queries.ts'
import { queryNamesOf } from '../../src/metrics/query-model.ts'
import { aCanary } from '../support/builders.ts'
import { observed } from '../support/observed.ts'

const names: QueryNames = {
  namespace: 'ns',
  target: 'app',
  service: 'svc',
  ingress: 'ing',
  route: 'rt',
  interval: '1m',
  isDaemonSet: false,
}

/** Without the spaces that PromQL does not need. */
const tight = (query: string): string =>
  query
    .replace(/\s*([{}()[\],/*=~!]+)\s*/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
const success = (family: FamilyName, change: Partial<QueryNames> = {}) =>
  tight(builtInQuery('request-success-rate', family, { ...names, ...change }).query)
const duration = (family: FamilyName, change: Partial<QueryNames> = {}) =>
  tight(builtInQuery('request-duration', family, { ...names, ...change }).query)

/** `behind` stands behind the matchers of both halves, `ok` only in the first. */
const ratio = (series: string, base: string, [ok, behind = '']: readonly string[]) =>
  tight(`sum(rate(${series}{${base},${ok}${behind}}[1m])) / sum(rate(${series}{${base}${behind}}[1m])) * 100`)
const p99 = (series: string, base: string) => tight(`histogram_quantile(0.99, sum(rate(${series}{${base}}[1m])) by (le))`)
const mean = (series: string, base: string) =>
  tight(`sum(rate(${series}_sum{${base}}[1m])) / sum(rate(${series}_count{${base}}[1m])) * 1000`)

const envoy = (base: string) => [
  ratio('envoy_cluster_upstream_rq', base, ['envoy_response_code!~"5.*"']),
  p99('envoy_cluster_upstream_rq_time_bucket', base),
]
const pods = 'kubernetes_namespace="ns",kubernetes_pod_name=~"app-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)"'
const istio = 'reporter="destination",destination_workload_namespace="ns",destination_workload=~"app"'
const linkerd = 'namespace="ns",deployment=~"app",direction="inbound"'
const osm = 'destination_namespace="ns",destination_kind="Deployment",destination_name="app"'
const nginx = 'namespace="ns",ingress="ing",canary!=""'
const skipper = 'route=~"kube(ew)?_ns__ing_canary__.*__svc_canary(_[0-9]+)?"'
const traefik = 'service=~"ns-svc-canary-[0-9a-zA-Z-]+@kubernetescrd"'
const traefikSeries = 'traefik_service_request_duration_seconds_bucket'

/** What each family asks: success rate, then duration. */
const expected: Readonly<Record<FamilyName, readonly (string | undefined)[]>> = {
  istio: [ratio('istio_requests_total', istio, ['response_code!~"5.*"']), p99('istio_request_duration_milliseconds_bucket', istio)],
  linkerd: [ratio('response_total', linkerd, ['classification!="failure"']), p99('response_latency_ms_bucket', linkerd)],
  appmesh: envoy(pods),
  contour: envoy('envoy_cluster_name=~"ns_svc-canary_[0-9a-zA-Z-]+"'),
  gloo: envoy('envoy_cluster_name=~"ns-svc-canaryupstream-[0-9a-zA-Z-]+_[0-9a-zA-Z-]+"'),
  kuma: envoy('service=~"svc-canary_ns_svc_[0-9a-zA-Z-]+"'),
  knative: envoy('envoy_cluster_name=~"ns/rt"'),
  osm: [ratio('osm_request_total', osm, ['response_code!~"5.*"']), p99('osm_request_duration_ms_bucket', osm)],
  nginx: [
    ratio('nginx_ingress_controller_requests', nginx, ['status!~"5.*"']),
    mean('nginx_ingress_controller_response_duration_seconds', nginx),
  ],
  skipper: [
    ratio('skipper_response_duration_seconds_bucket', skipper, ['code!~"5.."', ',le="+Inf"']),
    mean('skipper_serve_route_duration_seconds', skipper),
  ],
  traefik: [ratio(traefikSeries, traefik, ['code!~"5.."', ',le="+Inf"']), tight(`${p99(traefikSeries, traefik)} * 1000`)],
  apisix: [
    ratio('apisix_http_status', 'route=~"ns_rt-svc-canary_.+"', ['code!~"5.."']),
    p99('apisix_http_latency_bucket', 'type=~"request",route=~"ns_rt-svc-canary_.+"'),
  ],
  http: [ratio('http_request_duration_seconds_count', pods, ['status!~"5.*"']), p99('http_request_duration_seconds_bucket', pods)],
}
const families = Object.keys(expected) as FamilyName[]

describe('a built-in query', () => {
  it.each(families)('of %s counts what went well among all', family => expect(success(family)).toBe(expected[family][0]))
  it.each(families)('of %s times the requests', family => expect(duration(family)).toBe(expected[family][1]))

  it('is, to the letter, what a controller of the field asks', () => {
    const asked = (observed('prometheus-queries') as unknown as string[]).map(path => path.replace(/^.*\?query=/, '').replace(/&$/, ''))
    const seen = { ...names, namespace: 'demo', target: 'app' }
    expect(asked).toContain(builtInQuery('request-success-rate', 'http', seen).query)
    expect(asked).toContain(builtInQuery('request-duration', 'http', { ...seen, interval: '30s' }).query)
  })

  it('of the generic layer is answered in seconds, and counts as milliseconds', () => {
    expect(builtInQuery('request-duration', 'http', names).factor).toBe(1000)
    expect(families.filter(family => builtInQuery('request-duration', family, names).factor !== 1)).toEqual(['http'])
  })

  it.each(families)('of %s has a second form that answers 0 where nothing went well', family => {
    const { whenSilent } = builtInQuery('request-success-rate', family, names)
    expect(tight(whenSilent ?? '')).toBe(success(family).replace(/^(.*?\)\))\//, '($1or vector(0))/'))
  })

  it('of Skipper writes other characters of names as underscores', () =>
    expect(success('skipper', { namespace: 'skipper', ingress: 'skipper-ingress', service: 'backend' })).toContain(
      'route=~"kube(ew)?_skipper__skipper_ingress_canary__.*__backend_canary(_[0-9]+)?"',
    ))

  it('of APISIX matches route, service and canary', () =>
    expect(success('apisix', { namespace: 'default', route: 'podinfo', service: 'podinfo' })).toContain(
      'route=~"default_podinfo-podinfo-canary_.+"',
    ))

  it('of Knative matches the revision', () => expect(success('knative', { route: 'hello-00002' })).toContain('"ns/hello-00002"'))

  it('measures the canary pods of a DaemonSet', () => {
    const pattern = /kubernetes_pod_name=~"([^"]*)"/.exec(success('http', { isDaemonSet: true }))?.[1]
    expect('app-x1y2z').toMatch(new RegExp(`^(?:${pattern})$`))
    expect('app-primary-x1y2z').not.toMatch(new RegExp(`^(?:${pattern})$`))
  })

  it('does not take a neighbour for a target with a dot in its name', () => {
    expect(success('istio', { target: 'a.b' })).toContain('destination_workload=~"a\\\\.b"')
    expect(success('osm', { target: 'a.b' })).toContain('destination_name="a.b"')
  })
})

describe('names in built-in queries', () => {
  /** The query's grammar with all texts left out. */
  const shape = (query: string): string => {
    const nodes: string[] = []
    parser.parse(query).iterate({ enter: ({ name }) => void nodes.push(name) })
    return nodes.join(' ')
  }
  const hostile = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('"', '\\', '}', '{', '\n', '.', '=~', "'", '`', '$', ')', '\0') }),
  )

  it.each(families)('of %s are never anything but data', family =>
    fc.assert(
      fc.property(hostile, hostile, hostile, (target, service, namespace) => {
        for (const metric of ['request-success-rate', 'request-duration'] as const) {
          const plain = builtInQuery(metric, family, names)
          const odd = builtInQuery(metric, family, { ...names, target, service, namespace, ingress: service, route: target })
          expect(shape(odd.query)).toBe(shape(plain.query))
          expect(shape(odd.query)).not.toContain('⚠')
        }
      }),
      { numRuns: 50 },
    ),
  )
})

describe('the family of queries', () => {
  const family = (provider: string | undefined, meshProvider = 'istio', kind = 'Deployment') =>
    familyOf(aCanary({ spec: { provider, targetRef: { apiVersion: 'apps/v1', kind, name: 'app' } } }), meshProvider)

  it.each([
    ['istio', 'istio'],
    ['linkerd', 'linkerd'],
    ['appmesh', 'appmesh'],
    ['appmesh:v1beta2', 'appmesh'],
    ['contour', 'contour'],
    ['gloo', 'gloo'],
    ['nginx', 'nginx'],
    ['kubernetes', 'http'],
    ['gatewayapi:v1', 'http'],
    ['gatewayapi:v1beta1', 'http'],
    ['skipper', 'skipper'],
    ['traefik', 'traefik'],
    ['osm', 'osm'],
    ['kuma', 'kuma'],
    ['apisix', 'apisix'],
    ['knative', 'knative'],
    ['smi:v1alpha2', 'istio'],
  ])('of the provider %s is %s', (provider, expectedFamily) => expect(family(provider)).toBe(expectedFamily))

  it('is that of the controller where the Canary names no provider', () => expect(family(undefined, 'contour')).toBe('contour'))
  it('is Linkerd wherever the controller runs for it', () => expect(family('kubernetes', 'linkerd')).toBe('linkerd'))
  it('is Istio for a layer without one', () => expect(family(undefined, 'crossover:supergloo')).toBe('istio'))
  it('does not change with the kind of the target', () => expect(family('nginx', 'istio', 'Service')).toBe('nginx'))
})

describe('what built-in queries speak of', () => {
  const interval = (text: string) => queryNamesOf(aCanary(), { name: 'request-duration', interval: text }).interval

  it.each(['30s', '1m', '1m30s', '500ms'])('takes the window %s as it is', text => expect(interval(text)).toBe(text))
  it.each([
    ['1min', '60s'],
    ['1m] or vector(1', '60s'],
    ['30s1m', '90s'],
    ['0s', '60s'],
  ])('asks for the window %s as the reader took it', (text, taken) => expect(interval(text)).toBe(taken))

  it('falls back to the target where service, ingress and route have no name', () =>
    expect(queryNamesOf(aCanary(), { name: 'x', interval: '1m' })).toMatchObject({
      target: 'podinfo',
      service: 'podinfo',
      ingress: 'podinfo',
      route: 'podinfo',
      namespace: 'test',
    }))

  it('takes the names that the Canary gives', () => {
    const canary = aCanary({
      spec: {
        service: { port: 80, name: 'web' },
        ingressRef: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'door' },
        routeRef: { apiVersion: 'apisix.apache.org/v2', kind: 'ApisixRoute', name: 'way' },
      },
    })
    expect(queryNamesOf(canary, { name: 'x', interval: '1m' })).toMatchObject({ service: 'web', ingress: 'door', route: 'way' })
  })
})
