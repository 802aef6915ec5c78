import type { Canary } from '../api/canary.ts'
import { type Metric, metricIntervalMs } from '../api/metric.ts'
import type { QueryNames } from './built-in-queries.ts'
import type { QueryModel } from './template/template.ts'

/** A PromQL duration: its units fall from left to right. */
const promqlDuration = /^(?=.*[1-9])(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/

const namesOf = ({ metadata, spec }: Canary, revision: string | undefined) => {
  const target = spec.targetRef.name
  return {
    namespace: metadata.namespace ?? '',
    target,
    service: spec.service.name || target,
    ingress: spec.ingressRef?.name ?? target,
    route: revision ?? spec.routeRef?.name ?? target,
  }
}

/** What a template of this metric can speak of; `revision` where the target keeps its revisions itself. */
export const modelOf = (canary: Canary, { interval, templateVariables = {} }: Metric, revision?: string): QueryModel => ({
  words: { name: canary.metadata.name, ...namesOf(canary, revision), interval },
  variables: templateVariables,
})

/** What the built-in queries of this metric speak of. A window that PromQL would not understand is asked for as the reader took it. */
export const queryNamesOf = (canary: Canary, metric: Metric, revision?: string): QueryNames => ({
  ...namesOf(canary, revision),
  interval: promqlDuration.test(metric.interval) ? metric.interval : `${Math.max(1, Math.round(metricIntervalMs(metric) / 1000))}s`,
  isDaemonSet: canary.spec.targetRef.kind === 'DaemonSet',
})
