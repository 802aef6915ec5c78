import { describe, expect, it } from 'vitest'
import { cookieMaxAgeSeconds, intervalMs, ladderOf, maxWeightOf, readyThresholds, strategyOf, thresholdOf } from '../../src/api/analysis.ts'
import { isKnative, primaryName, progressDeadlineMs, providerOf, serviceNames } from '../../src/api/canary.ts'
import { isBuiltIn, metricIntervalMs, rangeOf } from '../../src/api/metric.ts'
import { readCanary } from '../../src/api/read-canary.ts'
import { targetPortOf } from '../../src/api/service.ts'
import { webhooksOf, webhookTimeoutMs } from '../../src/api/webhook.ts'
import { type Changes, canaryManifest, type Fields } from '../support/manifests.ts'

const read = (changes: Changes = {}) => readCanary(canaryManifest(changes)).canary
const analysing = (analysis: Fields) => read({ analysis: { stepWeight: undefined, maxWeight: undefined, ...analysis } })

describe('the ladder', () => {
  it.each([
    [{ stepWeight: 20, maxWeight: 50 }, [20, 40, 50]],
    [{ stepWeight: 50, maxWeight: 100 }, [50, 100]],
    [{ stepWeight: 50 }, [50, 100]],
    [{ stepWeight: 10, maxWeight: 50 }, [10, 20, 30, 40, 50]],
    [{ stepWeight: 80, maxWeight: 50 }, [50]],
    [{ stepWeight: 60, maxWeight: 150 }, [60, 100]],
    [{ stepWeight: 40, maxWeight: 0 }, [40, 80, 100]],
    [{ stepWeights: [1, 2, 10, 80] }, [1, 2, 10, 80]],
    [{ stepWeights: [1, 2, 10, 200] }, [1, 2, 10, 100]],
    [{ stepWeights: [0, 30], maxWeight: 90 }, [30]],
    [{ stepWeights: [30, 20, 60] }, [20, 30, 60]],
    [{ stepWeights: [] }, [100]],
    [{ stepWeight: 0 }, [100]],
    [{ stepWeight: -5, maxWeight: 30 }, [30]],
    [{}, [100]],
  ])('of %j is %j', (analysis, ladder) => expect(ladderOf(analysing(analysis))).toEqual(ladder))

  it('ends at the maximum', () => expect(maxWeightOf(analysing({ stepWeights: [5, 45] }))).toBe(45))
})

describe('the strategy', () => {
  const match = [{ headers: { 'x-canary': { exact: 'yes' } } }]
  it.each([
    [{ stepWeight: 10 }, 'canary'],
    [{ stepWeights: [10] }, 'canary'],
    [{ iterations: 10 }, 'blue-green'],
    [{ iterations: 10, match }, 'ab-testing'],
    [{ stepWeight: 10, match }, 'canary'],
    [{ iterations: 0, stepWeight: 10 }, 'canary'],
    [{}, 'canary'],
  ])('of %j is %s', (analysis, strategy) => expect(strategyOf(analysing(analysis))).toBe(strategy))
})

describe('the interval', () => {
  it.each([
    ['1m', 60_000],
    ['1m30s', 90_000],
    ['3s', 10_000],
    ['10sfoo', 60_000],
    ['', 60_000],
    [undefined, 60_000],
  ])('%j is %d ms', (interval, ms) => expect(intervalMs(read({ analysis: { interval } }))).toBe(ms))

  it('has the floor that is asked for', () => expect(intervalMs(read({ analysis: { interval: '300ms' } }), 100)).toBe(300))
})

describe('the threshold', () => {
  it.each([
    [5, 5],
    [0, 1],
    [-3, 1],
    [undefined, 1],
  ])('%j counts as %d', (threshold, counted) => expect(thresholdOf(read({ analysis: { threshold } }))).toBe(counted))
})

describe('readiness thresholds', () => {
  it('are 100 percent unless set', () => expect(readyThresholds(read())).toEqual({ primary: 100, canary: 100 }))
  it('may be 0', () =>
    expect(readyThresholds(read({ analysis: { primaryReadyThreshold: 0, canaryReadyThreshold: 50 } }))).toEqual({ primary: 0, canary: 50 }))
})

describe('names', () => {
  it('of the Services follow the target', () =>
    expect(serviceNames(read())).toEqual({ apex: 'podinfo', primary: 'podinfo-primary', canary: 'podinfo-canary' }))

  it('of the Services follow service.name where it is set', () =>
    expect(serviceNames(read({ service: { name: 'web' } })).primary).toBe('web-primary'))

  it('of the primary follows the target, whatever the Service is called', () =>
    expect(primaryName(read({ service: { name: 'web' } }))).toBe('podinfo-primary'))
})

describe('the target', () => {
  it.each([
    [{ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }, true],
    [{ apiVersion: 'v1', kind: 'Service' }, false],
    [{ apiVersion: 'serving.knative.dev/v1', kind: 'Deployment' }, false],
  ])('%j is a Knative Service: %s', (ref, knative) =>
    expect(isKnative(read({ spec: { targetRef: { ...ref, name: 'podinfo' } } }))).toBe(knative),
  )

  it.each([
    [{ targetPort: 8080 }, 8080],
    [{ targetPort: 'http' }, 'http'],
    [{ targetPort: 0 }, 9898],
    [{ targetPort: '0' }, 9898],
    [{}, 9898],
  ])('of %j listens on %j', (service, port) => expect(targetPortOf(read({ service }).spec.service)).toBe(port))
})

it('takes the provider of the Canary before that of the controller', () => {
  const providers = [{}, { provider: 'contour' }].map(spec => providerOf(read({ spec }), 'istio'))
  expect(providers).toEqual(['istio', 'contour'])
})

it('gives a workload ten minutes to become ready', () => expect(progressDeadlineMs(read())).toBe(600_000))

it.each([
  [0, 86_400],
  [undefined, 86_400],
  [900, 900],
])('keeps a cookie of maxAge %j for %d seconds', (maxAge, seconds) => {
  const { sessionAffinity } = read({ analysis: { sessionAffinity: { cookieName: 'a', maxAge } } }).spec.analysis
  expect(sessionAffinity && cookieMaxAgeSeconds(sessionAffinity)).toBe(seconds)
})

describe('webhooks', () => {
  const hook = (name: string, rest: Fields = {}) => ({ name, url: 'http://hook.test/', ...rest })
  const withHooks = (...webhooks: readonly Fields[]) => read({ analysis: { webhooks } })

  it('without a type are rollout hooks', () =>
    expect(
      webhooksOf(
        withHooks(hook('a', { type: '' }), hook('b', { type: 'rollout' }), hook('c', { type: 'event' }), hook('d')),
        'rollout',
      ).map(({ name }) => name),
    ).toEqual(['a', 'b', 'd']))

  it.each([
    ['5s', 5_000],
    [undefined, 10_000],
    ['', 10_000],
    ['1', 10_000],
    ['10sfoo', 10_000],
    ['500ms', 500],
  ])('with a timeout of %j wait %d ms', (timeout, ms) =>
    expect(withHooks(hook('a', { timeout })).spec.analysis.webhooks.map(webhookTimeoutMs)).toEqual([ms]),
  )
})

describe('metrics', () => {
  const metric = (rest: Fields) => {
    const [found] = read({ analysis: { metrics: [{ name: 'request-duration', ...rest }] } }).spec.analysis.metrics
    if (!found) throw new Error('the metric was not read')
    return found
  }

  it.each([
    [undefined, 60_000],
    ['30s', 30_000],
    ['1min', 60_000],
  ])('with an interval of %j look back %d ms', (interval, ms) => expect(metricIntervalMs(metric({ interval }))).toBe(ms))

  it.each([
    ['request-success-rate', { threshold: 99 }, { min: 99 }],
    ['request-duration', { threshold: 500 }, { max: 500 }],
    ['error-rate', { threshold: 1, query: 'vector(0)' }, { max: 1 }],
    ['request-success-rate', {}, { min: 0 }],
    ['error-rate', { query: 'vector(0)' }, { max: 0 }],
    ['error-rate', { thresholdRange: {}, query: 'vector(0)' }, {}],
    ['error-rate', { thresholdRange: { min: 1, max: 2 }, threshold: 9, query: 'vector(0)' }, { min: 1, max: 2 }],
  ])('%s with %j stay in %j', (name, rest, range) => expect(rangeOf(metric({ name, ...rest }))).toEqual(range))

  it.each([
    ['request-success-rate', {}, true],
    ['request-duration', {}, true],
    ['error-rate', { query: 'vector(0)' }, false],
    ['request-duration', { templateRef: { name: 'own' } }, false],
  ])('%s with %j are built in: %s', (name, rest, builtIn) => expect(isBuiltIn(metric({ name, ...rest }))).toBe(builtIn))
})
