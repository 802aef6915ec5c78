import { isDeepStrictEqual } from 'node:util'
import { daemonSetKind, deploymentKind, endpointSliceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject, ObjectKey } from '../../src/api/object.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import { contentHash } from '../../src/targets/canonical.ts'

/*
 * What the controller of EndpointSlices makes of Services in the clusters of tests: one slice each, `<service>-1`, with the pods of the
 * workload that the Service selects.
 */

type Fields = Readonly<Record<string, unknown>>

/** What a test makes of that controller. */
export interface EndpointMood {
  /** Versions of a core Service (`version v2`) that have no pods. */
  readonly broken: ReadonlySet<string>
  /** Services whose slices do not follow, or hold nothing. */
  readonly endpoints: Readonly<Record<string, 'late' | 'none'>>
}

interface PodSpec {
  readonly template: { readonly metadata?: { readonly labels?: Fields } }
}

const templateOf = (workload: KubeObject): PodSpec['template'] => (workload['spec'] as PodSpec).template

/** What is stored never changes in place: a template that was hashed before is not hashed again. */
const templateHash = oncePerObject((template: PodSpec['template']) => contentHash(template as Parameters<typeof contentHash>[0]))

/** The name of the newest ReplicaSet of a Deployment. */
export const replicaSetOf = (deployment: KubeObject): string =>
  `${deployment.metadata.name}-${templateHash(templateOf(deployment)).slice(-8)}`

const isSelected = (workload: KubeObject, selector: Fields): boolean => {
  const labels = templateOf(workload).metadata?.labels ?? {}
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions: { readonly ready: boolean }
  readonly targetRef?: { readonly kind: 'Pod'; readonly name: string }
}

/** The names of the pods that serve: those of the newest template, and before them those of the one before. */
const podNames = (workload: KubeObject, before: readonly Endpoint[]): readonly string[] => {
  const status = (workload['status'] ?? {}) as Readonly<Record<string, number>>
  const { replicas = status['currentNumberScheduled'] ?? 0, updatedReplicas = status['updatedNumberScheduled'] ?? 0 } = status
  const available = status['availableReplicas'] ?? status['numberAvailable'] ?? 0
  const newest = Math.max(0, available - Math.max(0, replicas - updatedReplicas))
  const prefix = workload.kind === deploymentKind.kind ? replicaSetOf(workload) : workload.metadata.name
  const old = before.flatMap(({ targetRef }) => (targetRef && !targetRef.name.startsWith(`${prefix}-`) ? [targetRef.name] : []))
  return [
    ...Array.from({ length: available - newest }, (_, index) => old[index] ?? `${workload.metadata.name}-before-${index}`),
    ...Array.from({ length: newest }, (_, index) => `${prefix}-${index}`),
  ]
}

const podEndpoint = (name: string, index: number): Endpoint => ({
  addresses: [`10.1.0.${index + 1}`],
  conditions: { ready: true },
  targetRef: { kind: 'Pod', name },
})

/** Pods that others run for a Service: `version v2` among what is broken takes away all those of that version. */
const foreign = (selector: Fields, { broken }: EndpointMood): Endpoint => ({
  addresses: ['10.1.0.1'],
  conditions: { ready: !broken.has(`version ${selector['version']}`) },
})

const isUnseen = ({ metadata, status }: KubeObject & { readonly status?: unknown }): boolean =>
  (status as { readonly observedGeneration?: number } | undefined)?.observedGeneration !== metadata.generation

/** What is stored, wherever that is. */
interface Stored {
  stored(kind: KindRef, key: ObjectKey): KubeObject | undefined
  storedAll(kind: KindRef): readonly KubeObject[]
}

/** The workload whose pods a Service selects. */
export const selectedBy = (store: Stored, service: KubeObject): KubeObject | undefined => {
  const { selector = {} } = service['spec'] as { selector?: Fields }
  return [...store.storedAll(deploymentKind), ...store.storedAll(daemonSetKind)].find(
    one => one.metadata.namespace === service.metadata.namespace && isSelected(one, selector),
  )
}

const sliceOf = (store: Stored, { metadata: { name, namespace = '', labels } }: KubeObject) => {
  const before = store.stored(endpointSliceKind, { namespace, name: `${name}-1` })
  const had = (before?.['endpoints'] ?? []) as readonly Endpoint[]
  const withThese = (endpoints: readonly Endpoint[]): KubeObject | undefined => {
    const wanted = { ...labels, 'kubernetes.io/service-name': name }
    if (before && isDeepStrictEqual(had, endpoints) && isDeepStrictEqual(before.metadata.labels, wanted)) return undefined
    const { apiVersion, kind } = endpointSliceKind
    const metadata = { ...before?.metadata, name: `${name}-1`, namespace, labels: wanted }
    return { apiVersion, kind, metadata, addressType: 'IPv4', endpoints, ports: [] }
  }
  return { before, had, withThese }
}

/** The slice of a Service with the pods of this workload; undefined when it is so already. */
export const podSliceOf = (store: Stored, service: KubeObject, workload: KubeObject): KubeObject | undefined => {
  const { had, withThese } = sliceOf(store, service)
  return withThese(isUnseen(workload) ? had : podNames(workload, had).map(podEndpoint))
}

/** The slice of a Service as it should be; undefined when it is so already. */
export const endpointsOf = (store: Stored, service: KubeObject, mood: EndpointMood): KubeObject | undefined => {
  const { before, withThese } = sliceOf(store, service)
  const way = mood.endpoints[service.metadata.name]
  if (way === 'late' && before) return undefined
  if (way) return withThese([])
  const workload = selectedBy(store, service)
  const { selector = {} } = service['spec'] as { selector?: Fields }
  return workload ? podSliceOf(store, service, workload) : withThese([foreign(selector, mood)])
}
