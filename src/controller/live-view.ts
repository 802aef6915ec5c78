import { endpointSliceKind } from '../api/kinds.ts'
import type { KindRef } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import { type OwnWrites, objectId } from './own-writes.ts'
import type { Stores } from './stores.ts'

export interface LiveViewOptions {
  readonly stores: Pick<Stores, 'of' | 'knows' | 'version' | 'endpointsOf' | 'endpointsOfAny'>
  readonly own: OwnWrites
  /** Hears of every object that is looked at, found or not. */
  readonly note: (id: string) => void
}

/** The caches for one pass, with our own writes in them. */
export const liveView = ({ stores, own, note }: LiveViewOptions): Live => {
  const idOf = rememberedIds()
  return {
    get: (kind, key) => {
      const id = idOf(kind, key)
      note(id)
      return own.newest(id, { object: stores.of(kind).get(key), upTo: stores.version(kind) })
    },
    knows: stores.knows,
    endpointsOf: service => {
      note(idOf(endpointSliceKind, service))
      return stores.endpointsOf(service)
    },
    endpointsOfAny: (service, selection) => {
      note(idOf(endpointSliceKind, service))
      return stores.endpointsOfAny(service, selection)
    },
  }
}

/** One pass looks at the same few objects again and again, and putting a long text together takes longer than looking. */
const rememberedIds = (): typeof objectId => {
  const known = new Map<KindRef, Map<string, { readonly namespace: string; readonly id: string }>>()
  return (kind, key) => {
    const names = known.get(kind) ?? new Map()
    known.set(kind, names)
    const found = names.get(key.name)
    if (found?.namespace === key.namespace) return found.id
    const id = objectId(kind, key)
    names.set(key.name, { namespace: key.namespace, id })
    return id
  }
}
