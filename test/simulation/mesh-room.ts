import { deploymentKind, horizontalPodAutoscalerKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { httpRouteKind } from '../support/team.ts'
import type { Chance } from './chance.ts'
import type { SimStore } from './sim-store.ts'

type Fields = Readonly<Record<string, unknown>>
const specOf = (object: KubeObject): Fields => object['spec'] as Fields

/** What a gateway's controller and an autoscaler make of routes and load. */
export interface MeshRoom {
  /** Whether the gateway's controller looks at routes at all. */
  isDeaf: boolean
  /** How many pods all the traffic needs. */
  load: number
}

export interface MeshRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
  /** Percent of the requests that a Deployment gets just now. */
  shareOf(deployment: string): number
}

const scalePeriodMs = 15_000

export const createMeshRoom = ({ clock, chance, store, shareOf }: MeshRoomOptions): MeshRoom => {
  const room: MeshRoom = { isDeaf: false, load: 3 }

  const accept = (): void => {
    if (room.isDeaf) return
    for (const route of store.storedAll(httpRouteKind)) {
      const status = acceptedStatus(route)
      if (status) store.cluster.update(httpRouteKind, { ...route, status }, { subresource: 'status', manager: 'gateway' })
    }
  }
  store.cluster.kernel.storage.subscribe('httproutes.gateway.networking.k8s.io', ({ type, object, before }) => {
    if (type !== 'DELETED' && before?.metadata.generation !== object.metadata.generation) clock.schedule(chance.whole(5, 400), accept)
  })

  const scale = (): void => {
    for (const scaler of store.storedAll(horizontalPodAutoscalerKind)) scaleOne(scaler)
    accept()
    clock.schedule(scalePeriodMs, scale)
  }

  const scaleOne = (scaler: KubeObject): void => {
    const { scaleTargetRef, minReplicas = 1, maxReplicas = 1 } = specOf(scaler) as unknown as ScalerSpec
    const { name } = scaleTargetRef
    const found = store.stored(deploymentKind, { namespace: 'test', name })
    const replicas = Number((found && specOf(found)['replicas']) ?? 0)
    const wanted = Math.min(maxReplicas, Math.max(minReplicas, Math.ceil((room.load * shareOf(name)) / 100)))
    if (replicas === 0 || replicas === wanted) return
    const body = { spec: { replicas: wanted } }
    store.cluster.patch(deploymentKind, { namespace: 'test', name }, { type: 'merge', body, manager: 'horizontal-pod-autoscaler' })
  }
  clock.schedule(scalePeriodMs, scale)
  return room
}

interface ScalerSpec {
  readonly scaleTargetRef: { readonly name: string }
  readonly minReplicas?: number
  readonly maxReplicas?: number
}

/** What the gateway's controller says of a route; undefined when it said so already. */
const acceptedStatus = (route: KubeObject): Fields | undefined => {
  const { generation = 1 } = route.metadata
  const status = route['status'] as { parents?: { conditions?: { observedGeneration: number }[] }[] } | undefined
  if (status?.parents?.[0]?.conditions?.[0]?.observedGeneration === generation) return undefined
  const [parentRef] = (specOf(route)['parentRefs'] ?? []) as readonly unknown[]
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    observedGeneration: generation,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }))
  return { parents: [{ parentRef, controllerName: 'sim/gateway', conditions }] }
}
