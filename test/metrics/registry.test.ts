import { describe, expect, it, onTestFinished } from 'vitest'
import { createMeasurer, metricStores } from '../../src/metrics/registry.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'

const one = json({ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, '99.9'] }] } })

const setUp = async () => {
  const server = await loopbackServer(one)
  const seen: string[] = []
  const measurer = createMeasurer({
    lookup: { template: () => undefined, secret: async () => undefined },
    options: { metricsServer: server.url, meshProvider: 'gatewayapi:v1', noCrossNamespaceRefs: false },
    observer: { asked: store => seen.push(`asked ${store}`), shared: store => seen.push(`shared ${store}`) },
  })
  onTestFinished(() => measurer.close())
  return { server, measurer, seen, io: testIo() }
}

const canary = aCanary({ analysis: { metrics: [{ name: 'request-success-rate', thresholdRange: { min: 99 } }] } })

describe('the metric stores', () => {
  it('are these', () => expect(metricStores.names).toEqual(['prometheus']))
  it('refuse a name that nobody has', () => expect(() => metricStores.get('influx')).toThrow('expected one of: prometheus'))
})

describe('the measurer of the controller', () => {
  it('measures over real connections', async () => {
    const { measurer, io } = await setUp()
    expect(await measurer.measure(canary, canary.spec.analysis.metrics, io)).toMatchObject([{ value: 99.9, min: 99 }])
  })

  it('asks one Prometheus once for what several want to know', async () => {
    const { measurer, server, seen, io } = await setUp()
    await Promise.all([1, 2, 3].map(() => measurer.measure(canary, canary.spec.analysis.metrics, io)))
    expect([server.requests.length, seen.toSorted()]).toEqual([1, ['asked prometheus', 'shared prometheus', 'shared prometheus']])
  })

  it('works without anybody who counts', async () => {
    const server = await loopbackServer(one)
    const options = { metricsServer: server.url, meshProvider: 'istio', noCrossNamespaceRefs: false }
    const measurer = createMeasurer({ lookup: { template: () => undefined, secret: async () => undefined }, options })
    onTestFinished(() => measurer.close())
    expect(await measurer.measure(canary, canary.spec.analysis.metrics, testIo())).toMatchObject([{ value: 99.9 }])
  })

  it('closes its connections', async () => {
    const { measurer, server, io } = await setUp()
    await measurer.measure(canary, canary.spec.analysis.metrics, io)
    measurer.close()
    await expect.poll(() => server.openSockets.size).toBe(0)
  })
})
