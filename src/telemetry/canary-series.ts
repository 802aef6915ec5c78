import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Names, labels and buckets are the field's: dashboards and alerts are written against them. `name` and `workload` are the target's name. */
export const createCanarySeries = (registry: Registry) => {
  const registers = [registry]
  const named = ['name', 'namespace'] as const
  const ends = [...named, 'deployment_strategy', 'analysis_status'] as const
  return {
    total: new Gauge({ name: 'flagger_canary_total', help: 'Canaries known, by namespace', labelNames: ['namespace'], registers }),
    status: new Gauge({
      name: 'flagger_canary_status',
      help: 'State of a canary: 0 progressing, 2 failed, 1 anything else',
      labelNames: named,
      registers,
    }),
    weight: new Gauge({
      name: 'flagger_canary_weight',
      help: 'Percent of live requests of a workload',
      labelNames: ['workload', 'namespace'],
      registers,
    }),
    analysis: new Gauge({
      name: 'flagger_canary_metric_analysis',
      help: 'Last value of each metric of an analysis',
      labelNames: [...named, 'metric'],
      registers,
    }),
    duration: new Histogram({
      name: 'flagger_canary_duration_seconds',
      help: 'Time that one analysis took',
      labelNames: named,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    successes: new Counter({ name: 'flagger_canary_successes_total', help: 'Promotions', labelNames: ends, registers }),
    failures: new Counter({ name: 'flagger_canary_failures_total', help: 'Rollouts that failed', labelNames: ends, registers }),
  }
}
