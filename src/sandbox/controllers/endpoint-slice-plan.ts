import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../../api/object.ts'
import { endpointSlices as endpointSliceKind } from '../objects/kinds.ts'
import { type EndpointSlice, type Service, serviceNameLabel } from '../objects/network.ts'
import type { Pod } from '../objects/pod.ts'
import { isFinished, isReady, isTerminating, realPort, resolvePort } from '../objects/pod-state.ts'
import { byAge, controlledBy, nothing, type Plan, type Write } from './plan.ts'
import { randomSuffix } from './template-hash.ts'

/** A Service with a selector, the pods it selects and the slices made for it, read at one moment. */
export interface ServiceWorld {
  readonly service: Service
  readonly pods: readonly Pod[]
  /** Only those that this controller manages. */
  readonly slices: readonly EndpointSlice[]
}

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const managedByUs = 'endpointslice-controller.k8s.io'

/** What a slice can hold; the API allows more, but readers expect this. */
export const maxEndpoints = 100

interface PlannedPort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

/** The Service's ports as they lead into this pod; a port whose name the pod does not know is left out. */
const portsInto = ({ spec }: Service, pod: Pod): PlannedPort[] =>
  spec.ports.flatMap(({ name = '', port, protocol, targetPort, appProtocol }) => {
    const target = resolvePort(pod, targetPort ?? port, protocol)
    if (target === undefined) return []
    return [{ name, port: realPort(pod, target), protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })

/** Ready is what traffic obeys: a pod that is leaving is not ready, though it may still serve what it has. */
const endpointOf = ({ spec }: Service, pod: Pod) => {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  return {
    addresses: [pod.status.podIP ?? ''],
    conditions: { ready: spec.publishNotReadyAddresses || (serving && !terminating), serving, terminating },
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', uid: pod.metadata.uid ?? '' },
  }
}
type PlannedEndpoint = ReturnType<typeof endpointOf>

/** What one slice should hold. */
interface Chunk {
  readonly ports: readonly PlannedPort[]
  readonly endpoints: readonly PlannedEndpoint[]
}

const chunksOf = (ports: readonly PlannedPort[], endpoints: readonly PlannedEndpoint[]): Chunk[] =>
  Array.from({ length: Math.ceil(endpoints.length / maxEndpoints) }, (_, index) => ({
    ports,
    endpoints: endpoints.slice(index * maxEndpoints, (index + 1) * maxEndpoints),
  }))

/** One group per set of ports: pods may give the same name to different ports. */
const plannedChunks = ({ service, pods }: ServiceWorld): Chunk[] => {
  const groups = new Map<string, { ports: PlannedPort[]; endpoints: PlannedEndpoint[] }>()
  const reachable = pods.filter(pod => pod.status.podIP !== undefined && pod.status.podIP !== '' && !isFinished(pod))
  for (const pod of reachable.toSorted(byAge)) {
    const ports = portsInto(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod))
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(({ ports, endpoints }) => chunksOf(ports, endpoints))
}

type PortLike = { readonly [key in keyof PlannedPort]?: PlannedPort[key] | number | null | undefined }

const portsKey = (ports: readonly PortLike[] | null | undefined): string =>
  JSON.stringify((ports ?? []).map(({ name, port, protocol, appProtocol }) => [name ?? '', port, protocol, appProtocol ?? '']))

/** A slice carries the labels of its Service, by which others choose what to watch. */
const labelsFor = ({ metadata }: Service) => ({ ...metadata.labels, [serviceNameLabel]: metadata.name, [managedByLabel]: managedByUs })

const newSlice = (service: Service, chunk: Chunk, suffix: string): Manifest => ({
  apiVersion: endpointSliceKind.apiVersion,
  kind: endpointSliceKind.kind,
  metadata: {
    name: `${service.metadata.name}-${suffix}`,
    namespace: service.metadata.namespace ?? '',
    labels: labelsFor(service),
    ownerReferences: [controlledBy(service)],
  },
  addressType: 'IPv4',
  ...chunk,
})

const differs = (slice: EndpointSlice, chunk: Chunk): boolean => {
  const held = (slice.endpoints ?? []).map(({ addresses, conditions, nodeName, targetRef }) => ({
    addresses,
    conditions,
    ...(nodeName ? { nodeName } : {}),
    targetRef,
  }))
  return portsKey(slice.ports) !== portsKey(chunk.ports) || !isDeepStrictEqual(held, chunk.endpoints)
}

/** What gives a slice the labels of its Service and takes all others; undefined when it has just these. */
const relabelled = ({ metadata: { labels = {} } }: EndpointSlice, service: Service) => {
  const wanted = labelsFor(service)
  const gone = Object.keys(labels).filter(name => !(name in wanted))
  return isDeepStrictEqual(labels, wanted) ? undefined : { labels: { ...Object.fromEntries(gone.map(name => [name, null])), ...wanted } }
}

const isEmpty = ({ endpoints }: EndpointSlice): boolean => (endpoints ?? []).length === 0

/** What makes the slices hold these chunks: each chunk goes where its ports stand already, else into an empty slice, else into a new one. */
const fill = (service: Service, chunks: readonly Chunk[], { slices, random }: Shelf): Write[] => {
  const free = [...slices].sort(byAge)
  const take = (suits: (slice: EndpointSlice) => boolean) => {
    const at = free.findIndex(suits)
    return at < 0 ? undefined : free.splice(at, 1)[0]
  }
  const writes = chunks.flatMap((chunk): Write[] => {
    const slice = take(one => portsKey(one.ports) === portsKey(chunk.ports)) ?? take(one => isEmpty(one) || chunk.endpoints.length === 0)
    if (!slice) return [{ verb: 'create', kind: endpointSliceKind, manifest: newSlice(service, chunk, randomSuffix(random)) }]
    const metadata = relabelled(slice, service)
    const isWritten = metadata !== undefined || differs(slice, chunk)
    return isWritten ? [{ verb: 'patch', kind: endpointSliceKind, object: slice, body: { ...chunk, ...(metadata && { metadata }) } }] : []
  })
  return [...writes, ...free.map(object => ({ verb: 'delete', kind: endpointSliceKind, object }) as const)]
}

interface Shelf {
  readonly slices: readonly EndpointSlice[]
  readonly random: () => number
}

/** Everything one pass over a Service should write. A Service without pods has one slice, empty: that is news too. */
export const planEndpointSlices = (world: ServiceWorld, random: () => number): Plan => {
  const { service, slices } = world
  if (service.metadata.deletionTimestamp !== undefined) return nothing
  const planned = plannedChunks(world)
  return { writes: fill(service, planned.length > 0 ? planned : [{ ports: [], endpoints: [] }], { slices, random }) }
}
