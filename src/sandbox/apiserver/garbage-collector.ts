import type { KubeObject, OwnerReference } from '../../api/object.ts'
import { policyFinalizers, remove } from './deleting.ts'
import { withField } from './json-value.ts'
import { type Kernel, keyOfObject, storageKey } from './kernel.ts'
import type { Change } from './storage.ts'
import { type Target, withRevision } from './writing.ts'

/** Where an object lives. */
interface Place {
  readonly shelf: string
  readonly key: string
}

const placeText = ({ shelf, key }: Place): string => `${shelf} ${key}`

/** Who depends on whom, and who exists, by uid. */
interface Graph {
  readonly places: Map<string, Place>
  readonly dependents: Map<string, Map<string, Place>>
}

const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] => object?.metadata.ownerReferences ?? []

const unlink = ({ dependents }: Graph, object: KubeObject | undefined, place: Place): void => {
  for (const { uid } of ownersOf(object)) {
    const group = dependents.get(uid)
    group?.delete(placeText(place))
    if (group?.size === 0) dependents.delete(uid)
  }
}

const link = ({ dependents }: Graph, object: KubeObject, place: Place): void => {
  for (const { uid } of ownersOf(object)) {
    const group = dependents.get(uid) ?? new Map<string, Place>()
    group.set(placeText(place), place)
    dependents.set(uid, group)
  }
}

const follow = (graph: Graph, shelf: string, { type, key, object, before }: Change): void => {
  const place = { shelf, key }
  const uid = object.metadata.uid ?? ''
  unlink(graph, before, place)
  if (type === 'DELETED') graph.places.delete(uid)
  else {
    graph.places.set(uid, place)
    link(graph, object, place)
  }
}

const finalizersOf = (object: KubeObject): readonly string[] => object.metadata.finalizers ?? []

const isForeground = (object: KubeObject): boolean => finalizersOf(object).includes(policyFinalizers.Foreground ?? '')

const isOrphaning = (object: KubeObject): boolean => finalizersOf(object).includes(policyFinalizers.Orphan ?? '')

/**
 * Deletes what nobody owns any more and empties namespaces, as the garbage collector and the namespace controller do.
 * It works behind the writes (a task of the clock), so that a client sees the same order of events as with the real ones.
 */
export const startGarbageCollector = (kernel: Kernel): { stop(): void } => {
  const { storage, catalogue, clock } = kernel
  const graph: Graph = { places: new Map(), dependents: new Map() }
  const waiting = new Map<string, Place>()
  let cancel: (() => void) | undefined
  let stopped = false

  const targetOf = ({ shelf, key }: Place): Target | undefined => {
    const resource = catalogue.byId(shelf)
    const version = resource?.versions.find(one => one.name === resource.storageVersion)
    if (!resource || !version) return undefined
    const slash = key.indexOf('/')
    return { endpoint: { resource, version }, namespace: key.slice(0, slash), name: key.slice(slash + 1), subresource: '' }
  }

  const liveAt = ({ shelf, key }: Place): KubeObject | undefined => storage.get(shelf, key)

  const consider = (place: Place): void => {
    waiting.set(placeText(place), place)
    if (cancel || stopped) return
    cancel = clock.schedule(0, work)
  }

  const dependentsOf = (object: KubeObject): Place[] => [...(graph.dependents.get(object.metadata.uid ?? '')?.values() ?? [])]

  const letGo = (place: Place, object: KubeObject, finalizer: string | undefined): void => {
    const finalizers = finalizersOf(object).filter(name => name !== finalizer)
    const metadata = withField({ ...object.metadata }, 'finalizers', finalizers.length === 0 ? undefined : finalizers)
    const next = { ...object, metadata: metadata as unknown as KubeObject['metadata'] }
    if (finalizers.length === 0) storage.remove(place.shelf, place.key)
    else storage.put(place.shelf, place.key, revision => withRevision(next, revision))
  }

  const disown = (place: Place, owner: string): void => {
    const object = liveAt(place)
    if (!object) return
    const left = ownersOf(object).filter(({ uid }) => uid !== owner)
    const metadata = withField({ ...object.metadata }, 'ownerReferences', left.length === 0 ? undefined : left)
    storage.put(place.shelf, place.key, revision =>
      withRevision({ ...object, metadata: metadata as unknown as KubeObject['metadata'] }, revision),
    )
  }

  const removeAt = (place: Place, foreground: boolean): void => {
    const target = targetOf(place)
    const object = liveAt(place)
    if (!target || !object || object.metadata.deletionTimestamp !== undefined) return
    remove(kernel, target, { propagationPolicy: foreground ? 'Foreground' : 'Background' })
  }

  const isBlocking = (place: Place, owner: string): boolean =>
    ownersOf(liveAt(place)).some(reference => reference.uid === owner && reference.blockOwnerDeletion === true)

  const finishForeground = (place: Place, object: KubeObject): void => {
    const dependents = dependentsOf(object)
    for (const dependent of dependents) removeAt(dependent, true)
    const left = dependents.filter(dependent => liveAt(dependent) && isBlocking(dependent, object.metadata.uid ?? ''))
    if (left.length === 0) letGo(place, object, policyFinalizers.Foreground)
  }

  const finishOrphaning = (place: Place, object: KubeObject): void => {
    for (const dependent of dependentsOf(object)) disown(dependent, object.metadata.uid ?? '')
    letGo(place, object, policyFinalizers.Orphan)
  }

  const isOwnedByNobody = (object: KubeObject): boolean => {
    const owners = ownersOf(object)
    return owners.length > 0 && owners.every(({ uid }) => !graph.places.has(uid))
  }

  const contentsOf = (namespace: string): Place[] =>
    catalogue
      .all()
      .filter(resource => resource.namespaced && !resource.isReview)
      .flatMap(({ group, plural }) => {
        const shelf = group === '' ? plural : `${plural}.${group}`
        return storage
          .list(shelf)
          .filter(object => object.metadata.namespace === namespace)
          .map(object => ({ shelf, key: keyOfObject(object) }))
      })

  const emptyNamespace = (object: KubeObject): void => {
    const contents = contentsOf(object.metadata.name)
    for (const place of contents) removeAt(place, false)
    if (contents.some(place => liveAt(place) !== undefined)) return
    if (finalizersOf(object).length === 0) storage.remove('namespaces', storageKey('', object.metadata.name))
  }

  const settleDeleted = (place: Place, object: KubeObject): void => {
    if (isOrphaning(object)) finishOrphaning(place, object)
    else if (isForeground(object)) finishForeground(place, object)
    else if (place.shelf === 'namespaces') emptyNamespace(object)
  }

  const settle = (place: Place): void => {
    const object = liveAt(place)
    if (!object || stopped) return
    if (object.metadata.deletionTimestamp !== undefined) settleDeleted(place, object)
    else if (isOwnedByNobody(object)) removeAt(place, false)
  }

  const work = (): void => {
    cancel = undefined
    const places = [...waiting.values()]
    waiting.clear()
    for (const place of places) settle(place)
  }

  const considerOwnersOf = (object: KubeObject): void => {
    for (const { uid } of ownersOf(object)) {
      const owner = graph.places.get(uid)
      if (owner) consider(owner)
    }
    const { namespace } = object.metadata
    const home = namespace === undefined ? undefined : storage.get('namespaces', storageKey('', namespace))
    if (home?.metadata.deletionTimestamp !== undefined) consider({ shelf: 'namespaces', key: storageKey('', home.metadata.name) })
  }

  storage.subscribeAll((shelf, change) => {
    follow(graph, shelf, change)
    const { object, key, type } = change
    if (type === 'DELETED') {
      for (const dependent of dependentsOf(object)) consider(dependent)
      considerOwnersOf(object)
    } else if (object.metadata.deletionTimestamp !== undefined || ownersOf(object).length > 0) consider({ shelf, key })
  })

  return {
    stop: () => {
      stopped = true
      cancel?.()
    },
  }
}
