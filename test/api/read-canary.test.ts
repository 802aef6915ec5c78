import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { type Changes, canaryManifest, type Fields, legacyManifest } from '../support/manifests.ts'
import { observed } from '../support/observed.ts'

const garbage = (object: unknown): KubeObject => object as KubeObject
const problemsOf = (changes: Changes, options = {}) =>
  readCanary(canaryManifest(changes), options).problems.map(({ path, message }) => `${path}: ${message}`)
const notesOf = (changes: Changes, options = {}) =>
  readCanary(canaryManifest(changes), options).notes.map(({ path, message }) => `${path}: ${message}`)
const weights = { stepWeight: undefined, maxWeight: undefined }

describe('a valid Canary', () => {
  it('has nothing to be said about', () => expect(readCanary(canaryManifest())).toMatchObject({ problems: [], notes: [] }))

  it('gets every default', () =>
    expect(readCanary(canaryManifest()).canary.spec).toMatchObject({
      progressDeadlineSeconds: 600,
      skipAnalysis: false,
      suspend: false,
      revertOnDeletion: false,
      service: { portName: 'http', portDiscovery: false, hosts: [], gatewayRefs: [] },
      analysis: { mirror: false, metrics: [], webhooks: [], alerts: [], match: [] },
    }))

  it('gets every default of a webhook', () => {
    const webhooks = [{ name: 'gate', url: 'http://gate.test/' }]
    expect(readCanary(canaryManifest({ analysis: { webhooks } })).canary.spec.analysis.webhooks).toEqual([
      { name: 'gate', url: 'http://gate.test/', type: '', timeout: '10s', retries: 0, disableTLS: false, muteAlert: false },
    ])
  })

  it('gets every default of metrics, alerts and cookies', () => {
    const analysis = {
      metrics: [{ name: 'request-duration' }],
      alerts: [{ name: 'a', providerRef: { name: 'chat' } }],
      sessionAffinity: { cookieName: 'chk' },
    }
    expect(readCanary(canaryManifest({ analysis })).canary.spec.analysis).toMatchObject({
      metrics: [{ interval: '1m' }],
      alerts: [{ severity: '' }],
      sessionAffinity: { maxAge: 86_400 },
    })
  })

  it('keeps its metadata', () => {
    const metadata = { name: 'podinfo', namespace: 'test', uid: 'u', resourceVersion: '7', generation: 3, labels: { a: 'b' } }
    expect(readCanary({ ...canaryManifest(), metadata }).canary.metadata).toEqual(metadata)
  })

  it('keeps its status', () => {
    const status = { phase: 'Progressing', canaryWeight: 20, failedChecks: 1 }
    expect(readCanary({ ...canaryManifest(), status }).canary.status).toEqual(status)
  })

  it('keeps settings of a traffic policy that nobody here knows', () => {
    const trafficPolicy = { loadBalancer: { warmup: { duration: '10s' } } }
    expect(readCanary(canaryManifest({ service: { trafficPolicy } })).canary.spec.service.trafficPolicy).toEqual(trafficPolicy)
  })

  it.each(['1-initialized', '2-at-20', '3-promoting', '4-succeeded', '5-failed'])(
    'observed in the field at %s can be carried out',
    stage => {
      for (const canary of observed(`${stage}-canaries`)) expect(readCanary(canary)).toMatchObject({ problems: [], notes: [], canary })
    },
  )
})

describe('a Canary of flagger.app/v1alpha3', () => {
  const example = readCanary(parse(readFileSync(join(import.meta.dirname, '../../examples/podinfo-v1alpha3.yaml'), 'utf8')) as KubeObject)
  const notes = example.notes.map(({ path, message }) => `${path}: ${message}`)

  it('runs', () => expect(example.problems).toEqual([]))

  it('is read in the words of today', () =>
    expect(example.canary.spec).toMatchObject({
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      service: { port: 9898, targetPort: 9898 },
      analysis: {
        interval: '1m',
        threshold: 10,
        maxWeight: 50,
        stepWeight: 5,
        metrics: [
          { name: 'request-success-rate', thresholdRange: { min: 99 } },
          { name: 'request-duration', thresholdRange: { max: 500 } },
        ],
        webhooks: [],
      },
    }))

  it('names the line that nobody can guess', () =>
    expect(notes).toContain(
      'spec.analysis.webhooks[0].url: webhook "load-test" has no url and the webhook is skipped; add the line `url: http://<load tester or gate>/`',
    ))

  it.each(['spec.canaryAnalysis', 'spec.webhooks', 'spec.targetRef.apiVersion', 'spec.service.port', 'spec.analysis.metrics[0].threshold'])(
    'says that it read %s',
    path => expect(example.notes.map(note => note.path)).toContain(path),
  )

  it('lets analysis win over canaryAnalysis', () => {
    const { canary, notes: said } = readCanary(legacyManifest({ analysis: { interval: '2m', threshold: 1, stepWeight: 20 } }))
    expect(canary.spec.analysis.stepWeight).toBe(20)
    expect(said).toContainEqual({ path: 'spec.canaryAnalysis', message: 'spec.analysis is set too and wins; remove spec.canaryAnalysis' })
  })

  it('adds webhooks found one level too high to those in place', () => {
    const hook = (name: string) => ({ name, url: 'http://hook.test/' })
    const { canary } = readCanary(legacyManifest({ canaryAnalysis: { stepWeight: 10, webhooks: [hook('a')] }, webhooks: [hook('b')] }))
    expect(canary.spec.analysis.webhooks.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it.each([
    ['targetRef', { kind: 'DaemonSet', name: 'p' }, 'apps/v1'],
    ['targetRef', { kind: 'Service', name: 'p' }, 'v1'],
    ['autoscalerRef', { kind: 'HorizontalPodAutoscaler', name: 'p' }, 'autoscaling/v2'],
    ['ingressRef', { kind: 'Ingress', name: 'p' }, 'networking.k8s.io/v1'],
  ])('gets the API version of %s %j from the kind', (field, ref, apiVersion) =>
    expect(readCanary(legacyManifest({ [field]: ref })).canary.spec).toMatchObject({ [field]: { apiVersion } }),
  )

  it('says which line to add where there is neither port nor number of a target port', () =>
    expect(readCanary(legacyManifest({ service: { targetPort: 'http' } })).problems).toEqual([
      { path: 'spec.service.port', message: 'expected the port of the Service, got nothing; add `port: <number>`' },
    ]))

  it.each(['confirm-rollout', 'pre-rollout', 'confirm-traffic-increase', 'confirm-promotion', 'rollback'])(
    'does not run without the %s hook that it asked for',
    type =>
      expect(readCanary(legacyManifest({ webhooks: [{ name: 'gate', type }] })).problems[0]?.path).toBe('spec.analysis.webhooks[0].url'),
  )

  it.each(['', 'rollout', 'post-rollout', 'event'])('runs without the %j hook that has no url', type =>
    expect(readCanary(legacyManifest({ webhooks: [{ name: 'hook', type }] })).problems).toEqual([]),
  )
})

describe('a Canary that cannot be carried out', () => {
  const cases: readonly (readonly [what: string, changes: Changes, problem: string])[] = [
    ['a fraction', { analysis: { threshold: 1.5 } }, 'spec.analysis.threshold: expected a whole number, got 1.5; correct it'],
    ['a text for a number', { analysis: { stepWeight: 'ten' } }, 'spec.analysis.stepWeight: expected a number, got "ten"; correct it'],
    ['an unknown provider', { spec: { provider: 'istoi' } }, 'spec.provider: expected one of apisix, appmesh'],
    [
      'an unknown kind',
      { spec: { targetRef: { kind: 'StatefulSet', name: 'p' } } },
      'expected one of DaemonSet, Deployment, Service, got "StatefulSet"',
    ],
    ['no target', { spec: { targetRef: undefined } }, 'spec.targetRef: expected an object, got nothing; add it'],
    [
      'a target without a name',
      { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment' } } },
      'spec.targetRef.name: expected a text, got nothing; add it',
    ],
    [
      'a null where something is needed',
      { spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: null } } },
      'spec.targetRef.name: expected a text, got nothing; add it',
    ],
    ['a ladder that falls', { analysis: { ...weights, stepWeights: [10, 5] } }, 'spec.analysis.stepWeights: stepWeights must rise'],
    ['no way to move', { analysis: weights }, 'spec.analysis: expected iterations, stepWeight or stepWeights above 0, got none'],
    ['no analysis', { spec: { analysis: undefined } }, 'spec.analysis: expected iterations, stepWeight or stepWeights above 0, got none'],
    ['a step of zero', { analysis: { stepWeight: 0 } }, 'spec.analysis: expected iterations, stepWeight or stepWeights above 0, got none'],
    [
      'a metric without a question',
      { analysis: { metrics: [{ name: 'error-rate' }] } },
      'spec.analysis.metrics[0].name: expected request-success-rate or request-duration, or a metric with templateRef, got "error-rate"',
    ],
    [
      'cookies of one name',
      { analysis: { sessionAffinity: { cookieName: 'a', primaryCookieName: 'a' } } },
      'cookieName and primaryCookieName must differ',
    ],
    [
      'a webhook address that is none',
      { analysis: { webhooks: [{ name: 'a', url: 'gate' }] } },
      'spec.analysis.webhooks[0].url: expected an absolute http or https URL, got "gate"; correct it',
    ],
    ['a null in a list', { analysis: { metrics: [null] } }, 'spec.analysis.metrics[0]: expected an object, got null; correct it'],
    [
      'a port out of range',
      { service: { gatewayRefs: [{ name: 'g', port: 70_000 }] } },
      'spec.service.gatewayRefs[0].port: expected at most 65535, got 70000; correct it',
    ],
    [
      'an object for a port',
      { service: { targetPort: {} } },
      'spec.service.targetPort: expected a number or a text, got an object; correct it',
    ],
  ]
  it.each(cases)('says so of %s', (_, changes, problem) => expect(problemsOf(changes).join('\n')).toContain(problem))

  it('says each thing once', () =>
    expect(problemsOf({ analysis: { metrics: [{ name: 3 }, { name: 'request-duration' }] } })).toHaveLength(1))

  it('keeps everything that is not garbage', () => {
    const { canary } = readCanary(
      canaryManifest({ analysis: { threshold: 'x', stepWeight: 7, metrics: [{ name: 3 }, { name: 'request-duration' }] } }),
    )
    expect(canary.spec.analysis).toMatchObject({ stepWeight: 7, metrics: [{ name: 'request-duration' }] })
  })

  it('keeps its name and status for status writes', () => {
    const { canary } = readCanary(
      garbage({ metadata: { name: 'podinfo', namespace: 'test' }, spec: 'garbage', status: { phase: 'Failed' } }),
    )
    expect(canary).toMatchObject({ metadata: { name: 'podinfo', namespace: 'test' }, status: { phase: 'Failed' } })
  })

  it.each([[undefined], [null], [3], ['text'], [[]], [{}]])('may be %j', object =>
    expect(readCanary(garbage(object)).problems.length).toBeGreaterThan(0),
  )

  it('lists no more problems than people read', () => {
    const { problems } = readCanary(canaryManifest({ analysis: { metrics: Array.from({ length: 10_000 }, () => 1) } }))
    expect(problems).toHaveLength(21)
    expect(problems.at(-1)?.message).toBe('9980 more of this kind')
  })

  it('shortens long garbage', () => expect(problemsOf({ analysis: { threshold: 'x'.repeat(10_000) } })[0]?.length).toBeLessThan(200))
})

describe('with references to other namespaces blocked', () => {
  const blocked = { crossNamespaceRefs: false }
  const upstream = (namespace?: string) => ({
    spec: { upstreamRef: { apiVersion: 'gloo.solo.io/v1', kind: 'Upstream', name: 'up', namespace } },
  })
  const template = (namespace?: string) => ({ analysis: { metrics: [{ name: 'errors', templateRef: { name: 'errors', namespace } }] } })
  const alert = (namespace?: string) => ({ analysis: { alerts: [{ name: 'chat', providerRef: { name: 'chat', namespace } }] } })

  it.each([
    [
      'a Gloo upstream',
      upstream('other'),
      "spec.upstreamRef.namespace: can't access gloo upstream up.other, cross-namespace references are blocked",
    ],
    [
      'a MetricTemplate',
      template('other'),
      "spec.analysis.metrics[0].templateRef.namespace: can't access metric template errors.other, cross-namespace",
    ],
    [
      'an AlertProvider',
      alert('other'),
      "spec.analysis.alerts[0].providerRef.namespace: can't access alert provider chat.other, cross-namespace",
    ],
  ])('does not run with %s elsewhere', (_, changes, words) => expect(problemsOf(changes, blocked).join()).toContain(words))

  it.each([
    ['a Gloo upstream of its own namespace', upstream('test')],
    ['a Gloo upstream without namespace', upstream()],
    ['a MetricTemplate without namespace', template()],
    ['an AlertProvider of its own namespace', alert('test')],
  ])('runs with %s', (_, changes) => expect(problemsOf(changes, blocked)).toEqual([]))

  it('is not what the field does unless told', () => expect(problemsOf(template('other'))).toEqual([]))
})

describe('a Canary that needs no step', () => {
  it('promotes without analysis', () => expect(problemsOf({ analysis: { stepWeight: 0 }, spec: { skipAnalysis: true } })).toEqual([]))
  it('runs on a layer that cannot weigh', () =>
    expect(problemsOf({ analysis: { stepWeight: 0 }, spec: { provider: 'kubernetes' } })).toEqual([]))
  it('runs where the controller has such a layer', () =>
    expect(problemsOf({ analysis: { stepWeight: 0 } }, { defaultProvider: 'kubernetes' })).toEqual([]))
})

describe('what works otherwise than it is written', () => {
  const cases: readonly (readonly [what: string, changes: Changes, note: string])[] = [
    [
      'an interval that is none',
      { analysis: { interval: '10sfoo' } },
      'spec.analysis.interval: expected a duration such as 30s or 1m30s, got "10sfoo", read as 60s; correct it',
    ],
    [
      'an interval that is too short',
      { analysis: { interval: '3s' } },
      'spec.analysis.interval: expected at least 10s, got "3s", read as 10s',
    ],
    [
      'a timeout that is none',
      { analysis: { webhooks: [{ name: 'a', url: 'http://hook.test/', timeout: '1min' }] } },
      'spec.analysis.webhooks[0].timeout: expected a duration such as 30s or 1m30s, got "1min", read as 10s',
    ],
    [
      'a maximum above 100',
      { analysis: { maxWeight: 150 } },
      'spec.analysis.maxWeight: expected at most 100, got 150, read as 100; correct it',
    ],
    [
      'a ladder above 100',
      { analysis: { ...weights, stepWeights: [10, 200] } },
      'spec.analysis.stepWeights[1]: expected at most 100, got 200, read as 100; correct it',
    ],
    [
      'a ladder that begins at 0',
      { analysis: { ...weights, stepWeights: [0, 20] } },
      'spec.analysis.stepWeights[0]: expected a weight above 0, got 0, skipped; remove it',
    ],
    [
      'iterations beside a step',
      { analysis: { iterations: 5 } },
      'spec.analysis.iterations: stepWeight or stepWeights is set too; iterations wins, remove one of them',
    ],
    [
      'a ladder beside a step',
      { analysis: { stepWeights: [5] } },
      'spec.analysis.stepWeights: stepWeight is set too; stepWeights wins, remove one of them',
    ],
    [
      'a field that does not exist',
      { analysis: { stepWieght: 5 } },
      'spec.analysis.stepWieght: not a field of this API, ignored; remove it, or correct its name',
    ],
    [
      'a condition that an analysis cannot have',
      { analysis: { match: [{ uri: { exact: '/' } }] } },
      'spec.analysis.match[0].uri: not a field of this API, ignored',
    ],
    [
      'both spellings of a range',
      { analysis: { metrics: [{ name: 'request-duration', threshold: 1, thresholdRange: { max: 2 } }] } },
      'spec.analysis.metrics[0].threshold: thresholdRange is set too and wins; remove threshold',
    ],
  ]
  it.each(cases)('is named: %s', (_, changes, note) => expect(notesOf(changes).join('\n')).toContain(note))

  it.each(cases)('keeps nothing from running: %s', (_, changes) => expect(problemsOf(changes)).toEqual([]))

  it('is measured by the floor of the controller', () =>
    expect(notesOf({ analysis: { interval: '300ms' } }, { intervalFloorMs: 100 })).toEqual([]))

  it('says nothing of fields that are null', () =>
    expect(readCanary(canaryManifest({ spec: { provider: null, metricsServer: null } }))).toMatchObject({ problems: [], notes: [] }))
})

it('copies no key into a prototype', () => {
  const spec = JSON.parse(
    '{"__proto__":{"suspend":true},"analysis":{"stepWeight":5,"__proto__":{"polluted":1},"webhooks":[{"name":"a","url":"http://h.test/","metadata":{"__proto__":"x","k":"v"}}]}}',
  ) as Fields
  const { canary } = readCanary(garbage({ metadata: { name: 'p' }, spec }))
  expect(canary.spec.suspend).toBe(false)
  expect(Object.getPrototypeOf(canary.spec.analysis)).toBe(Object.prototype)
  expect(({} as Fields)['polluted']).toBeUndefined()
})
