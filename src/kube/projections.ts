import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../api/object.ts'
import { isFormerUpdate, isPassingOwner } from '../api/ownership.ts'
import { fieldManager, type Projection } from './kube-api.ts'

/** kubectl keeps the whole object in there, contents of Secrets included. */
const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

type Path = readonly string[]

/** Who owns it decides the size: a scaler, a person or Git. */
const replicasPath: Path = ['f:spec', 'f:replicas']

/** What parks a DaemonSet; where a write that was cut short left it with us, it has to be given back. */
const nodeSelectorPath: Path = ['f:spec', 'f:template', 'f:spec', 'f:nodeSelector']

const hasPath = (fields: unknown, [name, ...rest]: Path): boolean => {
  if (name === undefined) return true
  return (
    typeof fields === 'object' && fields !== null && name in fields && hasPath((fields as Readonly<Record<string, unknown>>)[name], rest)
  )
}

const fieldsAt = (path: Path): Readonly<Record<string, unknown>> => path.reduceRight((inner, name) => ({ [name]: inner }), {})

/** The entry without all else that it owns. */
const reducedTo = (path: Path, entry: ManagedFieldsEntry): ManagedFieldsEntry => ({ ...entry, fieldsV1: fieldsAt(path) })

/** What we applied decides what has to be written; what we own by other writes decides nothing. */
const isOurs = ({ manager, operation, subresource }: ManagedFieldsEntry): boolean =>
  manager === fieldManager && operation === 'Apply' && !subresource

const reduced = (entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] =>
  entries.flatMap(entry => {
    if (isOurs(entry)) return [entry]
    if (hasPath(entry.fieldsV1, replicasPath)) return [reducedTo(replicasPath, entry)]
    if (isPassingOwner(entry) && hasPath(entry.fieldsV1, nodeSelectorPath)) return [reducedTo(nodeSelectorPath, entry)]
    return isFormerUpdate(entry) ? [reducedTo([], entry)] : []
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
