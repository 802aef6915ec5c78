import { beforeEach, describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { OutboxEntry } from '../../src/api/status.ts'
import type { ControllerObserver } from '../../src/controller/observer.ts'
import type { RolloutPlan } from '../../src/core/rollout-plan.ts'
import type { EventRecorderOptions } from '../../src/kube/event-recorder.ts'
import type { ReflectorObserver } from '../../src/kube/reflector.ts'
import type { TransportObserver } from '../../src/kube/transport.ts'
import type { WorkQueueObserver } from '../../src/kube/work-queue.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'
import {
  controllerObserver,
  eventObserver,
  queryObserver,
  queueObserver,
  reflectorObserver,
  transportObserver,
} from '../../src/telemetry/observers.ts'

const entry = { id: '1' } as OutboxEntry
const aCanary = (status: Canary['status']): Canary =>
  ({ metadata: { name: 'my-canary', namespace: 'demo' }, spec: { targetRef: { name: 'app' } }, status }) as Canary
const aPlan = (parts: Partial<RolloutPlan>): RolloutPlan => ({ strategy: 'canary', skipAnalysis: false, ...parts }) as RolloutPlan
const deployments = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }

describe('the observers', () => {
  let metrics: Metrics
  beforeEach(() => {
    metrics = createMetrics({ version: '1', meshProvider: 'istio', ofProcess: false })
  })
  const text = () => metrics.text()

  describe('of the controller', () => {
    let observer: ControllerObserver
    beforeEach(() => {
      observer = controllerObserver(metrics)
    })

    it('show phase, split and outbox of a canary', async () => {
      observer.seen(aCanary({ canaryWeight: 20, outbox: [entry, entry] }), 'Progressing.analysing')
      expect(await text()).toContain('flagger_canary_status{name="app",namespace="demo"} 0')
      expect(await text()).toContain('flagger_canary_weight{workload="app",namespace="demo"} 20')
      expect(await text()).toContain('serin_outbox_depth 2')
    })

    it('count messages that were dropped since the first look', async () => {
      observer.seen(aCanary({ outboxDropped: 7 }), 'Succeeded')
      observer.seen(aCanary({ outboxDropped: 9 }), 'Succeeded')
      expect(await text()).toContain('serin_outbox_dropped_total 2')
    })

    it('give latencies in seconds and leave out what has no value', async () => {
      const store = 'prometheus'
      const measurements = [
        { name: 'request-duration', value: 120, unit: 'milliseconds', store },
        { name: 'request-success-rate', value: 99.5, unit: 'percent', store },
        { name: 'silent', unit: 'plain', store },
      ] as const
      observer.measured(aCanary({}), { measurements, answers: [] }, 250)
      expect(await text()).toContain('flagger_canary_metric_analysis{name="app",namespace="demo",metric="request-duration"} 0.12')
      expect(await text()).toContain('metric="request-success-rate"} 99.5')
      expect(await text()).not.toContain('silent')
      expect(await text()).toContain('serin_evidence_lateness_seconds_bucket{le="0.25"} 1')
    })

    it.each([
      ['PromotionFinished', false, 'successes', 'completed'],
      ['PromotionFinished', true, 'successes', 'skipped'],
      ['RolledBack', false, 'failures', 'completed'],
      ['PromotionFailed', false, 'failures', 'completed'],
    ] as const)('count the end %s (analysis skipped: %j) among the %s', async (...row) => {
      const [reason, skipAnalysis, end, status] = row
      observer.decided(aCanary({}), aPlan({ skipAnalysis }), [{ type: 'Normal', reason, message: '', final: true }])
      const labels = `name="app",namespace="demo",deployment_strategy="canary",analysis_status="${status}"`
      expect(await text()).toContain(`flagger_canary_${end}_total{${labels}} 1`)
    })

    it('count no end where there is none', async () => {
      observer.decided(aCanary({}), aPlan({}), [{ type: 'Normal', reason: 'WeightAdvanced', message: '' }])
      expect(await text()).not.toContain('_total{name="app"')
    })

    it('time analyses', async () => {
      observer.analysed(aCanary({}), 40)
      expect(await text()).toContain('flagger_canary_duration_seconds_sum{name="app",namespace="demo"} 0.04')
    })

    it('forget a canary with all its series', async () => {
      observer.seen(aCanary({ outbox: [entry] }), 'Succeeded')
      observer.forgotten('demo', 'my-canary')
      expect(await text()).not.toContain('"app"')
      expect(await text()).toContain('serin_outbox_depth 0')
    })
  })

  it('of the work queue count passes, waits and depth', async () => {
    const observer: WorkQueueObserver = queueObserver(metrics)
    observer.depth(3)
    observer.started('demo/app', 20)
    observer.finished('demo/app', 7, 'retry')
    expect(await text()).toContain('serin_queue_depth 3')
    expect(await text()).toContain('serin_queue_wait_seconds_sum 0.02')
    expect(await text()).toContain('serin_passes_total{outcome="retry"} 1')
    expect(await text()).toContain('serin_pass_duration_seconds_bucket{le="0.01"} 1')
  })

  it('of the transport count requests by verb, resource and code', async () => {
    const observer: TransportObserver = transportObserver(metrics)
    observer.request({ verb: 'patch', resource: 'canaries', code: '409', durationMs: 12 })
    observer.connection({ pool: 'requests', tls: true })
    expect(await text()).toContain('serin_kube_requests_total{verb="patch",resource="canaries",code="409"} 1')
    expect(await text()).toContain('serin_kube_request_duration_seconds_sum{verb="patch"} 0.012')
    expect(await text()).toContain('serin_kube_connections_total{pool="requests"} 1')
  })

  it('of reflectors count lists and restarts by kind', async () => {
    const observer: ReflectorObserver = reflectorObserver(metrics)
    observer.listed(deployments)
    observer.ended(deployments, 'Gone')
    expect(await text()).toContain('serin_reflector_lists_total{kind="deployments"} 1')
    expect(await text()).toContain('serin_reflector_restarts_total{kind="deployments",code="Gone"} 1')
  })

  it('of events count what was written and what was dropped', async () => {
    const observer: NonNullable<EventRecorderOptions['observer']> = eventObserver(metrics)
    observer.written('WeightAdvanced')
    observer.dropped('WeightAdvanced')
    expect(await text()).toContain('serin_events_total{outcome="written"} 1')
    expect(await text()).toContain('serin_events_total{outcome="dropped"} 1')
  })

  it('of measuring count questions that were asked and questions that were shared', async () => {
    const observer = queryObserver(metrics)
    observer.asked('prometheus')
    observer.shared('prometheus')
    expect(await text()).toContain('serin_metric_queries_total{store="prometheus"} 1')
    expect(await text()).toContain('serin_metric_queries_shared_total{store="prometheus"} 1')
  })

  it('leave the rest to plain setters', async () => {
    metrics.loop.leader(true)
    metrics.loop.otherController(true)
    metrics.outside.called({ port: 'alerts', provider: 'slack', outcome: 'error', durationMs: 300 })
    expect(await text()).toContain('serin_leader 1')
    expect(await text()).toContain('serin_other_controller_active 1')
    expect(await text()).toContain('serin_call_duration_seconds_sum{port="alerts",provider="slack",outcome="error"} 0.3')
  })
})
