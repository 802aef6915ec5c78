import { endpointSliceKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { resourceId } from '../../src/sandbox/apiserver/resource.ts'
import type { Chance } from './chance.ts'
import type { PodMood } from './pod-room.ts'
import type { SimStore } from './sim-store.ts'
import { qualityOf } from './versions.ts'

export interface ServiceRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
  readonly mood: PodMood
}

/** Pods that a team runs by itself for a Service that selects a version, as its EndpointSlice shows them. */
export interface ServiceRoom {
  /** All pods behind a track fall over and have to come up again. */
  shake(track: string): void
}

interface Crowd {
  readonly version: string
  isUp: boolean
}

const versionIn = (service: KubeObject): string | undefined =>
  (service['spec'] as { readonly selector?: { readonly version?: string } }).selector?.version

/** The workload behind the Service of the canary has the name of the target. */
const workloadOf = (service: string): string => service.replace(/-canary$/, '')

export const createServiceRoom = ({ clock, chance, store, mood }: ServiceRoomOptions): ServiceRoom => {
  const crowds = new Map<string, Crowd>()

  const publish = (name: string, { isUp }: Crowd): void => {
    const service = store.stored(serviceKind, { namespace: 'test', name })
    if (!service) return
    const slice = sliceOf(service, isUp)
    const key = { namespace: 'test', name: slice.metadata.name }
    const known = store.stored(endpointSliceKind, key)
    const { labels = {} } = slice.metadata
    const body = { metadata: { labels }, endpoints: slice['endpoints'] }
    if (known) store.cluster.patch(endpointSliceKind, key, { type: 'merge', body, manager })
    else store.cluster.create(endpointSliceKind, slice as unknown as Readonly<Record<string, unknown>>, { manager })
  }

  const fall = (name: string, crowd: Crowd): void => {
    if (crowds.get(name) !== crowd || !crowd.isUp) return
    crowd.isUp = false
    publish(name, crowd)
    comeUp(name, crowd)
  }

  const comeUp = (name: string, crowd: Crowd): void => {
    const { pods, startMs } = qualityOf(`podinfo:${crowd.version}`)
    if (pods === 'crash' || (pods === 'crash in the primary' && name.endsWith('-primary'))) return
    clock.schedule(chance.whole(...startMs), () => {
      if (crowds.get(name) !== crowd) return
      if (mood.isFull || mood.withered.has(workloadOf(name))) return comeUp(name, crowd)
      crowd.isUp = true
      publish(name, crowd)
      if (pods === 'flap') clock.schedule(chance.whole(5000, 40_000), () => fall(name, crowd))
    })
  }

  store.cluster.kernel.storage.subscribe(resourceId({ group: '', plural: 'services' }), ({ type, object }) => {
    const { name } = object.metadata
    const version = versionIn(object)
    if (type === 'DELETED') crowds.delete(name)
    if (type === 'DELETED' || version === undefined || crowds.get(name)?.version === version) return
    const crowd: Crowd = { version, isUp: false }
    crowds.set(name, crowd)
    clock.schedule(chance.whole(3, 80), () => {
      if (crowds.get(name) === crowd) publish(name, crowd)
    })
    comeUp(name, crowd)
  })

  return {
    shake: track => {
      for (const [name, crowd] of crowds) if (workloadOf(name) === track) fall(name, crowd)
    },
  }
}

const manager = 'kube-controller-manager'

const sliceOf = ({ apiVersion, kind, metadata }: KubeObject, ready: boolean): KubeObject => ({
  apiVersion: endpointSliceKind.apiVersion,
  kind: endpointSliceKind.kind,
  metadata: {
    name: `${metadata.name}-1`,
    namespace: metadata.namespace ?? '',
    labels: { ...metadata.labels, 'kubernetes.io/service-name': metadata.name },
    ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
  },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.0.1'], conditions: { ready }, targetRef: { kind: 'Pod', name: `${metadata.name}-pod` } }],
  ports: [{ name: 'http', port: 9898, protocol: 'TCP' }],
})
