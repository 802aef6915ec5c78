import { type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { CanaryError } from '../errors.ts'
import { deepFreeze } from './freeze.ts'
import type { Store, StoreEvent } from './kube-api.ts'
import { withPartsOf } from './same-parts.ts'

/** The values under which an object is found; none keeps it out of the index. */
export type IndexFunction = (object: KubeObject) => readonly string[]
export type Indexes = Readonly<Record<string, IndexFunction>>

/** Somebody asked for an index that nobody declared. */
export class UnknownIndex extends CanaryError {
  readonly code = 'UnknownIndex'
  readonly disposition = 'terminal'
}

/** A store with its writing side; only its reflector holds that. */
export interface WritableStore extends Store {
  readonly size: number
  keys(): readonly ObjectKey[]
  /** Takes the object in, made of the parts of the version before it where they say the same, and freezes it. The same version says nothing; a new uid under an old name is a deletion and an addition. */
  put(object: KubeObject): readonly StoreEvent[]
  remove(key: ObjectKey): readonly StoreEvent[]
  /** Adds an index over what is there and what will come. */
  addIndex(name: string, values: IndexFunction): void
}

/** Objects by namespace, then by name. */
type Shelf = Map<string, Map<string, KubeObject>>

interface Index {
  readonly valuesOf: IndexFunction
  readonly byValue: Map<string, Map<string, KubeObject>>
}

const addTo = (groups: Map<string, Map<string, KubeObject>>, group: string, [name, object]: readonly [string, KubeObject]): void => {
  const members = groups.get(group)
  if (members) members.set(name, object)
  else groups.set(group, new Map([[name, object]]))
}

const removeFrom = (groups: Map<string, Map<string, KubeObject>>, group: string, name: string): void => {
  const members = groups.get(group)
  members?.delete(name)
  if (members?.size === 0) groups.delete(group)
}

export const createStore = (indexes: Indexes = {}): WritableStore => {
  const shelf: Shelf = new Map()
  const byName = new Map<string, Index>(Object.entries(indexes).map(([name, valuesOf]) => [name, { valuesOf, byValue: new Map() }]))
  let size = 0

  const find = ({ namespace, name }: ObjectKey) => shelf.get(namespace)?.get(name)
  const everything = () => [...shelf.values()].flatMap(objects => [...objects.values()])

  const take = (object: KubeObject) => {
    const key = keyOf(object)
    for (const { valuesOf, byValue } of byName.values()) for (const value of valuesOf(object)) removeFrom(byValue, value, keyText(key))
    removeFrom(shelf, key.namespace, key.name)
    size--
  }

  const place = (object: KubeObject) => {
    const key = keyOf(object)
    // Values first: an index function that throws on a garbled object must leave the store as it was.
    const wanted = [...byName.values()].map(index => ({ index, values: index.valuesOf(object) }))
    const before = find(key)
    if (before) take(before)
    for (const { index, values } of wanted) for (const value of values) addTo(index.byValue, value, [keyText(key), object])
    addTo(shelf, key.namespace, [key.name, object])
    size++
  }

  return {
    get: find,
    list: namespace => (namespace === undefined ? everything() : [...(shelf.get(namespace)?.values() ?? [])]),
    byIndex: (name, value) => {
      const index = byName.get(name)
      if (!index) throw new UnknownIndex(`unknown index ${JSON.stringify(name)}, expected one of: ${[...byName.keys()].join(', ')}`)
      return [...(index.byValue.get(value)?.values() ?? [])]
    },
    get size() {
      return size
    },
    keys: () => everything().map(keyOf),
    put: object => {
      const before = find(keyOf(object))
      if (before && before.metadata.uid === object.metadata.uid && before.metadata.resourceVersion === object.metadata.resourceVersion)
        return []
      const kept = deepFreeze(withPartsOf(before, object))
      place(kept)
      return changeOf(before, kept)
    },
    remove: key => {
      const before = find(key)
      if (!before) return []
      take(before)
      return [{ type: 'deleted', object: before }]
    },
    addIndex: (name, valuesOf) => {
      if (byName.get(name)?.valuesOf === valuesOf) return
      const index: Index = { valuesOf, byValue: new Map() }
      for (const object of everything()) for (const value of valuesOf(object)) addTo(index.byValue, value, [keyText(keyOf(object)), object])
      byName.set(name, index)
    },
  }
}

const changeOf = (before: KubeObject | undefined, object: KubeObject): readonly StoreEvent[] => {
  if (!before) return [{ type: 'added', object }]
  if (before.metadata.uid === object.metadata.uid) return [{ type: 'updated', object, before }]
  return [
    { type: 'deleted', object: before },
    { type: 'added', object },
  ]
}
