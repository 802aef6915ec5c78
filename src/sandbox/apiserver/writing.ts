import type { KubeObject, ManagedFieldsEntry } from '../../api/object.ts'
import { withPartsOf } from '../../kube/same-parts.ts'
import { checkCandidate, namedBy } from './admission.ts'
import type { Endpoint } from './catalogue.ts'
import { type FieldValidation, spokenAs, spokenVersion } from './decoding.ts'
import { invalidValue } from './field-errors.ts'
import { type JsonObject, listAt, objectAt, sameJson, textAt, withField } from './json-value.ts'
import { type Kernel, storageKey, timestamp } from './kernel.ts'
import { asksToForgetOwners, managedAfterUpdate, type Writer } from './managed-fields.ts'
import { apiVersionOf, type Resource, resourceId, shelfOf } from './resource.ts'
import { shape } from './shaping.ts'
import { conflict, invalid } from './status.ts'
import { store, withRevision } from './storing.ts'
import { strategyOf } from './strategies.ts'

export type Subresource = '' | 'status' | 'scale'

/** Which object, through which door. */
export interface Target {
  readonly endpoint: Endpoint
  readonly namespace: string
  readonly name: string
  readonly subresource: Subresource
}

export interface WriteOptions {
  /** The field manager; who calls themselves nothing is `unknown`. */
  readonly manager?: string
  readonly dryRun?: boolean
  readonly fieldValidation?: FieldValidation
  /** Server-side apply takes fields from other managers. */
  readonly force?: boolean
  /** Paths of fields that stood more than once in the text of the body. */
  readonly duplicates?: readonly string[]
  readonly onWarning?: (words: string) => void
  /** Asked about what is about to be stored; throws to refuse it. */
  readonly admit?: (object: JsonObject) => void
}

/** Who signs a write through this door. */
export const writerOf = (kernel: Kernel, target: Target, { manager }: WriteOptions): Omit<Writer, 'operation'> => ({
  manager: manager ?? 'unknown',
  apiVersion: spokenVersion(target.endpoint),
  subresource: target.subresource,
  time: timestamp(kernel),
})

const spokenIfConverted = (object: KubeObject | undefined, endpoint: Endpoint): KubeObject | undefined =>
  object && endpoint.resource.storedAs ? spokenAs(object, endpoint) : object

/** The object as it is, in storage form unless its kind is stored as another one. */
export const liveOf = ({ storage }: Kernel, { endpoint, namespace, name }: Omit<Target, 'subresource'>): KubeObject | undefined =>
  spokenIfConverted(storage.get(shelfOf(endpoint.resource), storageKey(namespace, name)), endpoint)

/** What the server alone decides about an object that exists. */
const carriedMetadata = (wanted: JsonObject, live: KubeObject): JsonObject => {
  const fields = [
    'name',
    'namespace',
    'uid',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'generation',
    'resourceVersion',
  ]
  const meta: Record<string, unknown> = { ...objectAt(wanted, 'metadata') }
  const kept = live.metadata as unknown as JsonObject
  for (const field of fields) {
    if (kept[field] === undefined) delete meta[field]
    else meta[field] = kept[field]
  }
  return meta
}

const withOwnersOf = (metadata: JsonObject, live: KubeObject): JsonObject =>
  listAt(metadata, 'managedFields').length > 0 ? metadata : withField(metadata, 'managedFields', live.metadata.managedFields)

/** The part of the wanted object that this door lets through, on top of the live one. */
const throughDoor = (wanted: JsonObject, live: KubeObject, target: Target): JsonObject => {
  const metadata = withOwnersOf(carriedMetadata(wanted, live), live)
  if (target.subresource === 'status') {
    const owners = metadata['managedFields']
    return withField({ ...live, metadata: withField({ ...live.metadata }, 'managedFields', owners) }, 'status', wanted['status'])
  }
  const spec = { ...wanted, metadata }
  return target.endpoint.version.hasStatus ? withField(spec, 'status', live['status']) : spec
}

/** The part whose changes `metadata.generation` counts. */
const intent = (object: JsonObject, hasStatus: boolean): JsonObject => {
  const { metadata: _metadata, apiVersion: _version, status, ...rest } = object
  return hasStatus ? rest : { ...rest, status }
}

/** The one kind whose annotations count as well. */
const countsAnnotations = ({ endpoint }: Target): boolean => resourceId(endpoint.resource) === 'deployments.apps'

const annotationsOf = ({ metadata }: JsonObject): JsonObject => objectAt(metadata, 'annotations')

const generationAfter = (object: JsonObject, live: KubeObject, target: Target): number | undefined => {
  const { endpoint } = target
  const { generation } = live.metadata
  if (!endpoint.resource.hasGeneration) return generation
  const { hasStatus } = endpoint.version
  const isAnnotated = countsAnnotations(target) && !sameJson(annotationsOf(object), annotationsOf(live as JsonObject))
  return sameJson(intent(object, hasStatus), intent(live, hasStatus)) && !isAnnotated ? generation : (generation ?? 0) + 1
}

/** Everything but the bookkeeping. */
const substance = ({ apiVersion: _version, ...object }: JsonObject): JsonObject => object

/** What a defined kind's stored version makes of an object that was written in another: nothing it does not know, and its defaults. */
const asStoredVersion = (object: JsonObject, { group, builtin, versions, storageVersion }: Resource): JsonObject => {
  const version = versions.find(({ name }) => name === storageVersion)
  if (builtin || !version || object['apiVersion'] === apiVersionOf(group, storageVersion)) return object
  const { apiVersion, kind, metadata, ...rest } = object
  const shaped = shape(rest, version.schema, { typed: false, defaults: true, onUnknown: () => {} })
  return { apiVersion, kind, metadata, ...(shaped as JsonObject) }
}

export const stored = (object: JsonObject, resource: Resource): KubeObject => {
  const { storedAs } = resource
  const whole = storedAs ? storedAs.conversion.toStored(object) : asStoredVersion(object, resource)
  const { apiVersion: _version, kind, metadata, ...rest } = whole
  const apiVersion = storedAs?.apiVersion ?? apiVersionOf(resource.group, resource.storageVersion)
  return { apiVersion, kind, metadata, ...rest } as KubeObject
}

export const withManagedFields = (object: JsonObject, entries: readonly ManagedFieldsEntry[]): JsonObject => ({
  ...object,
  metadata: withField(objectAt(object, 'metadata'), 'managedFields', entries.length === 0 ? undefined : entries),
})

/** A write to an object that exists. */
export interface Replacement {
  readonly target: Target
  readonly live: KubeObject
  /** Decoded, with defaults, in the version the client speaks. */
  readonly wanted: JsonObject
  /** Settled by server-side apply; worked out here for every other write. */
  readonly managedFields?: readonly ManagedFieldsEntry[]
  /** A patch was made of the live object: another uid in it is a wrong field, where in an update it is a failed precondition. */
  readonly isPatch?: boolean
  readonly options: WriteOptions
}

/** The store's own words, which name the place where it keeps the object. */
const storageWords = ({ endpoint: { resource }, namespace, name }: Target, uid: string, live: KubeObject): string => {
  const home = [...(resource.builtin ? [] : [resource.group]), resource.plural, ...(namespace === '' ? [] : [namespace]), name].join('/')
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`
  return `StorageError: invalid object, Code: 4, Key: /registry/${home}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
}

/** Rules about changes of metadata are asked by the generic code and by the kind: what breaks one is named twice. */
const twice = <T>(cause: T): readonly T[] => [cause, cause]

const anotherUid = ({ live, wanted }: Replacement): string | undefined => {
  const uid = textAt(wanted['metadata'], 'uid')
  return uid === '' || uid === live.metadata.uid ? undefined : uid
}

/** The uid of an update is asked for before its version, that of a patch after it. */
const checkPreconditions = (replacement: Replacement): void => {
  const { target, live, wanted, isPatch } = replacement
  const named = namedBy(target.endpoint, live.metadata.name)
  const uid = anotherUid(replacement)
  if (uid !== undefined && !isPatch) throw conflict(named, storageWords(target, uid, live))
  const version = textAt(wanted['metadata'], 'resourceVersion')
  if (version !== '' && version !== live.metadata.resourceVersion) throw conflict(named)
  if (uid !== undefined) throw invalid(named, twice(invalidValue('metadata.uid', uid, 'field is immutable')))
  if (version === '' && !target.endpoint.resource.allowsUnconditionalUpdate) {
    // This one error calls the kind by its plural.
    throw invalid({ ...named, kind: named.plural }, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')])
  }
}

const ownersAfter = (kernel: Kernel, replacement: Replacement, next: JsonObject): JsonObject => {
  const { target, live, wanted, managedFields, options } = replacement
  if (asksToForgetOwners(objectAt(wanted, 'metadata')['managedFields'])) return withManagedFields(next, [])
  if (managedFields) return withManagedFields(next, managedFields)
  const { schema, hasStatus } = target.endpoint.version
  const writer: Writer = { ...writerOf(kernel, target, options), operation: 'Update' }
  return withManagedFields(next, managedAfterUpdate({ before: live, after: next, schema, hasStatus, writer }))
}

const completed = (object: JsonObject, live: KubeObject, target: Target): JsonObject => {
  const complete = strategyOf(resourceId(target.endpoint.resource)).complete
  return complete && target.subresource !== 'status' ? complete(object, live) : object
}

/** Whether the last finalizer is gone from an object whose deletion waited for it. */
const isFinished = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (metadata.finalizers ?? []).length === 0 &&
  ((metadata as unknown as JsonObject)['deletionGracePeriodSeconds'] ?? 0) === 0

/**
 * Stores a new version of an object that exists, unless nothing would change.
 * @throws {StatusError} 409 when it is not the version the client knew, 422 when it is invalid
 */
export const replace = (kernel: Kernel, replacement: Replacement): KubeObject => {
  const { target, live, wanted, options } = replacement
  checkPreconditions(replacement)
  // What stays as it was stays the very same object: whatever compares it from here on sees that at once.
  const through = withPartsOf(live, completed(throughDoor(wanted, live, target), live, target))
  const next = withPartsOf(live, ownersAfter(kernel, replacement, through))
  if (sameJson(substance(next), substance(live))) return spokenAs(live, target.endpoint)
  const generation = generationAfter(next, live, target)
  const whole = { ...next, metadata: withField(objectAt(next, 'metadata'), 'generation', generation) }
  options.admit?.(whole)
  checkCandidate({
    endpoint: target.endpoint,
    object: whole,
    before: live,
    isPatched: replacement.isPatch === true,
    door: target.subresource,
  })
  const object = stored(whole, target.endpoint.resource)
  if (options.dryRun) return spokenAs(object, target.endpoint)
  return spokenAs(commit(kernel, replacement, object), target.endpoint)
}

const commit = (kernel: Kernel, { target, live }: Replacement, object: KubeObject): KubeObject => {
  const { endpoint, namespace, name } = target
  if (!isFinished(object)) return store(kernel, { endpoint, namespace, name, object, before: live })
  kernel.storage.remove(shelfOf(endpoint.resource), storageKey(namespace, name))
  return withRevision(object, kernel.storage.revision())
}
