import type { KubeObject, ObjectMeta } from '../../api/object.ts'
import type { Cancel } from '../../clock.ts'
import { cleanupFinalizer, policyFinalizers, remove } from './deleting.ts'
import { type JsonObject, withField } from './json-value.ts'
import { type Kernel, keyOfObject, storageKey } from './kernel.ts'
import { OwnerGraph, ownersOf, type Place, placeText } from './owner-graph.ts'
import { shelfOf } from './resource.ts'
import type { Change } from './storage.ts'
import { withRevision } from './storing.ts'
import { rewriteCauses } from './strategies.ts'
import type { Target } from './writing.ts'

const definitionsShelf = 'customresourcedefinitions.apiextensions.k8s.io'

const finalizersOf = (object: KubeObject): readonly string[] => object.metadata.finalizers ?? []

const withList = (object: KubeObject, field: 'finalizers' | 'ownerReferences', list: readonly unknown[]): KubeObject => {
  const metadata: JsonObject = withField({ ...object.metadata }, field, list.length === 0 ? undefined : list)
  return { ...object, metadata: metadata as unknown as ObjectMeta }
}

const isBeingDeleted = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined

/** What happens to the objects that depend on others, in tasks of the clock behind the writes that cause it. */
class GarbageCollector {
  readonly #kernel: Kernel
  readonly #graph = new OwnerGraph()
  readonly #waiting = new Map<string, Place>()
  #cancel: Cancel | undefined
  #stopped = false

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    kernel.storage.subscribeAll((shelf, change) => this.#hear(shelf, change))
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #hear(shelf: string, change: Change): void {
    this.#graph.follow(shelf, change)
    const { object, key, type } = change
    if (type === 'DELETED') {
      for (const dependent of this.#graph.dependentsOf(object)) this.#consider(dependent)
      this.#considerOwnersOf(object)
      this.#considerDefinitionOf(shelf)
    } else if (isBeingDeleted(object) || ownersOf(object).length > 0) this.#consider({ shelf, key })
  }

  #consider(place: Place): void {
    this.#waiting.set(placeText(place), place)
    if (this.#cancel === undefined && !this.#stopped) this.#cancel = this.#kernel.clock.schedule(0, () => this.#work())
  }

  /** An owner or a namespace may have waited for this object to go. */
  #considerOwnersOf(object: KubeObject): void {
    for (const { uid } of ownersOf(object)) {
      const owner = this.#graph.placeOf(uid)
      if (owner) this.#consider(owner)
    }
    const home = { shelf: 'namespaces', key: storageKey('', object.metadata.namespace ?? '') }
    const namespace = this.#liveAt(home)
    if (namespace && isBeingDeleted(namespace)) this.#consider(home)
  }

  /** A definition may have waited for the last object of its kind to go. */
  #considerDefinitionOf(shelf: string): void {
    const place = { shelf: definitionsShelf, key: storageKey('', shelf) }
    const definition = this.#liveAt(place)
    if (definition && isBeingDeleted(definition)) this.#consider(place)
  }

  #work(): void {
    this.#cancel = undefined
    const places = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const place of places) this.#settle(place)
  }

  #settle(place: Place): void {
    const object = this.#liveAt(place)
    if (!object || this.#stopped) return
    if (isBeingDeleted(object)) this.#settleDeleted(place, object)
    else if (this.#graph.isOwnedByNobody(object)) this.#removeAt(place, 'Background')
  }

  #settleDeleted(place: Place, object: KubeObject): void {
    const finalizers = finalizersOf(object)
    if (finalizers.includes(policyFinalizers.Orphan)) this.#orphan(place, object)
    else if (finalizers.includes(policyFinalizers.Foreground)) this.#removeDependentsFirst(place, object)
    else if (finalizers.includes(cleanupFinalizer)) this.#emptyKind(place, object)
    else if (place.shelf === 'namespaces') this.#emptyNamespace(object)
  }

  #orphan(place: Place, object: KubeObject): void {
    const freed = this.#graph.dependentsOf(object).map(dependent => this.#disown(dependent, object.metadata.uid ?? ''))
    if (freed.every(Boolean)) this.#letGo(place, object, policyFinalizers.Orphan)
  }

  #removeDependentsFirst(place: Place, object: KubeObject): void {
    const dependents = this.#graph.dependentsOf(object)
    for (const dependent of dependents) this.#removeAt(dependent, 'Foreground')
    if (!dependents.some(dependent => this.#blocks(dependent, object))) this.#letGo(place, object, policyFinalizers.Foreground)
  }

  #emptyNamespace(object: KubeObject): void {
    const contents = this.#contentsOf(object.metadata.name)
    for (const place of contents) this.#removeAt(place, 'Background')
    const isEmpty = contents.every(place => this.#liveAt(place) === undefined)
    if (isEmpty && finalizersOf(object).length === 0) this.#kernel.storage.remove('namespaces', storageKey('', object.metadata.name))
  }

  /** A definition is called after the shelf on which the objects of its kind are kept. */
  #emptyKind(place: Place, definition: KubeObject): void {
    const shelf = definition.metadata.name
    const { storage } = this.#kernel
    for (const object of storage.list(shelf)) this.#removeAt({ shelf, key: keyOfObject(object) }, 'Background')
    if (storage.list(shelf).length === 0) this.#letGo(place, definition, cleanupFinalizer)
  }

  #contentsOf(namespace: string): readonly Place[] {
    const { catalogue, storage } = this.#kernel
    const shelves = new Set(
      catalogue
        .all()
        .filter(resource => resource.namespaced)
        .map(shelfOf),
    )
    return [...shelves].flatMap(shelf =>
      storage
        .list(shelf)
        .filter(object => object.metadata.namespace === namespace)
        .map(object => ({ shelf, key: keyOfObject(object) })),
    )
  }

  #blocks(place: Place, owner: KubeObject): boolean {
    return ownersOf(this.#liveAt(place)).some(({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true)
  }

  #letGo({ shelf, key }: Place, object: KubeObject, finalizer: string): void {
    const left = finalizersOf(object).filter(name => name !== finalizer)
    if (left.length === 0) this.#kernel.storage.remove(shelf, key)
    else this.#kernel.storage.put(shelf, key, revision => withRevision(withList(object, 'finalizers', left), revision))
  }

  /** By a strategic merge; false where the server refuses that. */
  #disown(place: Place, owner: string): boolean {
    const object = this.#liveAt(place)
    if (!object) return true
    if (rewriteCauses(place.shelf, object as unknown as JsonObject).length > 0) return false
    const left = ownersOf(object).filter(({ uid }) => uid !== owner)
    this.#kernel.storage.put(place.shelf, place.key, revision => withRevision(withList(object, 'ownerReferences', left), revision))
    return true
  }

  #removeAt(place: Place, propagationPolicy: 'Background' | 'Foreground'): void {
    const target = this.#targetOf(place)
    const object = this.#liveAt(place)
    if (target && object && !isBeingDeleted(object)) remove(this.#kernel, target, { propagationPolicy })
  }

  #liveAt({ shelf, key }: Place): KubeObject | undefined {
    return this.#kernel.storage.get(shelf, key)
  }

  #targetOf({ shelf, key }: Place): Target | undefined {
    const resource = this.#kernel.catalogue.byId(shelf)
    const version = resource?.versions.find(one => one.name === resource.storageVersion)
    if (!resource || !version) return undefined
    const slash = key.indexOf('/')
    return { endpoint: { resource, version }, namespace: key.slice(0, slash), name: key.slice(slash + 1), subresource: '' }
  }
}

/**
 * Deletes what nobody owns any more and empties namespaces, as the garbage collector and the namespace controller do.
 * It works behind the writes, so that a client sees the same order of events as with the real ones.
 */
export const startGarbageCollector = (kernel: Kernel): { stop(): void } => new GarbageCollector(kernel)
