import type { KindRef, KubeObject, ObjectKey } from '../../api/object.ts'
import type { Io } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { pods } from '../objects/kinds.ts'
import { withStatus } from '../objects/view.ts'
import type { Seen, Write } from './plan.ts'

/** What a write left behind, as its answer told: nothing for deletions and bindings, whose answers are not the object. */
export type Written = KubeObject | undefined

/**
 * The objects as they are after the writes of this pass: a later write builds on the answer to an earlier one,
 * or its own precondition would refuse it.
 */
export type Latest = Map<string, KubeObject>

const keyOfSeen = ({ metadata }: Seen): ObjectKey => ({ namespace: metadata.namespace ?? '', name: metadata.name })

/** A Pod's binding is made below the pod itself. */
const bindingsOf = (name: string): KindRef => ({
  apiVersion: 'v1',
  kind: 'Binding',
  plural: `${pods.plural}/${encodeURIComponent(name)}/binding`,
  namespaced: true,
})

const bind = async (api: KubeApi, { object, nodeName }: Extract<Write, { verb: 'bind' }>, io: Io): Promise<Written> => {
  const { name, namespace = '', uid = '' } = object.metadata
  const target = { apiVersion: 'v1', kind: 'Node', name: nodeName }
  await api.create(bindingsOf(name), { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target }, io)
  return undefined
}

/** Carries out one write. Whatever was looked at must still be so: its version is the precondition, for deletions its uid. */
export const perform = async (
  write: Write,
  { api, latest }: { readonly api: KubeApi; readonly latest: Latest },
  io: Io,
): Promise<Written> => {
  switch (write.verb) {
    case 'create':
      return api.create(write.kind, write.manifest, io)
    case 'bind':
      return bind(api, write, io)
    case 'delete': {
      const { uid } = write.object.metadata
      await api.delete(write.kind, keyOfSeen(write.object), uid === undefined ? {} : { uid }, io)
      return undefined
    }
    case 'patch': {
      const { uid, resourceVersion } = (latest.get(write.object.metadata.uid ?? '') ?? write.object).metadata
      const metadata = { ...(write.body['metadata'] as object | undefined), uid, resourceVersion }
      return api.patch(write.kind, keyOfSeen(write.object), { type: 'merge', body: { ...write.body, metadata } }, io)
    }
    case 'status': {
      const now = latest.get(write.object.metadata.uid ?? '') ?? write.object
      return api.updateStatus(write.kind, withStatus(now, write.status), io)
    }
    default:
      return write satisfies never
  }
}
