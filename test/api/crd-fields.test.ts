import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/api/structural-schema.ts'
import { schemaFor } from '../support/admission.ts'

const at = (kind: string, path: string): Schema | undefined =>
  path.split('.').reduce<Schema | undefined>((schema, step) => {
    if (step === '[]') return schema?.items
    return step === '*' ? schema?.additionalProperties : schema?.properties?.[step]
  }, schemaFor(kind) as Schema)

const duration = { type: 'string', pattern: '^[0-9]+(m|s)' }
const whole = { type: 'number', multipleOf: 1 }
const text = { type: 'string' }
const flag = { type: 'boolean' }
const texts = { type: 'array', items: { type: 'string' } }
const textMap = { type: 'object', additionalProperties: { type: 'string' } }
const words = (...enumeration: readonly string[]) => ({ type: 'string', enum: enumeration })
const match = { oneOf: ['exact', 'prefix', 'suffix', 'regex'].map(name => ({ required: [name] })) }
const matchMap = { type: 'object', additionalProperties: match }

const canaryFields: readonly (readonly [path: string, schema: object])[] = [
  [
    'spec.provider',
    words(
      ...[
        'apisix',
        'appmesh',
        'appmesh:v1beta2',
        'contour',
        'gatewayapi:v1',
        'gatewayapi:v1beta1',
        'gloo',
        'istio',
        'knative',
        'kubernetes',
      ],
      ...['kuma', 'linkerd', 'nginx', 'osm', 'skipper', 'smi:v1alpha1', 'smi:v1alpha2', 'smi:v1alpha3', 'traefik'],
    ),
  ],
  ['spec.metricsServer', text],
  ['spec.targetRef.kind', words('DaemonSet', 'Deployment', 'Service')],
  ['spec.targetRef.name', text],
  ['spec.targetRef.apiVersion', text],
  ['spec.autoscalerRef.kind', words('HorizontalPodAutoscaler', 'ScaledObject')],
  ['spec.autoscalerRef.primaryScalerQueries', textMap],
  ['spec.autoscalerRef.primaryScalerReplicas.minReplicas', { type: 'integer', minimum: 1 }],
  ['spec.autoscalerRef.primaryScalerReplicas.maxReplicas', { type: 'integer', minimum: 1 }],
  ...['autoscalerRef', 'ingressRef', 'routeRef', 'upstreamRef'].flatMap(ref => [
    [`spec.${ref}`, { required: ['kind', 'name'] }] as const,
    [`spec.${ref}.apiVersion`, text] as const,
  ]),
  ['spec.targetRef', { required: ['kind', 'name'] }],
  ['spec.ingressRef.kind', words('Ingress')],
  ['spec.routeRef.kind', words('ApisixRoute')],
  ['spec.upstreamRef.kind', words('Upstream')],
  ['spec.upstreamRef.namespace', text],
  ['spec.progressDeadlineSeconds', whole],
  ['spec.skipAnalysis', flag],
  ['spec.analysis.evidenceDelay', duration],
  ['spec.skipCapacity', flag],
  ['spec.drain', duration],
  ['spec.revertOnDeletion', flag],
  ['spec.suspend', flag],
  ['spec.canaryAnalysis.interval', duration],
  ['spec.webhooks.[].name', text],

  ['spec.service.name', text],
  ['spec.service.port', whole],
  ['spec.service.portName', text],
  ['spec.service.targetPort', { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }],
  ['spec.service.appProtocol', text],
  ['spec.service.trafficDistribution', words('PreferClose', 'PreferSameZone', 'PreferSameNode')],
  ['spec.service.portDiscovery', flag],
  ['spec.service.headless', flag],
  ['spec.service.timeout', text],
  ['spec.service.backendTimeout', text],
  ['spec.service.gateways', texts],
  ['spec.service.gatewayRefs', { type: 'array', maxItems: 32 }],
  ['spec.service.gatewayRefs.[].name', { type: 'string', minLength: 1, maxLength: 253 }],
  ['spec.service.gatewayRefs.[].group', { type: 'string', default: 'gateway.networking.k8s.io' }],
  ['spec.service.gatewayRefs.[].kind', { type: 'string', default: 'Gateway' }],
  ['spec.service.gatewayRefs.[].namespace', { type: 'string', minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }],
  ['spec.service.gatewayRefs.[].sectionName', text],
  ['spec.service.gatewayRefs.[].port', { type: 'integer', minimum: 1, maximum: 65_535 }],
  ['spec.service.hosts', texts],
  ['spec.service.delegation', flag],
  ['spec.service.trafficPolicy', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }],
  ['spec.service.trafficPolicy.connectionPool.http.http2MaxRequests', { type: 'number' }],
  ['spec.service.trafficPolicy.loadBalancer.simple', text],
  ['spec.service.trafficPolicy.outlierDetection.consecutive5xxErrors', { type: 'number' }],
  ['spec.service.trafficPolicy.tls.mode', text],
  ...['uri', 'scheme', 'method', 'authority'].map(name => [`spec.service.match.[].${name}`, match] as const),
  ...['headers', 'withoutHeaders', 'queryParams'].map(name => [`spec.service.match.[].${name}`, matchMap] as const),
  ['spec.service.match.[].name', text],
  ['spec.service.match.[].port', whole],
  ['spec.service.match.[].sourceLabels', textMap],
  ['spec.service.match.[].sourceNamespace', text],
  ['spec.service.match.[].gateways', texts],
  ['spec.service.match.[].ignoreUriCase', flag],
  ...['uri', 'authority', 'type'].map(name => [`spec.service.rewrite.${name}`, text] as const),
  ['spec.service.retries.attempts', { type: 'integer' }],
  ['spec.service.retries.perTryTimeout', text],
  ['spec.service.retries.retryOn', text],
  ...['request', 'response'].flatMap(side => [
    [`spec.service.headers.${side}.add`, textMap] as const,
    [`spec.service.headers.${side}.set`, textMap] as const,
    [`spec.service.headers.${side}.remove`, texts] as const,
  ]),
  ['spec.service.mirror.[].backendRef.name', text],
  ['spec.service.mirror.[].backendRef.kind', { type: 'string', default: 'Service' }],
  ['spec.service.mirror.[].backendRef.group', text],
  ['spec.service.mirror.[].backendRef.namespace', text],
  ['spec.service.mirror.[].backendRef.port', { type: 'integer' }],
  ...['allowOrigin', 'allowMethods', 'allowHeaders', 'exposeHeaders'].map(name => [`spec.service.corsPolicy.${name}`, texts] as const),
  ['spec.service.corsPolicy.allowOrigins', { type: 'array', items: match }],
  ['spec.service.corsPolicy.allowCredentials', flag],
  ['spec.service.corsPolicy.maxAge', text],
  ['spec.service.meshName', text],
  ['spec.service.backends', texts],
  ...['apex', 'primary', 'canary'].flatMap(track => [
    [`spec.service.${track}.labels`, textMap] as const,
    [`spec.service.${track}.annotations`, textMap] as const,
  ]),
  ['spec.service.unmanagedMetadata.annotations', texts],
  ['spec.service.unmanagedMetadata.labels', texts],

  ['spec.analysis.interval', duration],
  ...['iterations', 'threshold', 'maxWeight', 'stepWeight', 'stepWeightPromotion', 'mirrorWeight'].map(
    name => [`spec.analysis.${name}`, whole] as const,
  ),
  ...['primaryReadyThreshold', 'canaryReadyThreshold'].map(name => [`spec.analysis.${name}`, whole] as const),
  ['spec.analysis.stepWeights', { type: 'array', items: whole }],
  ['spec.analysis.mirror', flag],
  ['spec.analysis.match.[].headers', matchMap],
  ['spec.analysis.match.[].queryParams', matchMap],
  ['spec.analysis.match.[].sourceLabels', textMap],
  ['spec.analysis.metrics.[]', { required: ['name'] }],
  ['spec.analysis.metrics.[].interval', duration],
  ['spec.analysis.metrics.[].threshold', { type: 'number' }],
  ['spec.analysis.metrics.[].thresholdRange.min', { type: 'number' }],
  ['spec.analysis.metrics.[].thresholdRange.max', { type: 'number' }],
  ['spec.analysis.metrics.[].query', text],
  ['spec.analysis.metrics.[].templateRef', { required: ['name'] }],
  ['spec.analysis.metrics.[].templateRef.namespace', text],
  ['spec.analysis.metrics.[].templateVariables', textMap],
  ['spec.analysis.webhooks.[]', { required: ['name'] }],
  ['spec.analysis.webhooks.[].url', text],
  [
    'spec.analysis.webhooks.[].type',
    words(
      '',
      'confirm-rollout',
      'pre-rollout',
      'rollout',
      'confirm-traffic-increase',
      'confirm-promotion',
      'post-rollout',
      'event',
      'rollback',
    ),
  ],
  ['spec.analysis.webhooks.[].timeout', duration],
  ['spec.analysis.webhooks.[].retries', whole],
  ['spec.analysis.webhooks.[].disableTLS', flag],
  ['spec.analysis.webhooks.[].muteAlert', flag],
  ['spec.analysis.webhooks.[].metadata', textMap],
  ['spec.analysis.alerts.[]', { required: ['name', 'providerRef'] }],
  ['spec.analysis.alerts.[].severity', words('', 'info', 'warn', 'error')],
  ['spec.analysis.alerts.[].providerRef', { required: ['name'] }],
  ['spec.analysis.alerts.[].providerRef.namespace', text],
  ['spec.analysis.sessionAffinity', { required: ['cookieName'] }],
  ['spec.analysis.sessionAffinity.primaryCookieName', text],
  ['spec.analysis.sessionAffinity.domain', text],
  ['spec.analysis.sessionAffinity.httpOnly', flag],
  ['spec.analysis.sessionAffinity.maxAge', { ...whole, default: 86_400 }],
  ['spec.analysis.sessionAffinity.partitioned', flag],
  ['spec.analysis.sessionAffinity.path', text],
  ['spec.analysis.sessionAffinity.sameSite', words('Strict', 'Lax', 'None')],
  ['spec.analysis.sessionAffinity.secure', flag],

  [
    'status.phase',
    words(
      ...[
        '',
        'Initializing',
        'Initialized',
        'Waiting',
        'Progressing',
        'WaitingPromotion',
        'Promoting',
        'Finalising',
        'Succeeded',
        'Failed',
      ],
      ...['Terminating', 'Terminated'],
    ),
  ],
  ...['canaryWeight', 'failedChecks', 'iterations', 'observedGeneration'].map(name => [`status.${name}`, { type: 'integer' }] as const),
  ...['sessionAffinityCookie', 'primarySessionAffinityCookie', 'previousSessionAffinityCookie'].map(
    name => [`status.${name}`, text] as const,
  ),
  ['status.trackedConfigs', textMap],
  ['status.lastAppliedSpec', text],
  ['status.lastPromotedSpec', text],
  ['status.lastTransitionTime', { type: 'string', format: 'date-time' }],
  ['status.conditions.[]', { required: ['type', 'status', 'reason'] }],
  ['status.conditions.[].message', text],
  ['status.conditions.[].lastUpdateTime', { type: 'string', format: 'date-time' }],
]

const helperFields: readonly (readonly [kind: string, path: string, schema: object])[] = [
  [
    'MetricTemplate',
    'spec.provider.type',
    words(
      ...[
        'prometheus',
        'influxdb',
        'datadog',
        'externalmetrics',
        'stackdriver',
        'cloudwatch',
        'newrelic',
        'graphite',
        'dynatrace',
        'keptn',
      ],
      'splunk',
    ),
  ],
  ['MetricTemplate', 'spec', { required: ['provider', 'query'] }],
  ['MetricTemplate', 'spec.provider.address', text],
  ['MetricTemplate', 'spec.provider.region', text],
  ['MetricTemplate', 'spec.provider.headers', { additionalProperties: texts }],
  ['MetricTemplate', 'spec.provider.secretRef', { required: ['name'] }],
  ['MetricTemplate', 'spec.provider.insecureSkipVerify', flag],
  ['MetricTemplate', 'spec.query', text],
  ['AlertProvider', 'spec', { required: ['type'] }],
  ['AlertProvider', 'spec.type', words('slack', 'msteams', 'discord', 'rocket', 'gchat')],
  ...['channel', 'username', 'proxy', 'address'].map(name => ['AlertProvider', `spec.${name}`, text] as const),
  ['AlertProvider', 'spec.secretRef', { required: ['name'] }],
]

const olderSpellings = [
  ['spec.canaryAnalysis', 'spec.analysis'],
  ['spec.webhooks', 'spec.analysis.webhooks'],
] as const

describe('the schema', () => {
  it.each(canaryFields)('has %s as the field has it', (path, schema) => expect(at('Canary', path)).toMatchObject(schema))

  it.each(helperFields)('has %s %s as the field has it', (kind, path, schema) => expect(at(kind, path)).toMatchObject(schema))

  it('writes no default into a Canary but those that the field writes', () => {
    const defaults = (schema: Schema, path: string): string[] => [
      ...(schema.default === undefined ? [] : [path]),
      ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => defaults(inner, `${path}.${name}`)),
      ...(schema.items ? defaults(schema.items, `${path}[]`) : []),
    ]
    expect(defaults(at('Canary', 'spec') ?? {}, 'spec').toSorted()).toEqual([
      'spec.analysis.sessionAffinity.maxAge',
      'spec.canaryAnalysis.sessionAffinity.maxAge',
      'spec.service.gatewayRefs[].group',
      'spec.service.gatewayRefs[].kind',
      'spec.service.mirror[].backendRef.kind',
    ])
  })

  it('has no field of the spec without a row above', () => {
    const leaves = (schema: Schema, path: string): readonly string[] => {
      if (schema.properties) return Object.entries(schema.properties).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`))
      return schema.items?.properties ? leaves(schema.items, `${path}.[]`) : [path]
    }
    const toldBy = ([path, row]: readonly [path: string, row: object]): readonly string[] =>
      'required' in row ? (row.required as readonly string[]).map(name => `${path}.${name}`) : [path]
    const told = [...canaryFields.flatMap(toldBy), ...olderSpellings.map(([older]) => older)]
    const isTold = (path: string) => told.some(one => path === one || path.startsWith(`${one}.`))
    expect(leaves(at('Canary', 'spec') ?? {}, 'spec').filter(path => !isTold(path))).toEqual([])
  })

  it.each(olderSpellings)('has in %s what it has in %s', (older, today) => {
    const [was, is] = [at('Canary', older), at('Canary', today)].map(schema => schema?.items ?? schema)
    expect(Object.keys(was?.properties ?? {})).toEqual(Object.keys(is?.properties ?? {}))
  })
})
