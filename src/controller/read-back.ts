import type { KindRef, KubeObject, ObjectKey } from '../api/object.ts'
import type { Io } from '../io.ts'
import type { KubeApi } from '../kube/kube-api.ts'

/**
 * One object as the server has it now, for after a write whose outcome is not known: caches may lag. It is a list of one, because lists are
 * what watching needs anyway: no further right has to be granted.
 */
export const readBack = async (
  api: KubeApi,
  { kind, key }: { readonly kind: KindRef; readonly key: ObjectKey },
  io: Io,
): Promise<KubeObject | undefined> => {
  const { items } = await api.list(kind, { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}` }, io)
  return items.find(({ metadata }) => metadata.name === key.name)
}
