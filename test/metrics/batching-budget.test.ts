import { describe, expect, it, onTestFinished } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import type { Measurement } from '../../src/core/evidence.ts'
import { createMeasurer } from '../../src/metrics/registry.ts'
import { createEngine } from '../../src/sandbox/prometheus/engine/engine.ts'
import { failure, instantData, success } from '../../src/sandbox/prometheus/http/answers.ts'
import { createStorage } from '../../src/sandbox/prometheus/storage/storage.ts'
import { aCanary } from '../support/builders.ts'
import { testIo } from '../support/io.ts'
import { type Answer, type LoopbackServer, loopbackServer } from '../support/loopback-server.ts'

const count = 100
const nowMs = 120_000
const names = Array.from({ length: count }, (_, at) => `checkout-service-${at}`)

/** Two minutes of requests of every canary, each with failures and times of its own. Of ten `silent` ones, one has failures only, one nothing. */
const traffic = (silent: boolean) => {
  const storage = createStorage()
  for (const [at, name] of names.entries()) {
    if (silent && at % 10 === 9) continue
    const labels = { reporter: 'destination', destination_workload_namespace: 'test', destination_workload: name }
    const append = (metric: string, more: Readonly<Record<string, string>>, growth: number) => {
      for (let step = 0; step <= 12; step += 1) storage.append({ __name__: metric, ...labels, ...more }, step * 10_000, growth * step)
    }
    if (!silent || at % 10 !== 8) append('istio_requests_total', { response_code: '200' }, 1000)
    append('istio_requests_total', { response_code: '500' }, at + 1)
    append('istio_request_duration_milliseconds_bucket', { le: '100' }, 10)
    append('istio_request_duration_milliseconds_bucket', { le: String(200 + at) }, 100)
    append('istio_request_duration_milliseconds_bucket', { le: '+Inf' }, 100)
  }
  return storage
}

/** Evaluates whatever it is asked, GET and POST, always at the same instant. */
const evaluating = ({ silent = false } = {}): Answer => {
  const engine = createEngine(traffic(silent))
  const answerTo = (query: string) => {
    try {
      return success(instantData(engine.instant(query, nowMs), nowMs))
    } catch (thrown) {
      return failure(thrown)
    }
  }
  return (response, { query, body }) => {
    const asked = query.get('query') ?? new URLSearchParams(body).get('query') ?? ''
    const { status, contentType, body: text } = answerTo(asked)
    response.writeHead(status, { 'content-type': contentType }).end(text)
  }
}

const metrics = [
  { name: 'request-success-rate', thresholdRange: { min: 99 } },
  { name: 'request-duration', thresholdRange: { max: 500 } },
]

/** Only what gathers ever ends on it: a slow machine is not taken for a slow store. */
const patientClock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  schedule: (delayMs, task) => {
    const timer = delayMs <= 50 ? setTimeout(task, delayMs) : undefined
    return () => clearTimeout(timer)
  },
}

/** One pass of every canary, all due together. */
const measureAll = async (server: LoopbackServer, batching: boolean): Promise<readonly (readonly Measurement[])[]> => {
  const measurer = createMeasurer({
    batching,
    lookup: { template: () => undefined, secret: async () => undefined },
    options: { metricsServer: server.url, meshProvider: 'istio', noCrossNamespaceRefs: false },
  })
  onTestFinished(() => measurer.close())
  return Promise.all(
    names.map(name => {
      const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } }, analysis: { metrics } })
      return measurer.measure(canary, canary.spec.analysis.metrics, testIo({ clock: patientClock }))
    }),
  )
}

describe('a pass of 100 canaries with two built-in metrics each', () => {
  it('asks Prometheus at most ten times', async () => {
    const server = await loopbackServer(evaluating())
    await measureAll(server, true)
    expect(server.requests.length).toBeLessThanOrEqual(10)
  })

  it('finds what 200 single questions find', async () => {
    const [one, other] = [await loopbackServer(evaluating({ silent: true })), await loopbackServer(evaluating({ silent: true }))]
    expect(await measureAll(one, true)).toEqual(await measureAll(other, false))
  })
})
