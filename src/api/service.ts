import * as z from 'zod'
import { ExtraMetadata, StringMap, Whole } from './field.ts'
import { HttpMatch, StringMatch } from './match.ts'
import { TrafficPolicy } from './traffic-policy.ts'

const Port = z.int().min(1).max(65_535)
const dnsLabel = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'

/** Parent of a generated HTTPRoute. */
export const GatewayRef = z.object({
  group: z.string().max(253).default('gateway.networking.k8s.io').describe('API group of the parent.').meta({ written: true }),
  kind: z.string().min(1).max(63).default('Gateway').describe('Kind of the parent.').meta({ written: true }),
  namespace: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Namespace of the parent.')
    .meta({ pattern: dnsLabel, presumed: 'the namespace of the Canary' }),
  name: z.string().min(1).max(253).describe('Name of the parent.'),
  sectionName: z.string().min(1).max(253).optional().describe('One listener of the parent.'),
  port: Port.optional().describe('One port of the parent.'),
})
export type GatewayRef = z.infer<typeof GatewayRef>

const HeaderChanges = z.object({
  set: StringMap.optional().describe('Headers to overwrite.'),
  add: StringMap.optional().describe('Headers to append.'),
  remove: z.array(z.string()).optional().describe('Names of headers to remove.'),
})

export const Headers = z.object({
  request: HeaderChanges.optional().describe('Changes on the way to the workload.'),
  response: HeaderChanges.optional().describe('Changes on the way back.'),
})
export type Headers = z.infer<typeof Headers>

/** Cross-origin rules. Shape: Istio's CorsPolicy. */
export const CorsPolicy = z.object({
  allowOrigin: z.array(z.string()).optional().describe('Origins, word by word.'),
  allowOrigins: z.array(StringMatch).optional().describe('Origins by pattern.'),
  allowMethods: z.array(z.string()).optional().describe('Methods that are allowed.'),
  allowHeaders: z.array(z.string()).optional().describe('Request headers that are allowed.'),
  exposeHeaders: z.array(z.string()).optional().describe('Response headers that scripts may see.'),
  maxAge: z.string().optional().describe('How long a browser may keep the answer, as a duration such as 24h.'),
  allowCredentials: z.boolean().optional().describe('Whether credentials may be sent.'),
})
export type CorsPolicy = z.infer<typeof CorsPolicy>

const Rewrite = z.object({
  uri: z.string().optional().describe('The path to ask for instead.'),
  authority: z.string().optional().describe('The host to ask for instead.'),
  type: z
    .string()
    .optional()
    .describe('Gateway API only: ReplacePrefixMatch; anything else replaces the whole path.')
    .meta({ presumed: 'ReplaceFullPath' }),
})

const Retries = z.object({
  attempts: z.int().optional().describe('Number of retries of a request.'),
  perTryTimeout: z.string().optional().describe('Time that one try may take.'),
  retryOn: z.string().optional().describe('Conditions under which a request is retried, comma-separated.'),
})

/** A request mirror of the Gateway API, independent of the analysis. */
const StaticMirror = z.object({
  backendRef: z
    .object({
      group: z.string().max(253).optional().describe('API group of the backend.').meta({ presumed: 'core' }),
      kind: z.string().min(1).max(63).default('Service').describe('Kind of the backend.').meta({ written: true }),
      name: z.string().min(1).max(253).describe('Name of the backend.'),
      namespace: z
        .string()
        .min(1)
        .max(63)
        .optional()
        .describe('Namespace of the backend.')
        .meta({ pattern: dnsLabel, presumed: 'the namespace of the Canary' }),
      port: Port.optional().describe('Port of the backend.'),
    })
    .describe('Where copies of the requests go.'),
})

/** An int-or-string of Kubernetes. */
const PortNumberOrName = z.union([z.int(), z.string()]).meta({ 'x-kubernetes-int-or-string': true })

const metadata = ExtraMetadata.optional()

/** How the workload is reached: the generated Services and the generated route. */
export const ServiceSpec = z.object({
  name: z
    .string()
    .optional()
    .describe('Name of the Service that clients use, and prefix of the other two. Do not change it later.')
    .meta({ presumed: 'the name of the target' }),
  port: Whole.describe('Port of the Services. Needed unless the target is a Knative Service or targetPort is a number.').meta({
    admitMissing: true,
  }),
  portName: z.string().default('http').describe('Name of the port.'),
  targetPort: PortNumberOrName.optional().describe('Number or name of the port of the container.').meta({ presumed: 'port' }),
  appProtocol: z.string().optional().describe('Application protocol of the port; tcp makes the Istio router write TCP routes.'),
  trafficDistribution: z
    .enum(['PreferClose', 'PreferSameZone', 'PreferSameNode'])
    .optional()
    .describe('Preference of the Services among endpoints.'),
  portDiscovery: z.boolean().default(false).describe('Add the other ports of the containers to the Services.'),
  headless: z.boolean().default(false).describe('Make the Services headless.'),
  timeout: z.string().optional().describe('Time that a request may take.'),
  backendTimeout: z.string().optional().describe('Gateway API: time that a backend may take.'),
  gateways: z.array(z.string()).default([]).describe('Istio: gateways of the route; none means mesh.'),
  gatewayRefs: z.array(GatewayRef).max(32).default([]).describe('Gateway API: parents of the route.'),
  hosts: z.array(z.string()).default([]).describe('Host names of the route.'),
  delegation: z
    .boolean()
    .default(false)
    .describe('Istio: write a VirtualService without hosts or gateways, for another one to delegate to.'),
  trafficPolicy: TrafficPolicy.optional().describe('Istio: traffic policy of both DestinationRules.'),
  match: z.array(HttpMatch).default([]).describe('Requests that the route takes; those that match any element.'),
  rewrite: Rewrite.optional().describe('Changes of path or host on the way to the workload.'),
  retries: Retries.optional().describe('When a request is tried again.'),
  headers: Headers.optional().describe('Changes of headers.'),
  mirror: z.array(StaticMirror).default([]).describe('Gateway API: permanent copies of requests, independent of the analysis.'),
  corsPolicy: CorsPolicy.optional().describe('Cross-origin rules.'),
  meshName: z.string().optional().describe('App Mesh: name of the mesh.'),
  backends: z.array(z.string()).default([]).describe('App Mesh: backends that the workload calls.'),
  apex: metadata.describe('Metadata of the Service that clients use, and of the route.'),
  primary: metadata.describe('Metadata of the Service of the primary.'),
  canary: metadata.describe('Metadata of the Service of the canary.'),
  unmanagedMetadata: z
    .object({
      annotations: z.array(z.string()).optional().describe('Keys of annotations.'),
      labels: z.array(z.string()).optional().describe('Keys of labels.'),
    })
    .optional()
    .describe('Keys on the generated Services that others own.'),
})
export type ServiceSpec = z.infer<typeof ServiceSpec>

/** Port of the container: number or name; the port of the Service where nothing (or 0) is set. */
export const targetPortOf = ({ port, targetPort }: ServiceSpec): number | string =>
  targetPort === undefined || String(targetPort) === '0' || targetPort === '' ? port : targetPort
