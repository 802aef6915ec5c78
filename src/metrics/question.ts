import { isBuiltIn, type Metric, metricIntervalMs } from '../api/metric.ts'
import { messageOf } from '../errors.ts'
import { builtInQuery, familyOf } from './built-in-queries.ts'
import type { MetricQuestion } from './metric-store.ts'
import { modelOf, queryNamesOf } from './query-model.ts'
import { invalid, type Silence } from './silence.ts'
import type { Context, Source } from './source.ts'
import { renderQuery } from './template/template.ts'

/** What to ask a store for one metric. */
export interface Inquiry {
  readonly question: MetricQuestion
  /** What the value is multiplied by. */
  readonly factor: number
  /** Asked in its place when it has no sample. */
  readonly whenSilent?: MetricQuestion
}

/** The finished question of a metric: its own query, that of its template, or a built-in one. */
export const inquiryOf = (metric: Metric, source: Source, { canary, options, lookup }: Context): Inquiry | Silence => {
  const revision = lookup.route?.(canary)
  const question = (query: string): MetricQuestion => ({ ...source.access, query, intervalMs: metricIntervalMs(metric) })
  if (isBuiltIn(metric)) {
    const { query, factor, whenSilent } = builtInQuery(
      metric.name,
      familyOf(canary, options.meshProvider),
      queryNamesOf(canary, metric, revision),
    )
    return { question: question(query), factor, ...(whenSilent ? { whenSilent: question(whenSilent) } : {}) }
  }
  const text = source.query ?? metric.query
  if (!text) return nothingToAsk(metric)
  try {
    return { question: question(renderQuery(text, modelOf(canary, metric, revision))), factor: 1 }
  } catch (error) {
    return invalid(`${source.query ? source.label : `Metric ${metric.name}`} query render error: ${messageOf(error)}`)
  }
}

const nothingToAsk = ({ name }: Metric): Silence =>
  invalid(
    `Metric query failed for no usable metrics template and query were configured: metric ${name} is not built in; add templateRef, or name it request-success-rate or request-duration`,
  )
