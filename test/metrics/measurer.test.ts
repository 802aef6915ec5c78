import { describe, expect, it } from 'vitest'
import type { Metric } from '../../src/api/metric.ts'
import { readMetricTemplate } from '../../src/api/metric-template.ts'
import type { Measurement } from '../../src/core/evidence.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import type { MetricLookup, MetricOptions, MetricQuestion } from '../../src/metrics/metric-store.ts'
import { noData, unreachable } from '../../src/metrics/silence.ts'
import { defineRegistry } from '../../src/registry.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { fakeStore, type Reply } from './fake-store.ts'

type Fields = Readonly<Record<string, unknown>>

const template = (spec: Fields = {}) =>
  readMetricTemplate({
    apiVersion: 'flagger.app/v1beta1',
    kind: 'MetricTemplate',
    metadata: { name: 'errors', namespace: 'test' },
    spec: { provider: { type: 'prometheus', address: 'http://own:9090' }, query: 'errors{app="{{ target }}"}', ...spec },
  })

interface Setting {
  readonly reply?: (question: MetricQuestion) => Reply
  readonly lookup?: Partial<MetricLookup>
  readonly options?: Partial<MetricOptions>
  readonly spec?: Fields
}

const setUp = ({ reply, lookup = {}, options = {}, spec = {} }: Setting = {}) => {
  const fake = fakeStore(reply)
  const measurer = measurerOf({
    lookup: { template: () => undefined, secret: async () => undefined, ...lookup },
    options: { metricsServer: 'http://prometheus:9090', meshProvider: 'istio', noCrossNamespaceRefs: false, ...options },
    stores: defineRegistry('metric', [fake.store]),
  })
  const io = testIo()
  const measure = (...metrics: readonly Fields[]) => {
    const canary = aCanary({ spec, analysis: { metrics } })
    return measurer.measure(canary, canary.spec.analysis.metrics, io)
  }
  /** The measurement of one metric. */
  const measured = async (metric: Fields): Promise<Measurement> => {
    const [measurement] = await measure(metric)
    if (!measurement) throw new Error('no measurement')
    return measurement
  }
  const probe = (...metrics: readonly Fields[]) => measurer.probe(aCanary({ spec, analysis: { metrics } }), io)
  return { ...fake, io, measure, measured, probe, measurer }
}

/** Finds no template, and remembers which it was asked for. */
const lookingUp = (keys: string[]): Partial<MetricLookup> => ({
  template: (namespace, name) => {
    keys.push(`${namespace}/${name}`)
    return undefined
  },
})

const withTemplate = (found: ReturnType<typeof template>, setting: Setting = {}) =>
  setUp({ ...setting, lookup: { template: () => found, ...setting.lookup } })
const byTemplate = { name: 'errors', templateRef: { name: 'errors' }, thresholdRange: { max: 5 } }
const rate = { name: 'request-success-rate', thresholdRange: { min: 99 } }
const duration = { name: 'request-duration', thresholdRange: { max: 500 } }

describe('a built-in metric', () => {
  it('asks the Prometheus of the controller', async () => {
    const { measured, asked } = setUp()
    await measured(rate)
    expect(asked[0]).toMatchObject({ address: 'http://prometheus:9090', intervalMs: 60_000 })
  })

  it('asks that of the Canary where it has one', async () => {
    const { measured, asked } = setUp({ spec: { metricsServer: 'http://other:9090' } })
    await measured(rate)
    expect(asked[0]?.address).toBe('http://other:9090')
  })

  it('asks in the words of the routing layer', async () => {
    const { measured, asked } = setUp({ spec: { provider: 'nginx' } })
    await measured(rate)
    expect(asked[0]?.query).toContain('nginx_ingress_controller_requests')
  })

  it('asks about the revision that the target says it runs', async () => {
    const { measured, asked } = setUp({ spec: { provider: 'knative' }, lookup: { route: () => 'podinfo-00002' } })
    await measured(rate)
    expect(asked[0]?.query).toContain('"test/podinfo-00002"')
  })

  it('looks back on its window', async () => {
    const { measured, asked } = setUp()
    await measured({ ...rate, interval: '30s' })
    expect(asked[0]).toMatchObject({ query: expect.stringContaining('[30s]'), intervalMs: 30_000 })
  })

  it('of success is measured in percent against its range', async () =>
    expect(await setUp({ reply: () => ({ value: 98.999 }) }).measured(rate)).toEqual({
      name: 'request-success-rate',
      value: 98.999,
      min: 99,
      unit: 'percent',
      store: 'prometheus',
    }))

  it('of duration is measured in whole milliseconds, and so are its bounds', async () =>
    expect(await setUp({ reply: () => ({ value: 500.9 }) }).measured({ ...duration, thresholdRange: { min: 0.5, max: 500.7 } })).toEqual({
      name: 'request-duration',
      value: 500,
      min: 0,
      max: 500,
      unit: 'milliseconds',
      store: 'prometheus',
    }))

  it('of duration on a layer that counts seconds is turned into milliseconds', async () =>
    expect(await setUp({ reply: () => ({ value: 0.5 }), spec: { provider: 'kubernetes' } }).measured(duration)).toMatchObject({
      value: 500,
    }))

  it('that grows beyond all numbers is no evidence', async () =>
    expect(await setUp({ reply: () => ({ value: Number.MAX_VALUE }), spec: { provider: 'kubernetes' } }).measured(duration)).toMatchObject({
      silence: { reason: 'NoData' },
    }))

  it('of success takes the deprecated threshold as its minimum', async () =>
    expect(await setUp().measured({ name: 'request-success-rate', threshold: 99 })).toMatchObject({ min: 99 }))

  it('of duration takes the deprecated threshold as its maximum', async () => {
    const measurement = await setUp().measured({ name: 'request-duration', threshold: 500 })
    expect([measurement.min, measurement.max]).toEqual([undefined, 500])
  })

  it('without any bound passes a success rate of 0', async () =>
    expect(await setUp({ reply: () => ({ value: 0 }) }).measured({ name: 'request-success-rate' })).toMatchObject({ value: 0, min: 0 }))

  it('with an empty range has no bounds', async () => {
    const measurement = await setUp().measured({ name: 'request-success-rate', thresholdRange: {} })
    expect([measurement.min, measurement.max]).toEqual([undefined, undefined])
  })
})

describe('a success rate without a sample', () => {
  const emptyFirst = (second: Reply) => (question: MetricQuestion) =>
    question.query.includes('or vector(0)') ? second : noData('no values found')

  it('is 0 where there were requests and not one of them was good', async () =>
    expect(await setUp({ reply: emptyFirst({ value: 0 }) }).measured(rate)).toMatchObject({ value: 0 }))

  it('stays without one where there were no requests', async () =>
    expect(await setUp({ reply: emptyFirst(noData('got "NaN"')) }).measured(rate)).toMatchObject({
      silence: { reason: 'NoData', message: 'no values found' },
    }))

  it('is asked for a second time only then', async () => {
    const { measured, asked } = setUp({ reply: () => unreachable('refused') })
    await measured(rate)
    expect(asked).toHaveLength(1)
  })

  it('is the only metric with a second question', async () => {
    const { measured, asked } = setUp({ reply: () => noData('no values found') })
    await measured(duration)
    expect(asked).toHaveLength(1)
  })
})

describe('an inline query', () => {
  it('is rendered and sent to the Prometheus of the controller', async () => {
    const { measured, asked } = setUp({ reply: () => ({ value: 3 }) })
    const measurement = await measured({
      name: 'errors',
      query: 'errors{ns="{{ namespace }}"}[{{ interval }}]',
      thresholdRange: { max: 5 },
    })
    expect(asked[0]).toMatchObject({ address: 'http://prometheus:9090', query: 'errors{ns="test"}[1m]' })
    expect(measurement).toEqual({ name: 'errors', value: 3, max: 5, unit: 'plain', store: 'prometheus' })
  })

  it('that cannot be rendered is not sent', async () => {
    const { measured, asked } = setUp()
    const { silence } = await measured({ name: 'errors', query: 'x{{ nope }}' })
    expect([silence?.reason, asked.length]).toEqual(['MetricInvalid', 0])
    expect(silence?.message).toMatch(/^Metric errors query render error: 1:5: function "nope" not defined/)
  })

  it('takes the place of the built-in one of its name', async () => {
    const { measured, asked } = setUp()
    expect(await measured({ ...rate, query: 'up' })).toMatchObject({ unit: 'plain', min: 99 })
    expect(asked.map(({ query }) => query)).toEqual(['up'])
  })
})

describe('a metric with a template', () => {
  it('asks the store of the template with its query', async () => {
    const { measured, asked } = withTemplate(template())
    expect(await measured(byTemplate)).toEqual({ name: 'errors', value: 1, max: 5, unit: 'plain', store: 'prometheus' })
    expect(asked).toEqual([{ address: 'http://own:9090', insecureSkipVerify: false, query: 'errors{app="podinfo"}', intervalMs: 60_000 }])
  })

  it('sees its variables', async () => {
    const { measured, asked } = withTemplate(template({ query: '{{ variables.a }} {{ index variables "b" }}|' }))
    await measured({ ...byTemplate, templateVariables: { a: 'one' } })
    expect(asked[0]?.query).toBe('one |')
  })

  it('has a window of a minute where it names none', async () => {
    const { measured, asked } = withTemplate(template({ query: '[{{ interval }}]' }))
    await measured(byTemplate)
    expect(asked[0]).toMatchObject({ query: '[1m]', intervalMs: 60_000 })
  })

  it('that asks for a missing variable is not sent', async () => {
    const { measured, asked } = withTemplate(template({ query: '{{ variables.x }}' }))
    expect((await measured(byTemplate)).silence).toEqual({
      kind: 'invalid',
      reason: 'MetricInvalid',
      message: 'Metric template errors.test query render error: 1:13: no entry for key "x"',
    })
    expect(asked).toHaveLength(0)
  })

  it('looks it up in the namespace of the Canary, or in the one it names', async () => {
    const keys: string[] = []
    await setUp({ lookup: lookingUp(keys) }).measure(byTemplate, { ...byTemplate, templateRef: { name: 'errors', namespace: 'shared' } })
    expect(keys).toEqual(['test/errors', 'shared/errors'])
  })

  it('that does not exist says so', async () =>
    expect((await setUp().measured(byTemplate)).silence).toEqual({
      kind: 'invalid',
      reason: 'MetricTemplateMissing',
      message: 'Metric template errors.test error: it does not exist; create it, or correct templateRef',
    }))

  it('of another namespace is not even looked at where that is forbidden', async () => {
    const looks: string[] = []
    const { measured, asked } = setUp({ lookup: lookingUp(looks), options: { noCrossNamespaceRefs: true } })
    const { silence } = await measured({ ...byTemplate, templateRef: { name: 'errors', namespace: 'shared' } })
    expect([silence?.reason, looks, asked]).toEqual(['MetricInvalid', [], []])
    expect(silence?.message).toContain('cross-namespace references are blocked')
  })

  it('of its own namespace is asked where others are forbidden', async () =>
    expect(await withTemplate(template(), { options: { noCrossNamespaceRefs: true } }).measured(byTemplate)).toMatchObject({ value: 1 }))

  it('for a store that is not built in names those that are', async () =>
    expect((await withTemplate(template({ provider: { type: 'datadog' } })).measured(byTemplate)).silence).toEqual({
      kind: 'invalid',
      reason: 'MetricInvalid',
      message: 'Metric template errors.test provider datadog error: not built in yet, expected one of: prometheus',
    }))

  it('that cannot be read is not asked', async () => {
    const { measured, asked } = withTemplate(template({ provider: { type: 'influx', address: 'http://own:9090' } }))
    const { silence } = await measured(byTemplate)
    expect([silence?.reason, asked.length]).toEqual(['MetricInvalid', 0])
    expect(silence?.message).toMatch(/^Metric template errors.test error: spec.provider.type: /)
  })

  it('hands on headers, region and what certificates are worth', async () => {
    const provider = { type: 'prometheus', address: 'http://own', headers: { a: ['b'] }, region: 'eu', insecureSkipVerify: true }
    const { measured, asked } = withTemplate(template({ provider }))
    await measured(byTemplate)
    expect(asked[0]).toMatchObject({ headers: { a: ['b'] }, region: 'eu', insecureSkipVerify: true })
  })
})

describe('a template with a Secret', () => {
  const secretly = template({ provider: { type: 'prometheus', address: 'http://own', secretRef: { name: 'login' } } })

  it('reads it in the namespace of the template, each time anew', async () => {
    const reads: string[] = []
    const tokens = ['one', 'two']
    const secret: MetricLookup['secret'] = async (namespace, name) => {
      reads.push(`${namespace}/${name}`)
      return { token: tokens[reads.length - 1] ?? '' }
    }
    const { measured, asked } = withTemplate(secretly, { lookup: { secret } })
    const shared = { ...byTemplate, templateRef: { name: 'errors', namespace: 'shared' } }
    await measured(shared)
    await measured(shared)
    expect(reads).toEqual(['shared/login', 'shared/login'])
    expect(asked.map(({ secret: used }) => used)).toEqual([{ token: 'one' }, { token: 'two' }])
  })

  it('that is missing says which', async () =>
    expect((await withTemplate(secretly).measured(byTemplate)).silence).toEqual({
      kind: 'invalid',
      reason: 'SecretMissing',
      message: 'Metric template errors.test secret login error: it does not exist in namespace test; create it',
    }))

  it('that cannot be read counts as a store that cannot be asked', async () => {
    const secret = async () => {
      throw new Error('403')
    }
    expect((await withTemplate(secretly, { lookup: { secret } }).measured(byTemplate)).silence).toEqual({
      kind: 'unreachable',
      reason: 'StoreUnreachable',
      message: 'Metric template errors.test secret login could not be read: 403',
    })
  })
})

describe('a metric that names nothing to ask', () => {
  it('says what to add', async () => {
    const { silence } = await setUp().measured({ name: 'errors' })
    expect(silence?.reason).toBe('MetricInvalid')
    expect(silence?.message).toMatch(
      /^Metric query failed for no usable metrics template and query were configured: metric errors .* add templateRef/,
    )
  })
})

describe('measuring', () => {
  it('asks all metrics at once', async () => {
    const { measure, asked, io } = setUp({ reply: () => 'hang' })
    const measuring = measure(rate, duration, { name: 'x', query: 'up' })
    await io.clock.advance(0)
    expect(asked).toHaveLength(3)
    await io.clock.advance(10_000)
    await measuring
  })

  it('answers in the order of the manifest', async () => {
    const names = (await setUp().measure(duration, rate, { name: 'x', query: 'up' })).map(({ name }) => name)
    expect(names).toEqual(['request-duration', 'request-success-rate', 'x'])
  })

  it('gives up after 10 s on a store that hangs, and keeps what the others said', async () => {
    const { measure, io } = setUp({ reply: ({ query }) => (query === 'up' ? { value: 4 } : 'hang') })
    const measuring = measure(rate, { name: 'x', query: 'up', thresholdRange: { max: 5 } })
    await io.clock.advance(10_000)
    expect(await measuring).toEqual([
      {
        name: 'request-success-rate',
        silence: { kind: 'unreachable', reason: 'StoreUnreachable', message: 'no answer within 10s' },
        min: 99,
        unit: 'percent',
        store: 'prometheus',
      },
      { name: 'x', value: 4, max: 5, unit: 'plain', store: 'prometheus' },
    ])
  })

  it('gives up on a Secret that never comes', async () => {
    const found = template({ provider: { type: 'prometheus', address: 'http://own', secretRef: { name: 'login' } } })
    const { measured, io } = withTemplate(found, { lookup: { secret: () => new Promise(() => {}) } })
    const measuring = measured(byTemplate)
    await io.clock.advance(10_000)
    expect((await measuring).silence?.reason).toBe('StoreUnreachable')
  })

  it('survives a store that breaks', async () =>
    expect((await setUp({ reply: () => 'throw' }).measured(rate)).silence).toEqual({
      kind: 'unreachable',
      reason: 'StoreUnreachable',
      message: 'boom',
    }))

  it('leaves no timer behind', async () => {
    const { measure, io } = setUp()
    await measure(rate, duration)
    expect(io.clock.pending).toBe(0)
  })

  it('ends at once when it is called off', async () => {
    const { measurer } = setUp({ reply: () => 'hang' })
    const metrics = aCanary({ analysis: { metrics: [rate] } }).spec.analysis.metrics as readonly Metric[]
    const stop = new AbortController()
    const measuring = measurer.measure(aCanary(), metrics, testIo({ signal: stop.signal }))
    stop.abort()
    expect((await measuring)[0]?.silence?.message).toBe('the question was called off')
  })
})

describe('probing', () => {
  it('finds nothing to say of stores that answer', async () => expect(await setUp().probe(rate, duration)).toEqual([]))

  it('tells each problem once', async () => {
    const stage = setUp()
    stage.state.probe = 'connect ECONNREFUSED'
    expect(await stage.probe(rate, duration, byTemplate)).toEqual([
      'prometheus is not available: connect ECONNREFUSED',
      'Metric template errors.test error: it does not exist; create it, or correct templateRef',
    ])
  })

  it('asks the store of a template with its credentials', async () => {
    const found = template({ provider: { type: 'prometheus', address: 'http://own', secretRef: { name: 'login' } } })
    const { probe, probed } = withTemplate(found, { lookup: { secret: async () => ({ token: 'abc' }) } })
    await probe(byTemplate)
    expect(probed).toEqual([{ address: 'http://own', insecureSkipVerify: false, secret: { token: 'abc' } }])
  })

  it('asks nobody where the analysis is skipped', async () => {
    const { probe, probed } = setUp({ spec: { skipAnalysis: true } })
    expect([await probe(rate), probed.length]).toEqual([[], 0])
  })
})
