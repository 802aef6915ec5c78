import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'

/** The cluster as last seen, held still for one pass. Pure to read: the same question gets the same answer until the pass ends. */
export interface Live {
  get(kind: KindRef, key: ObjectKey): KubeObject | undefined
  /** Whether all objects of a kind are known, because somebody's Canary needs them. To `get` one of a kind has it followed from then on. */
  knows?(kind: KindRef): boolean
  /** Names of the ready pods that a Service leads to, of any Service at all; where it says for what it selects, of slices that say the same. */
  endpointsOfAny?(service: ObjectKey, selection?: string): readonly string[]
  /** Names of the ready pods that the Service of a track leads to; undefined as long as that is not known. */
  endpointsOf?(service: ObjectKey): readonly string[] | undefined
}

/** A cluster in which nothing exists. */
export const nothingLive: Live = { get: () => undefined }
