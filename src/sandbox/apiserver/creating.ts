import type { KubeObject, ManagedFieldsEntry } from '../../api/object.ts'
import { checkCandidate, namedBy } from './admission.ts'
import type { Endpoint } from './catalogue.ts'
import { spokenAs } from './decoding.ts'
import { isObject, type JsonObject, objectAt, textAt, withField } from './json-value.ts'
import { type Kernel, nameSuffix, newUid, storageKey, timestamp } from './kernel.ts'
import { managedAfterUpdate, type Writer } from './managed-fields.ts'
import { resourceId, shelfOf } from './resource.ts'
import { fieldSchema } from './schema.ts'
import { shape } from './shaping.ts'
import { alreadyExists, forbidden, notFound, StatusError } from './status.ts'
import { store } from './storing.ts'
import { strategyOf } from './strategies.ts'
import { stored, type Target, type WriteOptions, withManagedFields, writerOf } from './writing.ts'

/** A write of an object that does not exist yet. */
export interface Creation {
  readonly target: Target
  /** Decoded, with defaults, in the version the client speaks. */
  readonly wanted: JsonObject
  readonly managedFields?: readonly ManagedFieldsEntry[]
  readonly options: WriteOptions
}

const nameOf = (kernel: Kernel, metadata: JsonObject): string => {
  const name = textAt(metadata, 'name')
  const prefix = textAt(metadata, 'generateName')
  return name === '' && prefix !== '' ? `${prefix.slice(0, 58)}${nameSuffix(kernel)}` : name
}

const namespaceNamed = { group: '', plural: 'namespaces', kind: 'Namespace' }

const checkNamespace = ({ storage }: Kernel, { endpoint, namespace }: Target, name: string): void => {
  if (!endpoint.resource.namespaced) return
  const found = storage.get('namespaces', storageKey('', namespace))
  if (!found) throw notFound({ ...namespaceNamed, name: namespace })
  if (found.metadata.deletionTimestamp !== undefined) {
    const words = `unable to create new content in namespace ${namespace} because it is being terminated`
    const cause = { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }
    throw forbidden(namedBy(endpoint, name), words, [cause])
  }
}

const newMetadata = (kernel: Kernel, { target, wanted }: Creation): JsonObject => {
  const given = objectAt(wanted, 'metadata')
  if (textAt(given, 'resourceVersion') !== '') {
    throw new StatusError(500, '', { message: 'resourceVersion should not be set on objects to be created' })
  }
  const { deletionTimestamp: _deletion, deletionGracePeriodSeconds: _grace, managedFields: _owners, ...rest } = given
  const { resource } = target.endpoint
  return {
    ...rest,
    name: nameOf(kernel, given),
    ...(resource.namespaced ? { namespace: target.namespace } : {}),
    uid: newUid(kernel),
    creationTimestamp: timestamp(kernel),
    ...(resource.hasGeneration ? { generation: 1 } : {}),
  }
}

/** Built-in kinds are born with an empty status (and its zeros), custom ones with none. */
const firstStatus = ({ resource, version }: Endpoint): unknown =>
  resource.builtin
    ? shape({}, fieldSchema(version.schema, 'status').schema, { typed: true, defaults: true, onUnknown: () => {} })
    : undefined

/** Parts that typed objects have even when they are empty, so that nobody owns their mere presence. */
const inborn = new Set([
  'metadata',
  'spec',
  'status',
  'strategy',
  'updateStrategy',
  'template',
  'jobTemplate',
  'names',
  'containers',
  'scaleTargetRef',
  'source',
])

const bornWith = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .filter(([field]) => inborn.has(field))
      .map(([field, value]) => [field, isObject(value) ? bornWith(value) : []]),
  )

const ownersOf = (kernel: Kernel, creation: Creation, object: JsonObject): readonly ManagedFieldsEntry[] => {
  const { target, managedFields, options } = creation
  const { schema, hasStatus } = target.endpoint.version
  const writer: Writer = { ...writerOf(kernel, target, options), operation: 'Update' }
  return (
    managedFields ??
    managedAfterUpdate({ before: target.endpoint.resource.builtin ? bornWith(object) : {}, after: object, schema, hasStatus, writer })
  )
}

/**
 * Stores a new object.
 * @throws {StatusError} 404 without its namespace, 409 when the name is taken, 422 when it is invalid
 */
export const create = (kernel: Kernel, creation: Creation): KubeObject => {
  const { target, wanted, options } = creation
  const { endpoint } = target
  const shelf = shelfOf(endpoint.resource)
  const metadata = newMetadata(kernel, creation)
  const name = textAt(metadata, 'name')
  checkNamespace(kernel, target, name)
  const plain = endpoint.version.hasStatus ? withField(wanted, 'status', firstStatus(endpoint)) : wanted
  const { complete, admit } = strategyOf(resourceId(endpoint.resource))
  const whole = complete ? complete({ ...plain, metadata }, undefined) : { ...plain, metadata }
  // Owners first: an address that the server hands out belongs to nobody, so that nobody can give it up.
  const owned = withManagedFields(whole, ownersOf(kernel, creation, whole))
  const admitted = shelf === 'services' ? kernel.addresses.assign(owned) : (admit?.(owned) ?? owned)
  options.admit?.(admitted)
  checkCandidate({ endpoint, object: admitted, before: undefined })
  const object = stored(admitted, endpoint.resource)
  if (kernel.storage.get(shelf, storageKey(target.namespace, name))) throw alreadyExists(namedBy(endpoint, name))
  if (options.dryRun) return spokenAs(object, endpoint)
  return spokenAs(store(kernel, { endpoint, namespace: target.namespace, name, object }), endpoint)
}
