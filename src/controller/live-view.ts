import { type KindRef, type KubeObject, keyText, type ObjectKey } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import type { Store } from '../kube/kube-api.ts'

/** Text that names one object of one kind. */
export const objectId = (kind: KindRef, key: ObjectKey): string => `${kind.apiVersion}/${kind.kind}|${keyText(key)}`

const versionOf = (object: KubeObject | undefined): number => Number(object?.metadata.resourceVersion ?? Number.NaN)

/** What we wrote ourselves and the watch has not shown yet: a pass that follows a write must not decide on what was before it. */
export interface OwnWrites {
  /** Remembers the server's answer to a write. */
  wrote(kind: KindRef, object: KubeObject): void
  /** The newer of what is cached and what we wrote. */
  newest(kind: KindRef, key: ObjectKey, cached: KubeObject | undefined): KubeObject | undefined
  /** Whether this version is (or is older than) one of ours. */
  covers(kind: KindRef, object: KubeObject): boolean
  forget(kind: KindRef, key: ObjectKey): void
}

/** Versions are compared as numbers to see which is newer, never to decide what to write. */
export const createOwnWrites = (): OwnWrites => {
  const written = new Map<string, KubeObject>()
  const idOf = (kind: KindRef, { metadata }: KubeObject) => objectId(kind, { namespace: metadata.namespace ?? '', name: metadata.name })
  return {
    wrote: (kind, object) => {
      written.set(idOf(kind, object), object)
    },
    newest: (kind, key, cached) => {
      const id = objectId(kind, key)
      const own = written.get(id)
      if (!own) return cached
      if (cached && !(versionOf(own) > versionOf(cached))) {
        written.delete(id)
        return cached
      }
      return own
    },
    covers: (kind, object) => {
      const own = written.get(idOf(kind, object))
      return own !== undefined && versionOf(object) <= versionOf(own)
    },
    forget: (kind, key) => {
      written.delete(objectId(kind, key))
    },
  }
}

export interface RecordedLive extends Live {
  /** Every object that was looked at, found or not. */
  readonly seen: ReadonlySet<string>
}

/** A view of the caches for one pass, which remembers what was looked at: a change of any of it wakes the Canary. */
export const recordedLive = (storeOf: (kind: KindRef) => Store | undefined, own: OwnWrites): RecordedLive => {
  const seen = new Set<string>()
  return {
    seen,
    get: (kind, key) => {
      seen.add(objectId(kind, key))
      return own.newest(kind, key, storeOf(kind)?.get(key))
    },
    list: (kind, namespace) => storeOf(kind)?.list(namespace) ?? [],
  }
}

/** Which Canaries looked at which objects in their last pass. */
export interface Interests {
  set(canary: string, ids: ReadonlySet<string>): void
  /** Canaries to wake when this object changes. */
  of(id: string): ReadonlySet<string>
  remove(canary: string): void
}

const nobody: ReadonlySet<string> = new Set()

export const createInterests = (): Interests => {
  const byCanary = new Map<string, ReadonlySet<string>>()
  const byObject = new Map<string, Set<string>>()
  const drop = (canary: string) => {
    for (const id of byCanary.get(canary) ?? nobody) {
      const interested = byObject.get(id)
      interested?.delete(canary)
      if (interested?.size === 0) byObject.delete(id)
    }
    byCanary.delete(canary)
  }
  return {
    of: id => byObject.get(id) ?? nobody,
    remove: drop,
    set: (canary, ids) => {
      if (sameSet(byCanary.get(canary), ids)) return
      drop(canary)
      byCanary.set(canary, ids)
      for (const id of ids) {
        const interested = byObject.get(id) ?? new Set()
        byObject.set(id, interested.add(canary))
      }
    },
  }
}

const sameSet = (a: ReadonlySet<string> | undefined, b: ReadonlySet<string>): boolean =>
  a !== undefined && a.size === b.size && [...b].every(id => a.has(id))
