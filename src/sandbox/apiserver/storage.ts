import type { KubeObject } from '../../api/object.ts'
import { expired, versionTooLarge } from './status.ts'

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One write, as watches replay it. A deleted object carries the version of its deletion. */
export interface Change {
  readonly revision: number
  readonly type: ChangeType
  readonly key: string
  readonly object: KubeObject
  readonly before?: KubeObject
}

/** Everything of one kind: what is, and what lately was. Objects are never changed in place. */
interface Shelf {
  readonly name: string
  readonly objects: Map<string, KubeObject>
  sortedKeys: readonly string[] | undefined
  history: Change[]
  /** Versions up to this one are forgotten. */
  compactedTo: number
  readonly listeners: Set<(change: Change) => void>
}

/** Versioned objects in memory: one counter for all kinds, a bounded history per kind. No clock, no sockets, no chance. */
export interface Storage {
  /** The version of the last write. */
  revision(): number
  get(shelf: string, key: string): KubeObject | undefined
  /** All objects in the order of their keys, as they were at `revision` (now, when absent). @throws {StatusError} 410 when that is forgotten */
  list(shelf: string, at?: number): readonly KubeObject[]
  /** Stores what `build` makes of the new version, creating or replacing. Listeners hear it before this returns. */
  put(shelf: string, key: string, build: (revision: number) => KubeObject): KubeObject
  remove(shelf: string, key: string): KubeObject | undefined
  /** What happened after `revision`. @throws {StatusError} 410 when part of it is forgotten */
  since(shelf: string, revision: number): readonly Change[]
  subscribe(shelf: string, listener: (change: Change) => void): () => void
  /** Hears every change of every kind, before the listeners of that kind. */
  subscribeAll(listener: (shelf: string, change: Change) => void): void
  /** Forgets the history up to now, as a compaction of etcd does. */
  compact(): void
}

const isOutOfHistory =
  'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.'

const trim = (shelf: Shelf, limit: number): void => {
  // Half a limit of slack makes the cost of dropping one array copy per many writes.
  if (shelf.history.length < limit * 1.5) return
  const dropped = shelf.history.length - limit
  shelf.compactedTo = shelf.history[dropped - 1]?.revision ?? shelf.compactedTo
  shelf.history = shelf.history.slice(dropped)
}

const sortedKeys = (shelf: Shelf): readonly string[] => {
  shelf.sortedKeys ??= [...shelf.objects.keys()].sort()
  return shelf.sortedKeys
}

const presentObjects = (shelf: Shelf): readonly KubeObject[] =>
  sortedKeys(shelf).flatMap(key => {
    const object = shelf.objects.get(key)
    return object ? [object] : []
  })

/** The objects of a former version: what is now, with all later writes taken back. */
const pastObjects = (shelf: Shelf, at: number): readonly KubeObject[] => {
  const past = new Map(shelf.objects)
  for (const change of shelf.history.toReversed()) {
    if (change.revision <= at) break
    if (change.before) past.set(change.key, change.before)
    else past.delete(change.key)
  }
  return [...past].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object)
}

const indexAfter = (history: readonly Change[], revision: number): number => {
  let low = 0
  let high = history.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((history[middle]?.revision ?? 0) <= revision) low = middle + 1
    else high = middle
  }
  return low
}

/** @param historyLimit how many changes of a kind watches can be replayed from */
export const createStorage = ({ historyLimit = 4096 } = {}): Storage => {
  const shelves = new Map<string, Shelf>()
  const everywhere: ((shelf: string, change: Change) => void)[] = []
  let revision = 0
  let compactedTo = 0

  const shelfOf = (name: string): Shelf => {
    const known = shelves.get(name)
    if (known) return known
    const shelf: Shelf = { name, objects: new Map(), sortedKeys: undefined, history: [], compactedTo, listeners: new Set() }
    shelves.set(name, shelf)
    return shelf
  }

  const record = (shelf: Shelf, change: Change): void => {
    shelf.history.push(change)
    trim(shelf, historyLimit)
    for (const listener of everywhere) listener(shelf.name, change)
    for (const listener of [...shelf.listeners]) listener(change)
  }

  const put: Storage['put'] = (name, key, build) => {
    const shelf = shelfOf(name)
    const before = shelf.objects.get(key)
    revision += 1
    const object = build(revision)
    shelf.objects.set(key, object)
    if (before) record(shelf, { revision, type: 'MODIFIED', key, object, before })
    else {
      shelf.sortedKeys = undefined
      record(shelf, { revision, type: 'ADDED', key, object })
    }
    return object
  }

  const remove: Storage['remove'] = (name, key) => {
    const shelf = shelfOf(name)
    const before = shelf.objects.get(key)
    if (!before) return undefined
    revision += 1
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(revision) } }
    shelf.objects.delete(key)
    shelf.sortedKeys = undefined
    record(shelf, { revision, type: 'DELETED', key, object, before })
    return object
  }

  const list: Storage['list'] = (name, at) => {
    const shelf = shelfOf(name)
    if (at === undefined || at === revision) return presentObjects(shelf)
    if (at > revision) throw versionTooLarge(at, revision)
    if (at < shelf.compactedTo) throw expired(isOutOfHistory)
    return pastObjects(shelf, at)
  }

  const since: Storage['since'] = (name, from) => {
    const shelf = shelfOf(name)
    if (from < shelf.compactedTo) throw expired(`too old resource version: ${from} (${shelf.compactedTo})`)
    return shelf.history.slice(indexAfter(shelf.history, from))
  }

  const subscribe: Storage['subscribe'] = (name, listener) => {
    const { listeners } = shelfOf(name)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  const compact = (): void => {
    compactedTo = revision
    for (const shelf of shelves.values()) {
      shelf.history = []
      shelf.compactedTo = revision
    }
  }

  return {
    revision: () => revision,
    get: (name, key) => shelfOf(name).objects.get(key),
    list,
    put,
    remove,
    since,
    subscribe,
    subscribeAll: listener => {
      everywhere.push(listener)
    },
    compact,
  }
}
