import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'
import { admit } from '../support/admission.ts'
import { type Changes, canaryManifest, legacyManifest } from '../support/manifests.ts'
import { observed } from '../support/observed.ts'

const weights = { stepWeight: undefined, maxWeight: undefined }
const knative = { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' }
const gatewayRefs = [{ name: 'gateway', namespace: 'infra' }]
const ingressRef = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'podinfo' }
const longName = 'a'.repeat(56)

const accepted: readonly (readonly [what: string, changes: Changes])[] = [
  ['a weighted run', {}],
  ['a ladder', { analysis: { ...weights, stepWeights: [1, 2, 10, 80] } }],
  ['a ladder whose last step the field clamps to 100', { analysis: { ...weights, stepWeights: [1, 2, 10, 200] } }],
  ['an empty ladder', { analysis: { ...weights, stepWeights: [] } }],
  ['blue/green', { analysis: { ...weights, iterations: 10 } }],
  ['A/B testing', { analysis: { ...weights, iterations: 10, match: [{ headers: { 'x-canary': { exact: 'insider' } } }] } }],
  ['a step of zero, because presence counts', { analysis: { stepWeight: 0 }, spec: { skipAnalysis: true } }],
  ['a maximum beside a ladder', { analysis: { stepWeight: undefined, stepWeights: [10, 20], maxWeight: 30 } }],
  ['a maximum above 100, which the reader clamps', { analysis: { maxWeight: 150 } }],
  ['whole numbers written as fractions', { analysis: { threshold: 5.0 } }],
  [
    'thresholds of metrics that are fractions',
    { analysis: { metrics: [{ name: 'error-rate', query: 'vector(1)', thresholdRange: { max: 0.5 } }] } },
  ],
  ['thresholds of readiness that are 0', { analysis: { primaryReadyThreshold: 0, canaryReadyThreshold: 0 } }],
  ['a negative deadline', { spec: { progressDeadlineSeconds: -1 } }],
  ['an interval with two units', { analysis: { interval: '1m30s' } }],
  ['an interval with a tail that the reader names', { analysis: { interval: '10sfoo' } }],
  ['a named target port', { service: { targetPort: 'http' } }],
  ['cookies that differ', { analysis: { sessionAffinity: { cookieName: 'canary', primaryCookieName: 'primary' } } }],
  ['a Gateway API route with a parent', { spec: { provider: 'gatewayapi:v1' }, service: { gatewayRefs } }],
  ['nginx with an Ingress', { spec: { provider: 'nginx', ingressRef } }],
  ['a Knative Service without a port', { spec: { provider: 'knative', targetRef: knative, service: undefined } }],
  ['a core Service without a port', { spec: { targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' }, service: undefined } }],
  ['delegation without hosts', { spec: { provider: 'istio' }, service: { delegation: true } }],
  [
    'delegation with hosts where no Istio reads it',
    { spec: { provider: 'nginx', ingressRef }, service: { delegation: true, hosts: ['podinfo.test'] } },
  ],
  [
    'a long target behind a Service with a short name',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: longName } }, service: { name: 'podinfo' } },
  ],
  ['an empty webhook type', { analysis: { webhooks: [{ name: 'load', type: '', url: 'http://loadtester.test/' }] } }],
  [
    'settings of a traffic policy that are newer than we are',
    { service: { trafficPolicy: { loadBalancer: { warmup: { duration: '10s' } } } } },
  ],
]

const refused: readonly (readonly [what: string, changes: Changes, words: string])[] = [
  ['no analysis', { spec: { analysis: undefined } }, 'spec: Invalid value: expected spec.analysis, got nothing; add it'],
  ['no target', { spec: { targetRef: undefined } }, 'spec.targetRef: Required value'],
  [
    'a target without a name',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment' } } },
    'spec.targetRef.name: Required value',
  ],
  ['a metric without a name', { analysis: { metrics: [{ interval: '1m' }] } }, 'metrics[0].name: Required value'],
  ['a template without a name', { analysis: { metrics: [{ name: 'a', templateRef: {} }] } }, 'templateRef.name: Required value'],
  ['a webhook without a name', { analysis: { webhooks: [{ url: 'http://gate.test/' }] } }, 'webhooks[0].name: Required value'],
  ['an alert without a provider', { analysis: { alerts: [{ name: 'a' }] } }, 'alerts[0].providerRef: Required value'],
  [
    'an alert of an unknown severity',
    { analysis: { alerts: [{ name: 'a', severity: 'warning', providerRef: { name: 'a' } }] } },
    'Unsupported value',
  ],
  ['session affinity without a cookie', { analysis: { sessionAffinity: { maxAge: 5 } } }, 'cookieName: Required value'],
  ['a cookie for unknown sites', { analysis: { sessionAffinity: { cookieName: 'a', sameSite: 'lax' } } }, 'Unsupported value'],
  ['an unknown traffic distribution', { service: { trafficDistribution: 'PreferFar' } }, 'Unsupported value'],
  ['a parent at port 0', { service: { gatewayRefs: [{ name: 'gateway', port: 0 }] } }, 'greater than or equal to 1'],
  ['a parent without a name', { service: { gatewayRefs: [{ namespace: 'infra' }] } }, 'gatewayRefs[0].name: Required value'],
  ['an unknown kind of scaler', { spec: { autoscalerRef: { kind: 'VerticalPodAutoscaler', name: 'p' } } }, 'Unsupported value'],
  ['no interval', { analysis: { interval: undefined } }, 'expected interval and threshold'],
  ['no threshold', { analysis: { threshold: undefined } }, 'expected interval and threshold'],
  ['no strategy', { analysis: weights }, 'expected exactly one of iterations, stepWeight and stepWeights'],
  ['two strategies', { analysis: { iterations: 10 } }, 'expected exactly one of iterations, stepWeight and stepWeights'],
  ['iterations and a ladder', { analysis: { ...weights, iterations: 5, stepWeights: [10] } }, 'expected exactly one of iterations'],
  ['a step and a ladder', { analysis: { stepWeights: [10] } }, 'expected exactly one of iterations, stepWeight and stepWeights'],
  [
    'a ladder that falls',
    { analysis: { ...weights, stepWeights: [10, 5] } },
    'spec.analysis.stepWeights: Invalid value: stepWeights must rise',
  ],
  ['a ladder that stays', { analysis: { ...weights, stepWeights: [10, 10] } }, 'stepWeights must rise'],
  ['fractions where whole numbers are meant', { analysis: { threshold: 1.5 } }, 'should be a multiple of 1'],
  ['an interval in hours', { analysis: { interval: '1h' } }, "should match '^[0-9]+(m|s)'"],
  ['an interval that is a fraction', { analysis: { interval: '0.5m' } }, "should match '^[0-9]+(m|s)'"],
  ['an unknown provider', { spec: { provider: 'smi:v1alpha2:istio' } }, 'Unsupported value'],
  [
    'an unknown kind of target',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'podinfo' } } },
    'Unsupported value',
  ],
  ['no port', { service: { port: undefined } }, 'expected spec.service.port'],
  ['no port but a named target port', { service: { port: undefined, targetPort: 'http' } }, 'expected spec.service.port'],
  ['no service', { spec: { service: undefined } }, 'expected spec.service.port'],
  [
    'cookies of one name',
    { analysis: { sessionAffinity: { cookieName: 'same', primaryCookieName: 'same' } } },
    'cookieName and primaryCookieName must differ',
  ],
  ['a nameless cookie', { analysis: { sessionAffinity: { cookieName: '' } } }, 'cookieName must not be empty'],
  ['a Deployment for Knative', { spec: { provider: 'knative' } }, 'set both or neither'],
  ['a Knative Service for Istio', { spec: { provider: 'istio', targetRef: knative } }, 'set both or neither'],
  [
    'a Knative Service with a scaler',
    {
      spec: {
        provider: 'knative',
        targetRef: knative,
        autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' },
      },
    },
    'remove autoscalerRef',
  ],
  [
    'a Gateway API route without a parent',
    { spec: { provider: 'gatewayapi:v1' } },
    'provider gatewayapi:v1 needs spec.service.gatewayRefs',
  ],
  ['nginx without an Ingress', { spec: { provider: 'nginx' } }, 'provider nginx needs spec.ingressRef'],
  ['skipper without an Ingress', { spec: { provider: 'skipper' } }, 'provider skipper needs spec.ingressRef'],
  ['apisix without a route', { spec: { provider: 'apisix' } }, 'provider apisix needs spec.routeRef'],
  ['App Mesh without a mesh', { spec: { provider: 'appmesh' } }, 'provider appmesh needs spec.service.meshName'],
  [
    'delegation with hosts',
    { spec: { provider: 'istio' }, service: { delegation: true, hosts: ['podinfo.test'] } },
    'delegation leaves hosts and gateways',
  ],
  ['a Service name without room for -primary', { service: { name: longName } }, 'at most 55 characters'],
  [
    'a target name without room for -primary',
    { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a'.repeat(246) } }, service: { name: 'podinfo' } },
    'the name of the target has at most 245 characters',
  ],
  [
    'a scaler name without room for -primary',
    { spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'a'.repeat(246) } } },
    'the name of the scaler has at most 245 characters',
  ],
  ['a string match of two kinds', { service: { match: [{ uri: { exact: '/', prefix: '/' } }] } }, 'one and only one schema'],
  ['33 parents', { service: { gatewayRefs: Array.from({ length: 33 }, () => ({ name: 'gateway' })) } }, 'must have at most 32 items'],
  [
    'no replicas at all for the primary',
    {
      spec: {
        autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'p', primaryScalerReplicas: { minReplicas: 0 } },
      },
    },
    'greater than or equal to 1',
  ],
  [
    'a webhook of an unknown type',
    { analysis: { webhooks: [{ name: 'a', type: 'pre-flight', url: 'http://gate.test/' }] } },
    'Unsupported value',
  ],
]

describe('the API server', () => {
  it.each(accepted)('takes %s', (_, changes) => expect(admit(canaryManifest(changes))).toMatchObject({ refusals: [], pruned: [] }))

  it.each(refused)('refuses %s', (_, changes, words) => expect(admit(canaryManifest(changes)).refusals.join('\n')).toContain(words))

  it('prunes what it does not know', () =>
    expect(admit(canaryManifest({ analysis: { stepWieght: 5 } })).pruned).toEqual(['spec.analysis.stepWieght']))

  it.each(['1-initialized', '2-at-20', '3-promoting', '4-succeeded', '5-failed'])(
    'takes the Canary observed in the field at %s, whole',
    stage => {
      for (const canary of observed(`${stage}-canaries`)) expect(admit(canary)).toEqual({ stored: canary, pruned: [], refusals: [] })
    },
  )

  it('lets the status of an object be written that a newer rule would refuse', () => {
    const old = canaryManifest({ analysis: { ...weights, stepWeights: [10, 10] } })
    expect(admit({ ...old, status: { phase: 'Initialized' } }, old).refusals).toEqual([])
  })
})

describe('a manifest of flagger.app/v1alpha3', () => {
  const example = parse(readFileSync(join(import.meta.dirname, '../../examples/podinfo-v1alpha3.yaml'), 'utf8')) as KubeObject

  it('is taken as it stands', () => expect(admit(example)).toEqual({ stored: example, pruned: [], refusals: [] }))

  it('stays manageable once it is stored as v1beta1', () => {
    const stored = { ...example, apiVersion: 'flagger.app/v1beta1' }
    expect(admit({ ...stored, status: { phase: 'Initializing' } })).toMatchObject({ pruned: [], refusals: [] })
  })

  it.each([
    ['without interval, threshold and step', { canaryAnalysis: {} }],
    ['with two strategies', { canaryAnalysis: { iterations: 5, stepWeight: 10 } }],
    ["with today's spelling beside the old one", { analysis: { interval: '1m', threshold: 5, stepWeight: 10 } }],
  ])('is taken %s', (_, spec) => expect(admit(legacyManifest(spec))).toMatchObject({ refusals: [], pruned: [] }))

  it('is held to a rising ladder too', () =>
    expect(admit(legacyManifest({ canaryAnalysis: { stepWeights: [5, 5] } })).refusals.join()).toContain('stepWeights must rise'))
})

describe('an AlertProvider', () => {
  const alertProvider = (spec: object): KubeObject => ({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'AlertProvider',
    metadata: { name: 'chat' },
    spec,
  })
  const address = 'http://chat.test/hook'

  it.each([
    ['an address', { type: 'slack', address }],
    ['a Secret', { type: 'slack', secretRef: { name: 'chat' } }],
    ['both, as public examples show', { type: 'slack', address, secretRef: { name: 'chat' } }],
  ])('is taken with %s', (_, spec) => expect(admit(alertProvider(spec)).refusals).toEqual([]))

  it.each([
    ['neither address nor Secret', { type: 'slack' }, 'expected address or secretRef'],
    ['an unknown type', { type: 'irc', address }, 'Unsupported value'],
    ['no type', { address }, 'Required value'],
  ])('is refused with %s', (_, spec, words) => expect(admit(alertProvider(spec)).refusals.join('\n')).toContain(words))
})

describe('a MetricTemplate', () => {
  const metricTemplate = (spec: object): KubeObject => ({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'errors' },
    spec,
  })

  it('is taken with provider and query', () =>
    expect(admit(metricTemplate({ provider: { type: 'prometheus' }, query: 'vector(1)' })).refusals).toEqual([]))

  it.each([
    ['no query', { provider: { type: 'prometheus' } }],
    ['no provider', { query: 'vector(1)' }],
    ['an unknown provider', { provider: { type: 'csv' }, query: 'vector(1)' }],
  ])('is refused with %s', (_, spec) => expect(admit(metricTemplate(spec)).refusals).toHaveLength(1))
})
