import type { Measurement } from '../../src/core/evidence.ts'
import { measurerOf } from '../../src/metrics/measurer.ts'
import type { MetricAnswer } from '../../src/metrics/metric-store.ts'
import { readAnswer } from '../../src/metrics/prometheus-answer.ts'
import { defineRegistry } from '../../src/registry.ts'
import { createEngine } from '../../src/sandbox/prometheus/engine/engine.ts'
import { createStorage } from '../../src/sandbox/prometheus/storage/storage.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'

/** Samples of requests that a mesh counted, by workload and pod, and what a Canary's success rate is by them. */
export const createSamples = () => {
  const storage = createStorage()
  const engine = createEngine(storage)
  const canary = aCanary({ analysis: { metrics: [{ name: 'request-success-rate', interval: '1m', thresholdRange: { min: 99 } }] } })

  const labelsOf = (code: string, pod: string, workload: string) => ({
    __name__: 'istio_requests_total',
    reporter: 'destination',
    destination_workload_namespace: 'test',
    destination_workload: workload,
    response_code: code,
    pod,
  })

  const answer = (query: string, seconds: number): MetricAnswer => {
    const value = engine.instant(query, seconds * 1000)
    const samples = value.type === 'vector' ? value.samples : []
    const found = samples.map(one => ({ metric: {}, value: [seconds, String(one.value)] }))
    return readAnswer({ status: 200, body: { status: 'success', data: { resultType: 'vector', result: found } } })
  }

  return {
    /** What a Prometheus that has these samples answers then. */
    answer,
    /** What a scrape found of a workload as a whole. */
    scraped: (seconds: number, value: number, code: string): boolean =>
      storage.append({ __name__: 'requests_total', workload: 'podinfo', code }, seconds * 1000, value),
    /** What a scrape found; false when the store refuses it. */
    count: (seconds: number, value: number, { code = '200', pod = 'a', workload = 'podinfo' } = {}): boolean =>
      storage.append(labelsOf(code, pod, workload), seconds * 1000, value),
    /** The scrape says that the pod is gone. */
    end: (seconds: number, { code = '200', pod = 'a', workload = 'podinfo' } = {}): void =>
      storage.markStale(labelsOf(code, pod, workload), seconds * 1000),
    successRate: async (seconds: number): Promise<Measurement | undefined> => {
      const ask = async ({ query }: { readonly query: string }) => answer(query, seconds)
      const prometheus = { name: 'prometheus', ask, probe: async () => undefined }
      const measurer = measurerOf({
        lookup: { template: () => undefined, secret: async () => undefined },
        options: { metricsServer: 'http://prometheus:9090', meshProvider: 'istio', noCrossNamespaceRefs: false },
        stores: defineRegistry('metric', [prometheus]),
      })
      return (await measurer.measure(canary, canary.spec.analysis.metrics, testIo()))[0]
    },
  }
}

/** Seconds of the scrapes of some minutes, one every ten. */
export const scrapes = (minutes: number): readonly number[] => Array.from({ length: minutes * 6 + 1 }, (_, at) => at * 10)
