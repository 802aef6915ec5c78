import { endpointSliceKind, serviceKind } from '../../src/api/kinds.ts'
import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { podSliceOf, selectedBy } from '../support/endpoints.ts'
import type { Chance } from './chance.ts'
import { neighbourNamespace } from './setup.ts'
import type { SimStore } from './sim-store.ts'

export interface SliceRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
}

/** Where Services lead to pods. */
const followed = ['test', neighbourNamespace]

/** One in so many changes reaches the slices of the team late: their controller has more to do than one team's pods. */
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

  const follow = (key: ObjectKey): void => {
    planned.delete(keyText(key))
    const service = store.stored(serviceKind, key)
    const workload = service && selectedBy(store, service)
    const slice = workload && podSliceOf(store, service, workload)
    if (slice) write(slice)
  }

  const delayOf = ({ namespace }: ObjectKey): number =>
    namespace === 'test' && chance.happens(lateShare) ? chance.whole(2000, 20_000) : chance.whole(3, 120)

  const plan = (object: KubeObject): void => {
    const key = keyOf(object)
    if (!followed.includes(key.namespace) || planned.has(keyText(key))) return
    planned.add(keyText(key))
    clock.schedule(delayOf(key), () => follow(key))
  }

  store.cluster.kernel.storage.subscribe('services', ({ type, object }) => {
    if (type !== 'DELETED') plan(object)
  })
  for (const resource of ['deployments.apps', 'daemonsets.apps'])
    store.cluster.kernel.storage.subscribe(resource, () => {
      for (const service of store.storedAll(serviceKind)) plan(service)
    })
}
