import type { KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { httpRouteKind } from '../support/team.ts'
import type { Chance } from './chance.ts'
import { scaleAll } from './scaler-room.ts'
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
    scaleAll(store, name => Math.ceil((room.load * shareOf(name)) / 100))
    accept()
    clock.schedule(scalePeriodMs, scale)
  }

  clock.schedule(scalePeriodMs, scale)
  return room
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
