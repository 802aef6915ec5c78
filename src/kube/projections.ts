import { selectionLabel } from '../api/marks.ts'
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

interface Endpoint {
  readonly addresses?: readonly string[]
  readonly conditions?: { readonly ready?: boolean | null } | null
  readonly targetRef?: { readonly kind?: string; readonly name?: string } | null
}

/** Ready where nothing else is said, as the API has it. One that is no pod goes by its address. */
const readyName = ({ addresses = [], conditions, targetRef }: Endpoint): readonly string[] => {
  if (conditions?.ready === false) return []
  return [(targetRef?.kind === 'Pod' ? targetRef.name : undefined) ?? addresses[0] ?? '']
}

/** Of an EndpointSlice: whose it is, for which selection where that is said, and as `ready` the names of the pods that it leads requests to. */
export const readyEndpoints: Projection = object => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  metadata: { ...identityOf(object), labels: sliceLabels(object.metadata.labels) },
  ready: ((object['endpoints'] ?? []) as readonly Endpoint[]).flatMap(readyName),
})

const sliceLabels = (labels: ObjectMeta['labels'] = {}) => {
  const { [serviceNameLabel]: service = '', [selectionLabel]: selection } = labels
  return { [serviceNameLabel]: service, ...(selection !== undefined && { [selectionLabel]: selection }) }
}

/** On an EndpointSlice: the Service whose endpoints it holds. */
export const serviceNameLabel = 'kubernetes.io/service-name'

/** That it exists, and in which version: for kinds of which only a few objects are ever looked at. */
export const identityOnly: Projection = object => named(object, identityOf(object))

const identityOf = ({ metadata: { name, namespace, uid, resourceVersion } }: KubeObject): ObjectMeta => ({
  name,
  ...(namespace !== undefined && { namespace }),
  ...(uid !== undefined && { uid }),
  ...(resourceVersion !== undefined && { resourceVersion }),
})
