import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'
import type { Live } from '../core/live.ts'

/*
 * Objects in the caches are frozen and made of the parts of their earlier versions, so that what is worked out from one can be remembered for
 * as long as the object stands. Nothing is decided from it that could not be worked out again.
 */

/** A function of one object that is called once for each. */
export const oncePerObject = <K extends object, V>(make: (object: K) => V): ((object: K) => V) => {
  const known = new WeakMap<K, { readonly value: V }>()
  return object => {
    const found = known.get(object)
    if (found) return found.value
    const value = make(object)
    known.set(object, { value })
    return value
  }
}

interface Read {
  readonly kind: KindRef
  readonly key: ObjectKey
  readonly object: KubeObject | undefined
}

interface Remembered<V> {
  readonly reads: readonly Read[]
  readonly value: V
}

/** A function of one object and of what it reads besides. */
export type Remembering<K extends object, V> = (object: K, live: Live) => V

/** Calls the function again only when it would read something else than the last time; what it reads is looked at every time. */
export const untilReadsChange = <K extends object, V>(make: Remembering<K, V>): Remembering<K, V> => {
  const known = new WeakMap<K, Remembered<V>>()
  return (object, live) => {
    const found = known.get(object)
    if (found?.reads.every(({ kind, key, object: seen }) => live.get(kind, key) === seen)) return found.value
    const { reads, watched } = watching(live)
    const value = make(object, watched)
    known.set(object, { reads, value })
    return value
  }
}

const watching = (live: Live) => {
  const reads: Read[] = []
  const watched: Live = {
    get: (kind, key) => {
      const object = live.get(kind, key)
      reads.push({ kind, key, object })
      return object
    },
  }
  return { reads, watched }
}
