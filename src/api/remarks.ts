import type { CanarySpec } from './canary.ts'
import { builtInMetrics, type Metric } from './metric.ts'
import type { Problem } from './problem.ts'
import { wordsFor } from './problem.ts'
import { durationMs } from './tolerant-duration.ts'

type Remark = (spec: CanarySpec, options: RemarkOptions) => readonly Problem[]

/** Settings of the controller that a manifest is read against. */
export interface RemarkOptions {
  /** The routing layer of Canaries that name none. */
  readonly defaultProvider: string
  /** Least time between two steps. */
  readonly intervalFloorMs: number
  /** Whether a Canary may refer to objects of other namespaces. */
  readonly crossNamespaceRefs: boolean
  /** Namespace of the Canary. */
  readonly namespace: string
}

const at = (path: string, message: string, applies: boolean): readonly Problem[] => (applies ? [{ path: `spec.${path}`, message }] : [])

/** A layer that cannot weigh runs iterations whatever the steps say. */
const forcesIterations = ({ provider }: CanarySpec, { defaultProvider }: RemarkOptions): boolean =>
  (provider ?? defaultProvider) === 'kubernetes'

const canMove: Remark = (spec, options) => {
  const { iterations = 0, stepWeight = 0, stepWeights = [] } = spec.analysis
  const moves = iterations > 0 || stepWeight > 0 || stepWeights.some(weight => weight > 0)
  const message = 'expected iterations, stepWeight or stepWeights above 0, got none; add for example `stepWeight: 10`'
  return at('analysis', message, !moves && !spec.skipAnalysis && !forcesIterations(spec, options))
}

const isAnswerable = ({ name, query, templateRef }: Metric): boolean =>
  templateRef !== undefined || Boolean(query) || (builtInMetrics as readonly string[]).includes(name)

const metricsHaveQueries: Remark = ({ analysis, skipAnalysis }) =>
  analysis.metrics.flatMap((metric, index) =>
    at(
      `analysis.metrics[${index}].name`,
      `expected ${builtInMetrics.join(' or ')}, or a metric with templateRef, got ${wordsFor(metric.name)}; add \`templateRef: {name: <MetricTemplate>}\``,
      !isAnswerable(metric) && !skipAnalysis,
    ),
  )

const durationsAreDurations: Remark = ({ analysis }) => {
  const texts: readonly (readonly [path: string, text: string, presumed: string])[] = [
    ['analysis.interval', analysis.interval, '60s'],
    ...analysis.metrics.map(({ interval }, index) => [`analysis.metrics[${index}].interval`, interval, '60s'] as const),
    ...analysis.webhooks.map(({ timeout }, index) => [`analysis.webhooks[${index}].timeout`, timeout, '10s'] as const),
  ]
  return texts.flatMap(([path, text, presumed]) =>
    at(
      path,
      `expected a duration such as 30s or 1m30s, got ${wordsFor(text)}, read as ${presumed}; correct it`,
      durationMs(text) === undefined,
    ),
  )
}

const intervalIsLongEnough: Remark = ({ analysis }, { intervalFloorMs }) => {
  const ms = durationMs(analysis.interval)
  const floor = `${intervalFloorMs / 1000}s`
  return at(
    'analysis.interval',
    `expected at least ${floor}, got ${wordsFor(analysis.interval)}, read as ${floor}`,
    ms !== undefined && ms < intervalFloorMs,
  )
}

const weightsArePercentages: Remark = ({ analysis: { maxWeight = 100, stepWeights = [] } }) => [
  ...at(
    'analysis.maxWeight',
    `expected at most 100, got ${maxWeight}, read as 100; correct it`,
    maxWeight > 100 && stepWeights.length === 0,
  ),
  ...stepWeights.flatMap((weight, index) => [
    ...at(`analysis.stepWeights[${index}]`, `expected at most 100, got ${weight}, read as 100; correct it`, weight > 100),
    ...at(`analysis.stepWeights[${index}]`, `expected a weight above 0, got ${weight}, skipped; remove it`, weight <= 0),
  ]),
]

const oneStrategy: Remark = ({ analysis: { iterations = 0, stepWeight, stepWeights } }) => {
  const ladder = stepWeights !== undefined && stepWeights.length > 0
  return [
    ...at(
      'analysis.iterations',
      'stepWeight or stepWeights is set too; iterations wins, remove one of them',
      iterations > 0 && (ladder || Boolean(stepWeight)),
    ),
    ...at(
      'analysis.stepWeights',
      'stepWeight is set too; stepWeights wins, remove one of them',
      iterations <= 0 && ladder && Boolean(stepWeight),
    ),
  ]
}

interface Reference {
  readonly path: string
  readonly what: string
  readonly name: string
  readonly namespace: string
}

const referencesOf = ({ upstreamRef, analysis }: CanarySpec): readonly Reference[] => [
  ...(upstreamRef ? [{ path: 'upstreamRef', what: 'gloo upstream', name: upstreamRef.name, namespace: upstreamRef.namespace ?? '' }] : []),
  ...analysis.metrics.flatMap(({ templateRef }, index) =>
    templateRef
      ? [
          {
            path: `analysis.metrics[${index}].templateRef`,
            what: 'metric template',
            name: templateRef.name,
            namespace: templateRef.namespace ?? '',
          },
        ]
      : [],
  ),
  ...analysis.alerts.map(({ providerRef: { name, namespace = '' } }, index) => ({
    path: `analysis.alerts[${index}].providerRef`,
    what: 'alert provider',
    name,
    namespace,
  })),
]

/** An empty namespace is that of the Canary. */
const referencesStayAtHome: Remark = (spec, { crossNamespaceRefs, namespace: home }) =>
  referencesOf(spec).flatMap(({ path, what, name, namespace }) =>
    at(
      `${path}.namespace`,
      `can't access ${what} ${name}.${namespace}, cross-namespace references are blocked; use one in namespace ${home}`,
      !crossNamespaceRefs && namespace !== '' && namespace !== home,
    ),
  )

const hasAll =
  (remarks: readonly Remark[]): Remark =>
  (spec, options) =>
    remarks.flatMap(remark => remark(spec, options))

/** What keeps the rollout from running, beyond the rules that the API server checks too. */
export const hindrances: Remark = hasAll([canMove, metricsHaveQueries, referencesStayAtHome])

/** What works, but not as it is written. */
export const observations: Remark = hasAll([durationsAreDurations, intervalIsLongEnough, weightsArePercentages, oneStrategy])
