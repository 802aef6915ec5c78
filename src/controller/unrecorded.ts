import { type KubeObject, keyOf, keyText } from '../api/object.ts'
import { readStatus } from '../api/status.ts'
import type { Decision } from '../core/decide.ts'
import { sameJson } from '../core/same-json.ts'

/** Decisions that were made, of which it is not known that they are in status. They are kept for this process's term only. */
export interface Unrecorded {
  keep(object: KubeObject, decision: Decision): void
  /**
   * The decision that this object still waits for, and whether it is in its status after all. Undefined when there is none, or when
   * something else was recorded since: then it is forgotten.
   */
  of(object: KubeObject): { readonly decision: Decision; readonly isThere: boolean } | undefined
  forget(canary: string): void
  clear(): void
}

interface Kept {
  readonly uid: string | undefined
  /** The status that it was decided on. */
  readonly basis: unknown
  readonly decision: Decision
}

const statusOf = (object: KubeObject): unknown => readStatus(object['status'])

export const createUnrecorded = (): Unrecorded => {
  const kept = new Map<string, Kept>()
  return {
    keep: (object, decision) => {
      kept.set(keyText(keyOf(object)), { uid: object.metadata.uid, basis: statusOf(object), decision })
    },
    of: object => {
      const key = keyText(keyOf(object))
      const found = kept.get(key)
      if (!found) return undefined
      const status = statusOf(object)
      const isThere = sameJson(status, found.decision.status)
      if (isThere || found.uid !== object.metadata.uid || !sameJson(status, found.basis)) kept.delete(key)
      return found.uid === object.metadata.uid && (isThere || kept.has(key)) ? { decision: found.decision, isThere } : undefined
    },
    forget: canary => {
      kept.delete(canary)
    },
    clear: () => kept.clear(),
  }
}
