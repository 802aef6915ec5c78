import * as z from 'zod'
import type { KubeObject, ObjectMeta } from './object.ts'
import { type Reading, readSpecOf } from './read-object.ts'

/** Every metric store that a template may name. Which of them a build can ask is for the metrics registry to say. */
const metricProviders = [
  'prometheus',
  'influxdb',
  'datadog',
  'externalmetrics',
  'stackdriver',
  'cloudwatch',
  'newrelic',
  'graphite',
  'dynatrace',
  'keptn',
  'splunk',
] as const

export const MetricTemplateSpec = z.object({
  provider: z
    .object({
      type: z.enum(metricProviders).describe('The metric store.'),
      address: z.string().optional().describe('Base URL of the metric store.'),
      headers: z.record(z.string(), z.array(z.string())).optional().describe('Further headers of each request.'),
      secretRef: z
        .object({ name: z.string().describe('Name of the Secret, in the namespace of the template.') })
        .optional()
        .describe('Secret with the credentials.'),
      region: z.string().optional().describe('Region, for cloudwatch.'),
      insecureSkipVerify: z.boolean().default(false).describe('Accept any TLS certificate.'),
    })
    .describe('Whom to ask.'),
  query: z
    .string()
    .describe(
      'What to ask: text with {{ name }}, {{ namespace }}, {{ target }}, {{ service }}, {{ ingress }}, {{ route }}, {{ interval }} and {{ variables.x }}.',
    ),
})
export type MetricTemplateSpec = z.infer<typeof MetricTemplateSpec>

/** A query and the store that answers it. */
export interface MetricTemplate extends KubeObject {
  readonly apiVersion: string
  readonly kind: 'MetricTemplate'
  readonly metadata: ObjectMeta
  readonly spec: MetricTemplateSpec
}

const standIns = { provider: { type: 'prometheus' }, 'provider.type': 'prometheus', query: '' }

/** Reads a stored MetricTemplate. Never throws; one with problems must not be asked. */
export const readMetricTemplate = (object: KubeObject): Reading<MetricTemplate> =>
  readSpecOf({ object, kind: 'MetricTemplate', schema: MetricTemplateSpec, standIns })
