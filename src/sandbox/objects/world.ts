import type { KindRef, KubeObject, ObjectKey } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi, Store, StoreEvent } from '../../kube/kube-api.ts'
import { createReflector, type OwnedReflector } from '../../kube/reflector.ts'
import { isOlderVersion } from '../../kube/resource-version.ts'
import type { Indexes } from '../../kube/store.ts'

/** One kind to keep a copy of. */
export interface Watched {
  readonly kind: KindRef
  readonly indexes?: Indexes
  readonly fieldSelector?: string
}

/** Copies of several kinds, kept true by one reflector each. */
export interface World {
  store(kind: KindRef): Store
  onEvent(kind: KindRef, handler: (event: StoreEvent) => void): void
  /** Whether every kind has been listed once. */
  hasSynced(): boolean
  /** Whether this version of an object, or a newer one, has arrived here. */
  hasSeen(kind: KindRef, object: KubeObject): boolean
  /** Runs until `io.signal` aborts. */
  run(io: Io): Promise<void>
}

const keyOfObject = ({ metadata }: KubeObject): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name })

export const createWorld = (api: KubeApi, watched: readonly Watched[]): World => {
  const reflectors = new Map<string, OwnedReflector>(watched.map(one => [one.kind.plural, createReflector({ api, ...one })]))
  const of = ({ plural }: KindRef): OwnedReflector => {
    const reflector = reflectors.get(plural)
    if (!reflector) throw new Error(`${plural} are not watched here, expected one of: ${[...reflectors.keys()].join(', ')}`)
    return reflector
  }
  return {
    store: kind => of(kind).store,
    onEvent: (kind, handler) => of(kind).onEvent(handler),
    hasSynced: () => [...reflectors.values()].every(reflector => reflector.hasSynced()),
    hasSeen: (kind, object) => {
      const { resourceVersion } = object.metadata
      const held = of(kind).store.get(keyOfObject(object))?.metadata.resourceVersion
      const heldIsNew = held !== undefined && !isOlderVersion(held, resourceVersion)
      return heldIsNew || !isOlderVersion(of(kind).lastVersion(), resourceVersion)
    },
    run: async io => {
      await Promise.all([...reflectors.values()].map(reflector => reflector.run(io)))
    },
  }
}
