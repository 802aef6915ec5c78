import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { isOlderVersion } from '../kube/resource-version.ts'
import type { Stores } from './stores.ts'

/** Text that names one object of one kind. */
export const objectId = (kind: KindRef, key: ObjectKey): string => `${kind.apiVersion}/${kind.kind}|${keyText(key)}`

/** What a watch has told of one object, and up to which version it has told everything of its kind. */
export interface Told {
  readonly object: KubeObject | undefined
  readonly upTo: string
}

/** What we wrote ourselves and the watch has not shown yet: a pass that follows a write must not decide on what was before it. */
export interface OwnWrites {
  /** Remembers the server's answer to a write. */
  wrote(kind: KindRef, object: KubeObject): void
  /** We deleted it: it is not there any more, whatever the cache still shows. */
  deleted(kind: KindRef, object: KubeObject): void
  /** The newer of what the watch told of the object of this id and what we wrote. */
  newest(id: string, told: Told): KubeObject | undefined
  /** A watch told of a change. True when that is no news: our own write, or something before it. */
  heard(kind: KindRef, object: KubeObject, told: Told): boolean
}

const versionOf = ({ metadata }: KubeObject): string | undefined => metadata.resourceVersion
/** Versions are compared to see which is newer, never to decide what to write. */
const isOlder = (a: KubeObject, b: KubeObject): boolean => isOlderVersion(versionOf(a), versionOf(b))

interface Written {
  readonly object: KubeObject
  /** The version up to which the watch had told everything when the server answered. */
  readonly toldUpTo: string
}

export const createOwnWrites = ({ version: upTo, kept }: Pick<Stores, 'version' | 'kept'>): OwnWrites => {
  const written = new Map<string, Written>()
  const gone = new Map<string, string | undefined>()

  /**
   * Whether the watch has come past our write: from there on it knows better, deletions by others included. A watch that had told of that
   * version before the server answered, and did not show the object, has missed something: it knows better only from its next word on.
   */
  const isPassed = ({ object: own, toldUpTo }: Written, { object, upTo: now }: Told): boolean => {
    if (object !== undefined && !isOlder(object, own)) return true
    return !isOlderVersion(now, versionOf(own)) && now !== toldUpTo
  }

  const unlessGone = (id: string, object: KubeObject | undefined): KubeObject | undefined => {
    if (!gone.has(id)) return object
    if (object !== undefined && object.metadata.uid === gone.get(id)) return undefined
    gone.delete(id)
    return object
  }

  const idOf = (kind: KindRef, object: KubeObject): string => objectId(kind, keyOf(object))
  return {
    wrote: (kind, object) => {
      gone.delete(idOf(kind, object))
      written.set(idOf(kind, object), { object: kept(kind, object), toldUpTo: upTo(kind) })
    },
    deleted: (kind, object) => {
      written.delete(idOf(kind, object))
      gone.set(idOf(kind, object), object.metadata.uid)
    },
    newest: (id, told) => {
      const own = written.get(id)
      if (own && !isPassed(own, told)) return own.object
      if (own) written.delete(id)
      return unlessGone(id, told.object)
    },
    heard: (kind, object, told) => {
      const id = idOf(kind, object)
      if (told.object === undefined) gone.delete(id)
      const own = written.get(id)
      if (!own) return false
      if (isPassed(own, told)) written.delete(id)
      return told.object !== undefined && !isOlder(own.object, told.object)
    },
  }
}
