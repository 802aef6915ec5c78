import { type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../io.ts'
import type { Projection, StoreEvent, WatchEvent } from './kube-api.ts'
import { isOlderVersion } from './resource-version.ts'
import type { WritableStore } from './store.ts'

/** The server showed a state older than one it showed before: it lags, or was restored from a backup. Only a new list can tell. */
export class SteppedBack extends Error {}

/** What one collection looks like as far as lists and watches have told, and at which version. */
export interface Mirror {
  version(): string
  /** Begins a list: objects it does not show until `end` are gone. @throws {SteppedBack} when the list is older than what we saw */
  begin(listVersion: string): PendingList
  /** Takes in a watch event other than ERROR. @throws {SteppedBack} after dropping an event from the past */
  receive(event: WatchEvent, log: Logger): readonly StoreEvent[]
  /** The collection itself is gone. */
  clear(): readonly StoreEvent[]
}

interface PendingList {
  take(items: readonly KubeObject[], log: Logger): readonly StoreEvent[]
  end(): readonly StoreEvent[]
}

/** A quorum list that stays behind so often is no lagging server: the cluster was restored from a backup, and that is the truth now. */
const staleListsBeforeBelief = 3

export const createMirror = (store: WritableStore, projection: Projection): Mirror => {
  let version = ''
  let staleLists = 0

  const upsert = (object: KubeObject, log: Logger): readonly StoreEvent[] => {
    try {
      const kept = projection(object)
      return kept === undefined ? store.remove(keyOf(object)) : store.put(kept)
    } catch (error) {
      // One garbled object must not hide all others; what we knew of it before stays.
      log.error({ object: keyText(keyOf(object)), error: messageOf(error) }, 'object could not be stored')
      return []
    }
  }

  const remove = (object: KubeObject): readonly StoreEvent[] => {
    const stored = store.get(keyOf(object))
    return stored === undefined || stored.metadata.uid !== object.metadata.uid ? [] : store.remove(keyOf(object))
  }

  const checkList = (listVersion: string) => {
    if (!isOlderVersion(listVersion, version)) {
      staleLists = 0
      return
    }
    staleLists++
    if (staleLists <= staleListsBeforeBelief) throw new SteppedBack(`list at version ${listVersion}, but ${version} was seen before`)
    staleLists = 0
  }

  const isRepetition = ({ type, object }: WatchEvent): boolean => {
    const stored = store.get(keyOf(object))?.metadata
    return type !== 'DELETED' && stored?.resourceVersion === object.metadata.resourceVersion && stored?.uid === object.metadata.uid
  }

  const checkEvent = ({ type, object }: WatchEvent) => {
    const next = object.metadata.resourceVersion
    if (isOlderVersion(next, version)) throw new SteppedBack(`${type} at version ${next}, but ${version} was seen before`)
  }

  return {
    version: () => version,
    begin: listVersion => {
      checkList(listVersion)
      const unseen = new Map<string, ObjectKey>(store.keys().map(key => [keyText(key), key]))
      return {
        take: (items, log) =>
          items.flatMap(item => {
            unseen.delete(keyText(keyOf(item)))
            return upsert(item, log)
          }),
        end: () => {
          version = listVersion
          return [...unseen.values()].flatMap(key => store.remove(key))
        },
      }
    },
    receive: (event, log) => {
      if (event.type !== 'BOOKMARK' && isRepetition(event)) return []
      checkEvent(event)
      version = event.object.metadata.resourceVersion ?? version
      if (event.type === 'BOOKMARK') return []
      return event.type === 'DELETED' ? remove(event.object) : upsert(event.object, log)
    },
    clear: () => {
      version = ''
      return store.keys().flatMap(key => store.remove(key))
    },
  }
}
