import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../api/object.ts'
import { fieldManager, type Projection } from './kube-api.ts'

/** kubectl keeps the whole object in there, contents of Secrets included. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

const ownsReplicas = ({ fieldsV1 }: ManagedFieldsEntry): boolean => {
  const spec = fieldsV1?.['f:spec']
  return typeof spec === 'object' && spec !== null && 'f:replicas' in spec
}

/** Who owns `replicas`, without all else they own: enough to see whether a scaler, a person or Git decides the size. */
const replicasOnly = (entry: ManagedFieldsEntry): ManagedFieldsEntry => ({ ...entry, fieldsV1: { 'f:spec': { 'f:replicas': {} } } })

/** What we applied decides what has to be written; what we own by other writes decides nothing. */
const isOurs = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === fieldManager && operation === 'Apply' && !subresource

const reduced = (entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] =>
  entries.flatMap(entry => {
    if (isOurs(entry)) return [entry]
    return ownsReplicas(entry) ? [replicasOnly(entry)] : []
  })

/**
 * Everything that somebody decides by: without kubectl's copy of the object, and with `managedFields` (often most of its bytes) down to what
 * we applied and whoever owns `replicas`.
 */
export const wholeObject: Projection = object => {
  const { managedFields = [], annotations, ...metadata } = object.metadata
  const kept = reduced(managedFields)
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(annotations !== undefined && { annotations: withoutLastApplied(annotations) }),
      ...(kept.length > 0 && { managedFields: kept }),
    },
  }
}

const withoutLastApplied = (annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== lastAppliedAnnotation))

const named = ({ apiVersion, kind }: KubeObject, metadata: ObjectMeta): KubeObject => ({ apiVersion, kind, metadata })

/** Metadata without field owners and without kubectl's copy of the contents: what may be kept of ConfigMaps and Secrets. */
export const metadataOnly: Projection = object => {
  const { managedFields: _, annotations, ...metadata } = object.metadata
  return named(object, annotations === undefined ? metadata : { ...metadata, annotations: withoutLastApplied(annotations) })
}

/** That it exists, and in which version: for kinds of which only a few objects are ever looked at. */
export const identityOnly: Projection = object => {
  const { name, namespace, uid, resourceVersion } = object.metadata
  return named(object, {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  })
}
