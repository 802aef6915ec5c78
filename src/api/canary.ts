import * as z from 'zod'
import { readDurationMs } from '../duration.ts'
import { Analysis } from './analysis.ts'
import { DurationText, objectRef, StringMap, Whole } from './field.ts'
import type { KubeObject, ObjectMeta } from './object.ts'
import { ServiceSpec } from './service.ts'
import type { CanaryStatus } from './status.ts'
import { Webhook } from './webhook.ts'

export const apiGroup = 'flagger.app'

/** Every provider that a manifest may name. Which of them a build carries out is for the routing registry to say. */
export const providers = [
  'apisix',
  'appmesh',
  'appmesh:v1beta2',
  'contour',
  'gatewayapi:v1',
  'gatewayapi:v1beta1',
  'gloo',
  'istio',
  'knative',
  'kubernetes',
  'kuma',
  'linkerd',
  'nginx',
  'osm',
  'skipper',
  'smi:v1alpha1',
  'smi:v1alpha2',
  'smi:v1alpha3',
  'traefik',
] as const

const Replicas = z.int().min(1).optional()

const AutoscalerRef = objectRef(['HorizontalPodAutoscaler', 'ScaledObject']).extend({
  primaryScalerQueries: StringMap.optional().describe(
    'KEDA: query of the primary for each trigger, by trigger name. Turns automatic rewriting off for all of them.',
  ),
  primaryScalerReplicas: z
    .object({
      minReplicas: Replicas.describe('Least replicas of the primary.'),
      maxReplicas: Replicas.describe('Most replicas of the primary.'),
    })
    .optional()
    .describe('Bounds of the scaler of the primary, where they differ from those of the target.'),
})

/** `Canary.spec` in today's words. */
export const CanarySpec = z.object({
  targetRef: objectRef(['DaemonSet', 'Deployment', 'Service']).describe(
    'The workload that is released. Service means a Knative Service with API version serving.knative.dev/v1, a core Service otherwise.',
  ),
  autoscalerRef: AutoscalerRef.optional().describe('Scaler of the target; the primary gets one like it.'),
  ingressRef: objectRef(['Ingress']).optional().describe('Ingress to copy; needed with the providers nginx and skipper.'),
  routeRef: objectRef(['ApisixRoute']).optional().describe('ApisixRoute to copy; needed with the provider apisix.'),
  upstreamRef: objectRef(['Upstream'])
    .extend({ namespace: z.string().optional().describe('Namespace of the Upstream.').meta({ presumed: 'the namespace of the Canary' }) })
    .optional()
    .describe('Gloo Upstream whose settings are copied.'),
  provider: z.enum(providers).optional().describe('Routing layer.').meta({ presumed: 'that of the controller (flag mesh-provider)' }),
  metricsServer: z
    .string()
    .optional()
    .describe('Address of the Prometheus for built-in metrics and inline queries.')
    .meta({ presumed: 'that of the controller (flag metrics-server)' }),
  service: ServiceSpec.describe('How the workload is reached.').meta({ admitMissing: true }),
  analysis: Analysis.describe('How a new revision is tested.').meta({ admitMissing: true }),
  progressDeadlineSeconds: Whole.default(600).describe('Seconds that the target and the primary have to become ready.'),
  skipAnalysis: z.boolean().default(false).describe('Promote without tests as soon as the target is ready.'),
  drain: DurationText.optional()
    .describe(
      'How long a track that no longer serves keeps its pods, counted from when the route that leaves it out was accepted. At most 300s.',
    )
    .meta({ presumed: 'the longer of 15s (flag drain) and service.timeout' }),
  skipCapacity: z
    .boolean()
    .default(false)
    .describe('Take steps without regard to how many ready pods each track has, and leave sizes to the scaler alone.'),
  revertOnDeletion: z.boolean().default(false).describe('Restore the target, the Service and the route when the Canary is deleted.'),
  suspend: z.boolean().default(false).describe('Do nothing until this is false again.'),
})
export type CanarySpec = z.infer<typeof CanarySpec>

/** `Canary.spec` as manifests of all ages write it; the reader turns it into a `CanarySpec`. */
export const WrittenSpec = CanarySpec.extend({
  canaryAnalysis: Analysis.optional().describe('Deprecated, read as analysis, which wins where both are set.'),
  webhooks: z.array(Webhook).optional().describe('Deprecated, read as further analysis.webhooks.'),
})

/** A Canary as it was read: defaults applied, older spellings translated. Nobody changes one in place. */
export interface Canary extends KubeObject {
  readonly apiVersion: string
  readonly kind: 'Canary'
  readonly metadata: ObjectMeta
  readonly spec: CanarySpec
  readonly status: CanaryStatus
}

/** Whether the target is a Knative Service, which brings its own routes and revisions. */
export const isKnative = (canary: Canary): boolean => isKnativeRef(canary.spec.targetRef)

export const isKnativeRef = ({ apiVersion, kind }: { readonly apiVersion?: string | undefined; readonly kind: string }): boolean =>
  kind === 'Service' && apiVersion === 'serving.knative.dev/v1'

/** Name of the generated primary workload. */
export const primaryName = (canary: Canary): string => `${canary.spec.targetRef.name}-primary`

/** Name of the generated scaler of the primary; undefined where the Canary names none for its target. */
export const primaryScalerName = ({ spec: { autoscalerRef } }: Canary): string | undefined =>
  autoscalerRef && `${autoscalerRef.name}-primary`

export interface ServiceNames {
  readonly apex: string
  readonly primary: string
  readonly canary: string
}

/** Names of the three Services; the apex is also the name of the route. */
export const serviceNames = ({ spec }: Canary): ServiceNames => {
  const known = lastNames.get(spec)
  if (known) return known
  const apex = spec.service.name || spec.targetRef.name
  const names = { apex, primary: `${apex}-primary`, canary: `${apex}-canary` }
  lastNames.set(spec, names)
  return names
}

/** The names that each spec asks for: nobody changes one in place, and all that looks at routes asks for them. */
const lastNames = new WeakMap<CanarySpec, ServiceNames>()

/** Whether steps wait for pods that fit them, and the primary keeps its size while a rollout runs. */
export const keepsCapacity = ({ spec }: Canary): boolean => !spec.skipCapacity

const mostDrainMs = 300_000

/** How long a track that no longer serves keeps its pods; `leastMs` where the Canary does not say. */
export const drainMsOf = ({ spec: { drain = '', service } }: Canary, leastMs: number): number =>
  Math.min(mostDrainMs, readDurationMs(drain) ?? Math.max(leastMs, readDurationMs(service.timeout ?? '') ?? 0))

/** Name of the routing layer: that of the Canary, else the controller's. */
export const providerOf = (canary: Canary, otherwise: string): string => canary.spec.provider ?? otherwise

/** Time that a workload has to become ready; not above zero means that the deadline is always over. */
export const progressDeadlineMs = (canary: Canary): number => canary.spec.progressDeadlineSeconds * 1000
