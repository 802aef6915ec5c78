import { endpointSliceKind } from '../api/kinds.ts'
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
export const liveView = ({ stores, own, note }: LiveViewOptions): Live => ({
  get: (kind, key) => {
    const id = objectId(kind, key)
    note(id)
    return own.newest(id, { object: stores.of(kind).get(key), upTo: stores.version(kind) })
  },
  knows: stores.knows,
  endpointsOf: service => {
    note(objectId(endpointSliceKind, service))
    return stores.endpointsOf(service)
  },
  endpointsOfAny: (service, selection) => {
    note(objectId(endpointSliceKind, service))
    return stores.endpointsOfAny(service, selection)
  },
})
