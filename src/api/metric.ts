import * as z from 'zod'
import { DurationText, StringMap } from './field.ts'
import { durationOrMs } from './tolerant-duration.ts'

/** Metrics that need neither a template nor a query. */
export const builtInMetrics = ['request-success-rate', 'request-duration'] as const
export type BuiltInMetric = (typeof builtInMetrics)[number]

const bound = (text: string) => z.number().optional().describe(text)

export const ThresholdRange = z.object({ min: bound('Smallest value that passes.'), max: bound('Largest value that passes.') })
export type ThresholdRange = z.infer<typeof ThresholdRange>

/** One measurement and the range that it must stay in. */
export const Metric = z.object({
  name: z
    .string()
    .describe(
      'request-success-rate (percent) and request-duration (milliseconds) are built in; any other name needs templateRef or query.',
    ),
  interval: DurationText.default('1m').describe('Window that a query looks back on.'),
  thresholdRange: ThresholdRange.optional().describe('Bounds, both inclusive.'),
  threshold: z
    .number()
    .optional()
    .describe('Deprecated, read as thresholdRange: the minimum of request-success-rate, the maximum of any other metric.'),
  query: z.string().optional().describe('Deprecated: a PromQL query for the metrics server. Use templateRef.'),
  templateRef: z
    .object({
      name: z.string().describe('Name of the MetricTemplate.'),
      namespace: z.string().optional().describe('Its namespace.').meta({ presumed: 'the namespace of the Canary' }),
    })
    .optional()
    .describe('MetricTemplate that holds the query and says whom to ask.'),
  templateVariables: StringMap.optional().describe('Values that the template sees as `variables`.'),
})
export type Metric = z.infer<typeof Metric>

/** Whether the name stands for a built-in query of the routing layer. */
export const isBuiltIn = (metric: Metric): metric is Metric & { name: BuiltInMetric } =>
  metric.templateRef === undefined && !metric.query && (builtInMetrics as readonly string[]).includes(metric.name)

/**
 * The range that a measurement must stay in. Where the manifest has none, the deprecated threshold counts (0 when absent too): a
 * minimum for request-success-rate, a maximum for everything else.
 */
export const rangeOf = ({ name, threshold = 0, thresholdRange }: Metric): ThresholdRange =>
  thresholdRange ?? (name === 'request-success-rate' ? { min: threshold } : { max: threshold })

/** Window that a query looks back on; 60 s where the text says nothing usable. */
export const metricIntervalMs = (metric: Metric): number => durationOrMs(metric.interval, 60_000)
