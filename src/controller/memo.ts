import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject, ObjectKey, ObjectMeta } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import { sameJson } from '../core/same-json.ts'

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

/** A function of a Canary, of what it reads besides, and of what is asked. */
export type Remembering<V, Asked extends readonly unknown[] = []> = (canary: Canary, live: Live, ...asked: Asked) => V

interface Remembered<V> {
  readonly canary: Canary
  readonly asked: readonly unknown[]
  readonly reads: readonly Read[]
  /** Whether it looked at the status, which changes with every write. */
  readonly needsStatus: boolean
  readonly value: V
}

/**
 * Calls the function again only when it is asked something else, or would read something else than the last time; what it reads is looked at
 * every time. One that does not look at the status outlives it. It never sees the version of a Canary, or who wrote it.
 */
export const untilReadsChange = <V, Asked extends readonly unknown[] = []>(make: Remembering<V, Asked>): Remembering<V, Asked> => {
  const known = new WeakMap<Canary['spec'], Remembered<V>>()
  return (canary, live, ...asked) => {
    const last = known.get(canary.spec)
    if (last && isSame(last, canary) && sameJson(last.asked, asked) && last.reads.every(read => isStill(read, live))) return last.value
    const { seen, statusWasSeen } = seenCanary(canary)
    const { reads, watched } = watching(live)
    const value = make(seen, watched, ...asked)
    known.set(canary.spec, { canary, asked, reads, needsStatus: statusWasSeen(), value })
    return value
  }
}

const isStill = ({ kind, key, object }: Read, live: Live): boolean => live.get(kind, key) === object

const isSame = ({ canary: before, needsStatus }: Remembered<unknown>, canary: Canary): boolean =>
  before === canary || ((!needsStatus || before.status === canary.status) && sameJson(lasting(before.metadata), lasting(canary.metadata)))

/** What a version of an object has in common with the next one. */
const lasting = ({ resourceVersion: _, managedFields: __, ...metadata }: ObjectMeta): ObjectMeta => metadata

const seenCanary = (canary: Canary) => {
  let isSeen = false
  const seen: Canary = {
    ...canary,
    metadata: lasting(canary.metadata),
    get status() {
      isSeen = true
      return canary.status
    },
  }
  return { seen, statusWasSeen: () => isSeen }
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
