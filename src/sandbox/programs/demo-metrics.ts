import Counter from 'prom-client/lib/counter.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'

/** What is remembered of one request. */
interface Served {
  readonly method: string
  readonly path: string
  readonly status: number
}

export interface DemoMetrics {
  observe(served: Served, seconds: number): void
  text(): Promise<string>
  readonly contentType: string
}

/** Close enough together, in seconds, for a 99th percentile to mean something between 5 ms and 1 s. */
const buckets = [0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10]

/** The series that canary checks read, under the names that HTTP services commonly give them. */
export const createDemoMetrics = (): DemoMetrics => {
  const registry = new Registry()
  const registers = [registry]
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'path', 'status'],
    buckets,
    registers,
  })
  const requests = new Counter({ name: 'http_requests_total', help: 'Requests answered', labelNames: ['status'], registers })
  // A rate sees nothing of a series' first increase: both outcomes exist from the start, so that the very first failure counts.
  for (const status of ['200', '500']) {
    duration.zero({ method: 'GET', path: '/', status })
    requests.inc({ status }, 0)
  }
  return {
    observe: ({ method, path, status }, seconds) => {
      duration.observe({ method, path, status: String(status) }, seconds)
      requests.inc({ status: String(status) })
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
