import { endpointSliceKind, serviceKind } from '../../src/api/kinds.ts'
import { type KubeObject, keyOf } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { podSliceOf, selectedBy } from '../support/endpoints.ts'
import type { Chance } from './chance.ts'
import type { SimStore } from './sim-store.ts'

export interface SliceRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
}

/** One in so many changes reaches the slices late: their controller has more to do than one team's pods. */
const lateShare = 0.03

/** What the controller of EndpointSlices makes of Services that select the pods of a workload: a little later than the workload says so. */
export const createSliceRoom = ({ clock, chance, store }: SliceRoomOptions): void => {
  const planned = new Set<string>()
  const manager = 'kube-controller-manager'

  const write = (slice: KubeObject): void => {
    const key = keyOf(slice)
    const {
      metadata: { labels },
      endpoints,
    } = slice as KubeObject & { readonly endpoints: unknown }
    if (store.stored(endpointSliceKind, key))
      store.cluster.patch(endpointSliceKind, key, { type: 'merge', body: { metadata: { labels }, endpoints }, manager })
    else store.cluster.create(endpointSliceKind, slice as unknown as Readonly<Record<string, unknown>>, { manager })
  }

  const follow = (name: string): void => {
    planned.delete(name)
    const service = store.stored(serviceKind, { namespace: 'test', name })
    const workload = service && selectedBy(store, service)
    const slice = workload && podSliceOf(store, service, workload)
    if (slice) write(slice)
  }

  const plan = (name: string): void => {
    if (planned.has(name)) return
    planned.add(name)
    clock.schedule(chance.happens(lateShare) ? chance.whole(2000, 20_000) : chance.whole(3, 120), () => follow(name))
  }

  store.cluster.kernel.storage.subscribe('services', ({ type, object }) => {
    if (type !== 'DELETED' && object.metadata.namespace === 'test') plan(object.metadata.name)
  })
  for (const resource of ['deployments.apps', 'daemonsets.apps'])
    store.cluster.kernel.storage.subscribe(resource, () => {
      for (const service of store.storedAll(serviceKind)) if (service.metadata.namespace === 'test') plan(service.metadata.name)
    })
}
