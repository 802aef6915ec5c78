import { columnsOf } from './builtin-columns.ts'
import { builtinSchema } from './builtin-schema.ts'
import { eventConversion } from './event-conversion.ts'
import type { Resource, ScalePaths } from './resource.ts'
import { anything, type Schema } from './schema.ts'

/** One line of the table below; what is left out has the commonest value. */
interface Line {
  readonly kind: string
  readonly plural: string
  readonly group?: string
  readonly version?: string
  readonly type?: string
  readonly schema?: Schema
  readonly clusterScoped?: true
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly status?: true
  readonly scale?: true
  readonly generation?: true
  readonly conditionalUpdateOnly?: true
  readonly graceful?: true
  readonly review?: true
  readonly storedAs?: NonNullable<Resource['storedAs']>
}

const coreEvents = { id: 'events', apiVersion: 'v1', conversion: eventConversion }
const apps = { group: 'apps', categories: ['all'], status: true, generation: true } as const
const rbac = { group: 'rbac.authorization.k8s.io' } as const
const access = { group: 'authorization.k8s.io', review: true } as const
const gateway = { group: 'gateway.networking.k8s.io', categories: ['gateway-api'], status: true, generation: true } as const

/**
 * Gateway API kinds are served without their CRDs, so that nothing must be installed first. Their schema lets everything pass but knows
 * which lists are maps, which is what server-side apply needs. Installing the real CRDs replaces these.
 */
const listMap = (...keys: readonly string[]): Schema => ({
  type: 'array',
  items: { type: 'object', ...anything },
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
})
const loose = (spec: Readonly<Record<string, Schema>>, status: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { type: 'object', ...anything, properties: spec },
    status: { type: 'object', ...anything, properties: status },
  },
})

const lines: readonly Line[] = [
  { kind: 'Namespace', plural: 'namespaces', clusterScoped: true, shortNames: ['ns'], status: true },
  { kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'], status: true, generation: true, graceful: true },
  { kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'], status: true },
  { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'] },
  { kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'] },
  { kind: 'Secret', plural: 'secrets' },
  { kind: 'Event', plural: 'events', type: 'CoreV1Event', shortNames: ['ev'] },
  { kind: 'Event', plural: 'events', group: 'events.k8s.io', type: 'EventsV1Event', shortNames: ['ev'], storedAs: coreEvents },
  { kind: 'Node', plural: 'nodes', clusterScoped: true, shortNames: ['no'], status: true },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  { ...apps, kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], scale: true },
  { ...apps, kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], scale: true },
  { ...apps, kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'] },
  { ...apps, kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], scale: true },
  { kind: 'ControllerRevision', plural: 'controllerrevisions', group: 'apps' },
  {
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    group: 'autoscaling',
    version: 'v2',
    type: 'V2HorizontalPodAutoscaler',
    shortNames: ['hpa'],
    categories: ['all'],
    status: true,
  },
  { kind: 'Job', plural: 'jobs', group: 'batch', categories: ['all'], status: true, generation: true },
  { kind: 'CronJob', plural: 'cronjobs', group: 'batch', shortNames: ['cj'], categories: ['all'], status: true, generation: true },
  { kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', group: 'policy', shortNames: ['pdb'], status: true, generation: true },
  { kind: 'EndpointSlice', plural: 'endpointslices', group: 'discovery.k8s.io', generation: true },
  { kind: 'Lease', plural: 'leases', group: 'coordination.k8s.io', conditionalUpdateOnly: true },
  { kind: 'Ingress', plural: 'ingresses', group: 'networking.k8s.io', shortNames: ['ing'], status: true, generation: true },
  { kind: 'IngressClass', plural: 'ingressclasses', group: 'networking.k8s.io', clusterScoped: true, generation: true },
  { kind: 'NetworkPolicy', plural: 'networkpolicies', group: 'networking.k8s.io', shortNames: ['netpol'], generation: true },
  { ...rbac, kind: 'Role', plural: 'roles' },
  { ...rbac, kind: 'RoleBinding', plural: 'rolebindings' },
  { ...rbac, kind: 'ClusterRole', plural: 'clusterroles', clusterScoped: true },
  { ...rbac, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', clusterScoped: true },
  { kind: 'PriorityClass', plural: 'priorityclasses', group: 'scheduling.k8s.io', clusterScoped: true, shortNames: ['pc'] },
  {
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    group: 'apiextensions.k8s.io',
    clusterScoped: true,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    status: true,
    generation: true,
    conditionalUpdateOnly: true,
  },
  { ...access, kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', clusterScoped: true },
  { ...access, kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', clusterScoped: true },
  { ...access, kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', clusterScoped: true },
  { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', group: 'authentication.k8s.io', clusterScoped: true, review: true },
  {
    ...gateway,
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    clusterScoped: true,
    shortNames: ['gc'],
    schema: loose({}, { conditions: listMap('type') }),
  },
  {
    ...gateway,
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gtw'],
    schema: loose({ listeners: listMap('name') }, { conditions: listMap('type'), listeners: listMap('name') }),
  },
  { ...gateway, kind: 'HTTPRoute', plural: 'httproutes', schema: loose({}, {}) },
]

const scaleOfWorkload: ScalePaths = {
  specReplicas: ['spec', 'replicas'],
  statusReplicas: ['status', 'replicas'],
  selector: ['spec', 'selector'],
}

const toResource = (line: Line): Resource => {
  const { kind, plural, group = '', version = 'v1' } = line
  const columns = columnsOf(group === '' ? plural : `${plural}.${group}`)
  return {
    group,
    plural,
    kind,
    singular: kind.toLowerCase(),
    namespaced: line.clusterScoped !== true,
    shortNames: line.shortNames ?? [],
    categories: line.categories ?? [],
    versions: [
      {
        name: version,
        served: true,
        schema: line.schema ?? builtinSchema(line.type ?? `V1${kind}`),
        hasStatus: line.status === true,
        ...(line.scale ? { scale: scaleOfWorkload } : {}),
        ...(columns ? { columns } : {}),
      },
    ],
    storageVersion: version,
    ...(line.storedAs ? { storedAs: line.storedAs } : {}),
    builtin: line.schema === undefined,
    hasGeneration: line.generation === true,
    allowsUnconditionalUpdate: line.conditionalUpdateOnly !== true && line.schema === undefined,
    deletesGracefully: line.graceful === true,
    isReview: line.review === true,
  }
}

/** All kinds that exist without any CustomResourceDefinition. */
export const builtinResources: readonly Resource[] = lines.map(toResource)

/** Whether a group is served without any definition, by a server that knows all its kinds. */
export const isBuiltinGroup = (name: string): boolean => builtinResources.some(({ group, builtin }) => builtin && group === name)

/** Bodies that are no objects of their own. */
const bodyTypes: Readonly<Record<string, string>> = { DeleteOptions: 'V1DeleteOptions', Scale: 'V1Scale' }

/** The type in the table of built-in types that describes a kind; undefined when there is none. */
export const typeOfKind = (group: string, kind: string): string | undefined => {
  const line = lines.find(one => one.kind === kind && (one.group ?? '') === group)
  if (!line) return bodyTypes[kind]
  return line.schema ? undefined : (line.type ?? `V1${kind}`)
}
