import { beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts'

const app = { namespace: 'demo', name: 'my-canary', target: 'app' }
const other = { namespace: 'demo', name: 'other', target: 'other' }

describe('the metrics of canaries', () => {
  let metrics: Metrics
  beforeEach(() => {
    metrics = createMetrics({ version: '0.1.0', meshProvider: 'istio', ofProcess: false })
  })

  /** The samples of the field's metrics, without comments. */
  const samples = async (prefix = 'flagger_canary'): Promise<readonly string[]> =>
    (await metrics.text()).split('\n').filter(line => line.startsWith(prefix))

  it('name version and default provider', async () => {
    expect(await samples('flagger_info')).toEqual(['flagger_info{version="0.1.0",mesh_provider="istio"} 1'])
  })

  it('show state and split of a canary by the name of its target', async () => {
    metrics.canaries.show(app, { phase: 'Progressing', weight: 20 })
    expect(await samples()).toEqual([
      'flagger_canary_total{namespace="demo"} 1',
      'flagger_canary_status{name="app",namespace="demo"} 0',
      'flagger_canary_weight{workload="app",namespace="demo"} 20',
      'flagger_canary_weight{workload="app-primary",namespace="demo"} 80',
    ])
  })

  it.each([
    ['Progressing', 0],
    ['Failed', 2],
    ['Succeeded', 1],
    ['Promoting', 1],
    ['Initializing', 1],
  ])('show the phase %s as %i', async (phase, value) => {
    metrics.canaries.show(app, { phase, weight: 0 })
    expect(await samples('flagger_canary_status')).toEqual([`flagger_canary_status{name="app",namespace="demo"} ${value}`])
  })

  it('keep the last value of each metric', async () => {
    metrics.canaries.measured(app, 'request-duration', 0.5)
    metrics.canaries.measured(app, 'request-duration', 0.12)
    expect(await samples('flagger_canary_metric')).toEqual([
      'flagger_canary_metric_analysis{name="app",namespace="demo",metric="request-duration"} 0.12',
    ])
  })

  it('count analyses by their time', async () => {
    metrics.canaries.analysed(app, 0.04)
    const found = await samples('flagger_canary_duration')
    expect(found).toContain('flagger_canary_duration_seconds_bucket{le="0.05",name="app",namespace="demo"} 1')
    expect(found).toContain('flagger_canary_duration_seconds_bucket{le="0.025",name="app",namespace="demo"} 0')
  })

  it.each([
    ['promoted', 'flagger_canary_successes_total', 'completed'],
    ['skipped', 'flagger_canary_successes_total', 'skipped'],
    ['failed', 'flagger_canary_failures_total', 'completed'],
  ] as const)('count a rollout that was %s in %s', async (outcome, metric, status) => {
    metrics.canaries.ended(app, { strategy: 'canary', outcome })
    expect(await samples(metric)).toEqual([
      `${metric}{name="app",namespace="demo",deployment_strategy="canary",analysis_status="${status}"} 1`,
    ])
  })

  it('go with their canary', async () => {
    metrics.canaries.show(app, { phase: 'Failed', weight: 0 })
    metrics.canaries.measured(app, 'request-duration', 1)
    metrics.canaries.analysed(app, 1)
    metrics.canaries.ended(app, { strategy: 'canary', outcome: 'promoted' })
    metrics.canaries.ended(app, { strategy: 'canary', outcome: 'failed' })
    metrics.canaries.forget('demo', 'my-canary')
    expect(await samples()).toEqual([])
  })

  it('stay when another canary goes', async () => {
    for (const canary of [app, other]) metrics.canaries.show(canary, { phase: 'Succeeded', weight: 0 })
    metrics.canaries.forget('demo', 'other')
    expect(await samples()).toEqual([
      'flagger_canary_total{namespace="demo"} 1',
      'flagger_canary_status{name="app",namespace="demo"} 1',
      'flagger_canary_weight{workload="app",namespace="demo"} 0',
      'flagger_canary_weight{workload="app-primary",namespace="demo"} 100',
    ])
  })

  it('follow a canary to another target', async () => {
    metrics.canaries.show(app, { phase: 'Succeeded', weight: 0 })
    metrics.canaries.show({ ...app, target: 'app2' }, { phase: 'Succeeded', weight: 0 })
    expect(await samples('flagger_canary_status')).toEqual(['flagger_canary_status{name="app2",namespace="demo"} 1'])
    expect(await samples('flagger_canary_total')).toEqual(['flagger_canary_total{namespace="demo"} 1'])
  })

  it('do not mind a canary that nobody knew', async () => {
    metrics.canaries.forget('demo', 'unknown')
    expect(await samples()).toEqual([])
  })

  it('come with those of the process', async () => {
    const whole = createMetrics({ version: '1', meshProvider: 'istio' })
    expect(await whole.text()).toContain('process_resident_memory_bytes')
  })
})
