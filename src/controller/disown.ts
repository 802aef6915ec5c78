import { type KindRef, type KubeObject, keyOf } from '../api/object.ts'
import { isPassingOwner } from '../api/ownership.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'

interface Patched {
  readonly kind: KindRef
  /** As the server answered: with all its field owners. */
  readonly object: KubeObject
}

/**
 * Gives up the fields of a foreign object right after they were changed: whoever declares them in Git must not run into a conflict with us.
 * The values stay. Without this, a server-side apply that sets `replicas` would be refused.
 */
export const disown = async (api: KubeApi, { kind, object }: Patched, io: Io): Promise<KubeObject> => {
  const { managedFields = [], resourceVersion } = object.metadata
  const owned = managedFields.flatMap((entry, index) => (isPassingOwner(entry) ? [{ manager: entry.manager, index }] : []))
  if (owned.length === 0) return object
  const removals = owned.reverse().flatMap(({ manager, index }) => {
    const path = `/metadata/managedFields/${index}`
    return [
      { op: 'test', path: `${path}/manager`, value: manager },
      { op: 'remove', path },
    ]
  })
  const body = [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }, ...removals]
  return api.patch(kind, keyOf(object), { type: 'json', body }, io)
}
