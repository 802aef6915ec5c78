import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'

/** The cluster as last seen, held still for one pass. Pure to read: the same question gets the same answer until the pass ends. */
export interface Live {
  get(kind: KindRef, key: ObjectKey): KubeObject | undefined
  /** The EndpointSlices of a Service, where they are watched. */
  slicesOf?(service: ObjectKey): readonly KubeObject[]
}

/** A cluster in which nothing exists. */
export const nothingLive: Live = { get: () => undefined }
