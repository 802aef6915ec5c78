import type { KubeObject, OwnerReference } from '../../api/object.ts'
import type { Change } from './storage.ts'

/** Where an object is kept. */
export interface Place {
  readonly shelf: string
  readonly key: string
}

export const placeText = ({ shelf, key }: Place): string => `${shelf} ${key}`

export const ownersOf = (object: KubeObject | undefined): readonly OwnerReference[] => object?.metadata.ownerReferences ?? []

/** Who exists and who depends on whom, by uid. */
export class OwnerGraph {
  readonly #places = new Map<string, Place>()
  readonly #dependents = new Map<string, Map<string, Place>>()

  /** Takes in one change of the storage. */
  follow(shelf: string, { type, key, object, before }: Change): void {
    const place = { shelf, key }
    const uid = object.metadata.uid ?? ''
    this.#unlink(before, place)
    if (type === 'DELETED') {
      this.#places.delete(uid)
      return
    }
    this.#places.set(uid, place)
    this.#link(object, place)
  }

  placeOf(uid: string): Place | undefined {
    return this.#places.get(uid)
  }

  dependentsOf(object: KubeObject): readonly Place[] {
    return [...(this.#dependents.get(object.metadata.uid ?? '')?.values() ?? [])]
  }

  /** Whether it names owners and none of them is there any more. */
  isOwnedByNobody(object: KubeObject): boolean {
    const owners = ownersOf(object)
    return owners.length > 0 && owners.every(({ uid }) => !this.#places.has(uid))
  }

  #link(object: KubeObject, place: Place): void {
    for (const { uid } of ownersOf(object)) {
      const group = this.#dependents.get(uid) ?? new Map<string, Place>()
      group.set(placeText(place), place)
      this.#dependents.set(uid, group)
    }
  }

  #unlink(object: KubeObject | undefined, place: Place): void {
    for (const { uid } of ownersOf(object)) {
      const group = this.#dependents.get(uid)
      group?.delete(placeText(place))
      if (group?.size === 0) this.#dependents.delete(uid)
    }
  }
}
