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
  /** Whether a former version can still be listed. */
  remembers(shelf: string, at: number | undefined): boolean
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

const isOutOfHistory = 'The resourceVersion for the provided list is too old.'

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

class MemoryStorage implements Storage {
  readonly #historyLimit: number
  readonly #shelves = new Map<string, Shelf>()
  readonly #everywhere: ((shelf: string, change: Change) => void)[] = []
  #revision = 0
  #compactedTo = 0

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit
  }

  revision(): number {
    return this.#revision
  }

  get(name: string, key: string): KubeObject | undefined {
    return this.#shelves.get(name)?.objects.get(key)
  }

  list(name: string, at?: number): readonly KubeObject[] {
    const shelf = this.#shelfOf(name)
    if (at === undefined || at === this.#revision) return presentObjects(shelf)
    if (at > this.#revision) throw versionTooLarge(at, this.#revision)
    if (at < shelf.compactedTo) throw expired(isOutOfHistory)
    return pastObjects(shelf, at)
  }

  remembers(name: string, at: number | undefined): boolean {
    return at === undefined || at === this.#revision || at >= this.#shelfOf(name).compactedTo
  }

  put(name: string, key: string, build: (revision: number) => KubeObject): KubeObject {
    const shelf = this.#shelfOf(name)
    const before = shelf.objects.get(key)
    this.#revision += 1
    const object = build(this.#revision)
    shelf.objects.set(key, object)
    if (!before) shelf.sortedKeys = undefined
    const change = { revision: this.#revision, key, object }
    this.#record(shelf, before ? { ...change, type: 'MODIFIED', before } : { ...change, type: 'ADDED' })
    return object
  }

  remove(name: string, key: string): KubeObject | undefined {
    const shelf = this.#shelfOf(name)
    const before = shelf.objects.get(key)
    if (!before) return undefined
    this.#revision += 1
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(this.#revision) } }
    shelf.objects.delete(key)
    shelf.sortedKeys = undefined
    this.#record(shelf, { revision: this.#revision, type: 'DELETED', key, object, before })
    return object
  }

  since(name: string, from: number): readonly Change[] {
    const shelf = this.#shelfOf(name)
    if (from < shelf.compactedTo) throw expired(`too old resource version: ${from} (${shelf.compactedTo})`)
    return shelf.history.slice(indexAfter(shelf.history, from))
  }

  subscribe(name: string, listener: (change: Change) => void): () => void {
    const { listeners } = this.#shelfOf(name)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  subscribeAll(listener: (shelf: string, change: Change) => void): void {
    this.#everywhere.push(listener)
  }

  compact(): void {
    this.#compactedTo = this.#revision
    for (const shelf of this.#shelves.values()) {
      shelf.history = []
      shelf.compactedTo = this.#revision
    }
  }

  #shelfOf(name: string): Shelf {
    const known = this.#shelves.get(name)
    if (known) return known
    const shelf: Shelf = {
      name,
      objects: new Map(),
      sortedKeys: undefined,
      history: [],
      compactedTo: this.#compactedTo,
      listeners: new Set(),
    }
    this.#shelves.set(name, shelf)
    return shelf
  }

  #record(shelf: Shelf, change: Change): void {
    shelf.history.push(change)
    trim(shelf, this.#historyLimit)
    for (const listener of this.#everywhere) listener(shelf.name, change)
    for (const listener of [...shelf.listeners]) listener(change)
  }
}

/** @param historyLimit how many changes of a kind watches can be replayed from */
export const createStorage = ({ historyLimit = 4096 } = {}): Storage => new MemoryStorage(historyLimit)
