import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/core/checks.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import { readAnswer, readFailure } from '../../src/metrics/prometheus-answer.ts'
import { defineRegistry } from '../../src/registry.ts'
import { aCanary, evidence } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { fakeStore, type Reply } from './fake-store.ts'

type Fields = Readonly<Record<string, unknown>>

/** The whole way from what a store says to what is decided and told. */
const judged = async (metric: Fields, reply: Reply, provider = 'istio'): Promise<Verdict> => {
  const { store } = fakeStore(() => reply)
  const measurer = measurerOf({
    lookup: { template: () => undefined, secret: async () => undefined },
    options: { metricsServer: 'http://prometheus:9090', meshProvider: 'istio', noCrossNamespaceRefs: false },
    stores: defineRegistry('metric', [store]),
  })
  const canary = aCanary({ spec: { provider }, analysis: { metrics: [metric] } })
  const measurements = await measurer.measure(canary, canary.spec.analysis.metrics, testIo())
  return evaluate({ canaryName: 'podinfo.test', evidence: evidence(measurements), canaryTrack: undefined, primaryTrack: undefined })
}

const rate = (change: Fields) => ({ name: 'request-success-rate', ...change })
const duration = (change: Fields) => ({ name: 'request-duration', ...change })

describe('a measured value passes', () => {
  it.each<readonly [string, Fields, number]>([
    ['at its minimum', rate({ thresholdRange: { min: 99 } }), 99],
    ['at its maximum', rate({ thresholdRange: { max: 100 } }), 100],
    ['at the deprecated threshold', rate({ threshold: 99 }), 99],
    ['without any bound', rate({}), 0],
    ['with an empty range', { name: 'x', query: 'up', thresholdRange: {} }, 1e9],
    ['when its fraction of a millisecond is cut off', duration({ thresholdRange: { max: 500 } }), 500.9],
    ['with a custom metric at its maximum', { name: 'x', query: 'up', thresholdRange: { max: 5 } }, 5],
  ])('%s', async (_, metric, value) => expect((await judged(metric, { value })).kind).toBe('pass'))
})

describe('a measured value fails, in the field’s words', () => {
  it.each<readonly [Fields, number, string]>([
    [rate({ thresholdRange: { min: 99 } }), 98.69, 'Halt podinfo.test advancement success rate 98.69% < 99%'],
    [rate({ thresholdRange: { min: 99 } }), 98.999, 'Halt podinfo.test advancement success rate 99.00% < 99%'],
    [rate({ thresholdRange: { max: 50 } }), 60, 'Halt podinfo.test advancement success rate 60.00% > 50%'],
    [rate({ threshold: 99 }), 98.5, 'Halt podinfo.test advancement success rate 98.50% < 99%'],
    [duration({ threshold: 500 }), 501, 'Halt podinfo.test advancement request duration 501ms > 500ms'],
    [duration({ thresholdRange: { max: 500 } }), 1515, 'Halt podinfo.test advancement request duration 1.515s > 500ms'],
    [duration({}), 1, 'Halt podinfo.test advancement request duration 1ms > 0s'],
    [{ name: 'errors', query: 'up', thresholdRange: { max: 5 } }, 7.25, 'Halt podinfo.test advancement errors 7.25 > 5'],
    [{ name: 'errors', query: 'up' }, 0.001, 'Halt podinfo.test advancement errors 0.00 > 0'],
  ])('%j of %d', async (metric, value, message) =>
    expect(await judged(metric, { value })).toMatchObject({ kind: 'fail', reason: 'MetricOutOfRange', message }),
  )

  it('in milliseconds where the layer counts seconds', async () =>
    expect((await judged(duration({ threshold: 400 }), { value: 0.5 }, 'kubernetes')).message).toBe(
      'Halt podinfo.test advancement request duration 500ms > 400ms',
    ))
})

describe('a question without a number is no verdict on the release', () => {
  const vector = (...values: readonly string[]) =>
    readAnswer({
      status: 200,
      body: { status: 'success', data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value: [1, value] })) } },
    })

  it.each<readonly [Fields, Reply, Partial<Verdict>]>([
    [
      duration({ threshold: 500 }),
      vector(),
      {
        reason: 'NoData',
        message:
          'Halt advancement no values found for prometheus metric request-duration probably podinfo.test is not receiving traffic: no values found',
      },
    ],
    [
      { name: 'errors', query: 'up' },
      vector('NaN'),
      { reason: 'NoData', message: 'Halt advancement no values found for metric: errors: expected one finite number, got "NaN"' },
    ],
    [
      { name: 'errors', query: 'up' },
      readFailure({ error: 'connect ECONNREFUSED' }),
      { reason: 'StoreUnreachable', message: 'prometheus query failed for errors: connect ECONNREFUSED' },
    ],
  ])('%j', async (metric, reply, verdict) => expect(await judged(metric, reply)).toMatchObject({ kind: 'inconclusive', ...verdict }))
})
