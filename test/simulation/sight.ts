import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../../src/api/object.ts'
import type { Live } from '../../src/core/live.ts'
import { isOlderVersion } from '../../src/kube/resource-version.ts'

/**
 * What one process was told of the cluster, and when. Kubernetes has no transactions: of what belongs to others a process can only be held
 * to what had reached it.
 */
export interface Sight {
  /** An object, as an answer or a watch showed it. */
  saw(kind: KindRef, object: KubeObject): void
  /** An object is gone. */
  sawGoing(kind: KindRef, object: KubeObject): void
  /** A list shows all there is of a kind. */
  sawAll(kind: KindRef, objects: readonly KubeObject[]): void
  /** This moment, for `since`. */
  now(): Moment
  /** All that was known at any moment from then until now, each as one still picture. */
  since(moment: Moment): readonly Live[]
}

/** So much had been seen by then: a time would not tell what came first within one millisecond. */
export type Moment = number

interface Glimpse {
  readonly id: string
  readonly object: KubeObject | undefined
}

const idOf = ({ kind }: Pick<KindRef, 'kind'>, key: ObjectKey): string => `${kind} ${keyText(key)}`

const picture = (known: ReadonlyMap<string, KubeObject>): Live => ({ get: (kind, key) => known.get(idOf(kind, key)) })

export const createSight = (): Sight => {
  const glimpses: Glimpse[] = []
  const newest = new Map<string, KubeObject>()

  const note = (id: string, object: KubeObject | undefined): void => {
    glimpses.push({ id, object })
    if (object) newest.set(id, object)
    else newest.delete(id)
  }
  const isOld = (id: string, object: KubeObject): boolean =>
    isOlderVersion(object.metadata.resourceVersion, newest.get(id)?.metadata.resourceVersion ?? '')

  return {
    saw: (kind, object) => {
      const id = idOf(kind, keyOf(object))
      if (!isOld(id, object)) note(id, object)
    },
    sawGoing: (kind, object) => {
      const id = idOf(kind, keyOf(object))
      if (!isOld(id, object)) note(id, undefined)
    },
    sawAll: (kind, objects) => {
      const shown = new Map(objects.map(object => [idOf(kind, keyOf(object)), object]))
      for (const id of [...newest.keys()]) if (id.startsWith(`${kind.kind} `) && !shown.has(id)) note(id, undefined)
      for (const [id, object] of shown) note(id, object)
    },
    now: () => glimpses.length,
    since: moment => {
      const later = glimpses.slice(moment)
      const known = new Map<string, KubeObject>()
      for (const glimpse of glimpses.slice(0, moment)) take(known, glimpse)
      const first = picture(new Map(known))
      return [
        first,
        ...later.map(glimpse => {
          take(known, glimpse)
          return picture(new Map(known))
        }),
      ]
    },
  }
}

const take = (known: Map<string, KubeObject>, { id, object }: Glimpse): void => {
  if (object) known.set(id, object)
  else known.delete(id)
}
