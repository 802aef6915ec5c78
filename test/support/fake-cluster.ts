import { isDeepStrictEqual } from 'node:util'
import { type KubeObject, keyOf, keyText, type ObjectKey, type ObjectMeta } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import type { WatchEvent } from '../../src/kube/kube-api.ts'

interface Change {
  readonly version: number
  readonly event: WatchEvent
}

/** What the API server's database does: versions, uids, generations, finalizers, garbage collection, and a history that can be compacted. */
export interface FakeCluster {
  version(): string
  /** Objects of one kind in a stable order. */
  list(kind: string): readonly KubeObject[]
  get(kind: string, key: ObjectKey): KubeObject | undefined
  /** Stores what `object` says; nothing happens when that is what is stored. Answers with what is stored now. */
  save(object: KubeObject): KubeObject
  /** Deletes, or marks for deletion while finalizers hold it. */
  remove(kind: string, key: ObjectKey): void
  /** Changes of a kind after a version; undefined when they are compacted. */
  since(kind: string, version: number): readonly Change[] | undefined
  compact(): void
  /** Hears every change. */
  onChange(listener: (kind: string, change: Change) => void): void
}

/** How kinds are told apart: the same kind in another version is another collection here. */
export const kindText = ({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string => `${apiVersion}/${kind}`

const serverFields: readonly (keyof ObjectMeta)[] = ['uid', 'resourceVersion', 'generation', 'creationTimestamp']

const specOf = ({ metadata: _, status: __, ...rest }: KubeObject) => rest

export const createFakeCluster = (clock: Clock, startVersion = 100): FakeCluster => {
  const kinds = new Map<string, Map<string, KubeObject>>()
  /** Lists are asked for much more often than they change. */
  const lists = new Map<string, readonly KubeObject[]>()
  const history: { kind: string; change: Change }[] = []
  const listeners: ((kind: string, change: Change) => void)[] = []
  let version = startVersion
  let compactedAt = startVersion
  let uids = 0

  const objectsOf = (kind: string) => {
    const objects = kinds.get(kind) ?? new Map<string, KubeObject>()
    kinds.set(kind, objects)
    return objects
  }

  const record = (type: WatchEvent['type'], object: KubeObject) => {
    const kind = kindText(object)
    lists.delete(kind)
    const change = { version, event: { type, object } }
    history.push({ kind, change })
    for (const listener of listeners) listener(kind, change)
  }

  const stamped = (object: KubeObject, before: KubeObject | undefined): KubeObject => {
    const generation = before?.metadata.generation ?? 0
    const specChanged = before === undefined || !isDeepStrictEqual(specOf(before), specOf(object))
    const metadata = {
      ...object.metadata,
      uid: before?.metadata.uid ?? object.metadata.uid ?? `uid-${++uids}`,
      generation: specChanged ? generation + 1 : generation,
      creationTimestamp: before?.metadata.creationTimestamp ?? new Date(clock.nowMs()).toISOString().replace(/\.\d+/, ''),
      resourceVersion: String(version),
    }
    return deepFreeze(structuredClone({ ...object, metadata }))
  }

  const comparable = (object: KubeObject) => ({
    ...object,
    metadata: Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !serverFields.includes(name as keyof ObjectMeta))),
  })

  const list = (kind: string): readonly KubeObject[] => {
    const known = lists.get(kind)
    if (known) return known
    const inOrder = [...objectsOf(kind)].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
    lists.set(kind, inOrder)
    return inOrder
  }

  const drop = (object: KubeObject) => {
    version++
    objectsOf(kindText(object)).delete(keyText(keyOf(object)))
    record('DELETED', deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } }))
    for (const objects of kinds.values()) {
      for (const dependent of [...objects.values()]) {
        const owned = dependent.metadata.ownerReferences?.some(owner => owner.uid === object.metadata.uid)
        if (owned) drop(dependent)
      }
    }
  }

  const save = (object: KubeObject): KubeObject => {
    const objects = objectsOf(kindText(object))
    const key = keyText(keyOf(object))
    const before = objects.get(key)
    if (before && isDeepStrictEqual(comparable(before), comparable(object))) return before
    if (before?.metadata.deletionTimestamp && (object.metadata.finalizers ?? []).length === 0) {
      drop(before)
      return before
    }
    version++
    const after = stamped(object, before)
    objects.set(key, after)
    record(before ? 'MODIFIED' : 'ADDED', after)
    return after
  }

  return {
    version: () => String(version),
    list,
    get: (kind, key) => objectsOf(kind).get(keyText(key)),
    save,
    remove: (kind, key) => {
      const object = objectsOf(kind).get(keyText(key))
      if (!object) return
      // One without finalizers that is on its way out is a pod in its grace period: whoever deletes it again has no patience left.
      if ((object.metadata.finalizers ?? []).length === 0) return drop(object)
      if (object.metadata.deletionTimestamp) return
      save({ ...object, metadata: { ...object.metadata, deletionTimestamp: new Date(clock.nowMs()).toISOString() } })
    },
    since: (kind, from) =>
      from < compactedAt ? undefined : history.filter(one => one.kind === kind && one.change.version > from).map(one => one.change),
    compact: () => {
      compactedAt = version
      history.length = 0
    },
    onChange: listener => void listeners.push(listener),
  }
}
