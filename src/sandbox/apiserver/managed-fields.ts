import type { ManagedFieldsEntry } from '../../api/object.ts'
import { differenceOf, fieldsOf, mergeValues, withoutGivenUp } from './field-ownership.ts'
import { difference, emptySet, type FieldSet, intersection, isEmptySet, pathsOf, union } from './field-set.ts'
import { isObject, type JsonObject, objectAt, sameJson } from './json-value.ts'
import type { Schema } from './schema.ts'
import { StatusError } from './status.ts'

/** Who writes, how, through which endpoint and in which version. */
export interface Writer {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339, whole seconds. */
  readonly time: string
}

type Owner = Omit<Writer, 'time'>

/** What one manager owns. */
interface Share {
  readonly owner: Owner
  readonly time: string
  readonly fields: FieldSet
}

/** A share, with the entry that says so. */
interface Managed extends Share {
  readonly id: string
  /** Entries stand in this order. */
  readonly rank: string
  readonly entry: ManagedFieldsEntry
}

/** Appliers are the same whatever version they speak; updaters are not. */
const idOf = ({ manager, operation, apiVersion, subresource }: Owner): string =>
  [operation, manager, subresource, operation === 'Apply' ? '' : apiVersion].join('\n')

const entryOf = ({ owner: { manager, operation, apiVersion, subresource }, time, fields }: Share): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion,
  time,
  fieldsType: 'FieldsV1',
  fieldsV1: fields,
  ...(subresource === '' ? {} : { subresource }),
})

const managedOf = (share: Share): Managed => {
  const { owner, time } = share
  const rank = [owner.operation, time, owner.manager, owner.apiVersion, owner.subresource].join('\n')
  return { ...share, id: idOf(owner), rank, entry: entryOf(share) }
}

const readBefore = new WeakMap<ManagedFieldsEntry, Managed>()

/** Most entries come again in every version of their object: nobody changes them in place. */
const decodeEntry = (entry: ManagedFieldsEntry): Managed => {
  const known = readBefore.get(entry)
  if (known) return known
  const { manager = '', operation = 'Update', apiVersion = '', subresource = '', time = '', fieldsV1 = emptySet } = entry
  const read = managedOf({ owner: { manager, operation, apiVersion, subresource }, time, fields: fieldsV1 as FieldSet })
  const managed = sameJson(read.entry, entry) ? { ...read, entry } : read
  readBefore.set(entry, managed)
  return managed
}

const decode = (entries: readonly ManagedFieldsEntry[]): Map<string, Managed> => {
  const managed = new Map<string, Managed>()
  for (const entry of entries) {
    const one = decodeEntry(entry)
    managed.set(one.id, one)
  }
  return managed
}

const encode = (managed: Map<string, Managed>): readonly ManagedFieldsEntry[] =>
  [...managed.values()]
    .filter(({ fields }) => !isEmptySet(fields))
    .sort((left, right) => (left.rank < right.rank ? -1 : 1))
    .map(({ entry }) => entry)

const identity = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields', 'resourceVersion']

const ownableMetadata = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(objectAt(object, 'metadata')).filter(([field]) => !identity.includes(field)))

/** The part of an object that field managers can own through this endpoint. */
const ownable = (object: JsonObject, subresource: string, hasStatus: boolean): JsonObject => {
  if (subresource === 'status') return 'status' in object ? { status: object['status'] } : {}
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object
  const metadata = ownableMetadata(object)
  if (hasStatus) delete (rest as Record<string, unknown>)['status']
  return Object.keys(metadata).length === 0 ? rest : { ...rest, metadata }
}

/** One write as ownership sees it. */
export interface Write {
  readonly before: JsonObject
  readonly after: JsonObject
  readonly schema: Schema
  /** Whether status is written through its own endpoint only. */
  readonly hasStatus: boolean
  readonly writer: Writer
}

const entriesOf = (object: JsonObject): readonly ManagedFieldsEntry[] => {
  const entries = objectAt(object, 'metadata')['managedFields']
  return Array.isArray(entries) ? entries : []
}

const withFields = (managed: Map<string, Managed>, writer: Writer, fields: FieldSet): void => {
  const { time, ...owner } = writer
  const id = idOf(owner)
  const known = managed.get(id)
  // An entry's time says when its fields last changed, so that a write which changes nothing is no write.
  const same = known !== undefined && sameJson(known.fields, fields) && known.owner.apiVersion === owner.apiVersion
  if (!same) managed.set(id, managedOf({ owner, time, fields }))
}

const takeFromOthers = (managed: Map<string, Managed>, taken: FieldSet, ownId: string): void => {
  if (isEmptySet(taken)) return
  for (const [id, entry] of managed) {
    if (id === ownId) continue
    const fields = difference(entry.fields, taken)
    if (fields !== entry.fields) managed.set(id, managedOf({ owner: entry.owner, time: entry.time, fields }))
  }
}

/** What a write changed. Metadata as such is always there, so nobody adds or removes it. */
const changesOf = (
  before: JsonObject,
  after: JsonObject,
  { schema, hasStatus, writer }: Pick<Write, 'schema' | 'hasStatus' | 'writer'>,
) => {
  const part = (object: JsonObject): JsonObject => {
    const owned = ownable(object, writer.subresource, hasStatus)
    return writer.subresource === 'status' ? owned : { metadata: {}, ...owned }
  }
  return differenceOf(part(before), part(after), schema)
}

/** The managed fields after a create, update or patch: who changes a field owns it, and nobody owns what is gone. */
export const managedAfterUpdate = ({ before, after, schema, hasStatus, writer }: Write): readonly ManagedFieldsEntry[] => {
  const managed = decode(entriesOf(after))
  const { changed, removed } = changesOf(before, after, { schema, hasStatus, writer })
  const own = managed.get(idOf(writer))?.fields ?? emptySet
  takeFromOthers(managed, union(changed, removed), idOf(writer))
  withFields(managed, writer, union(difference(own, removed), changed))
  return encode(managed)
}

const ownerWords = ({ manager, subresource, operation, apiVersion }: Owner): string => {
  const who = subresource === '' ? JSON.stringify(manager) : `${JSON.stringify(manager)} with subresource ${JSON.stringify(subresource)}`
  return operation === 'Update' ? `${who} using ${apiVersion}` : who
}

interface Collision {
  readonly owner: Owner
  readonly fields: FieldSet
}

const collisionWords = (collisions: readonly Collision[]): string => {
  const lines = collisions.map(({ owner, fields }) => ({ who: ownerWords(owner), paths: pathsOf(fields) }))
  const count = lines.reduce((sum, { paths }) => sum + paths.length, 0)
  const [first] = lines
  if (count === 1 && first) return `Apply failed with 1 conflict: conflict with ${first.who}: ${first.paths[0]}`
  const blocks = lines.map(({ who, paths }) => `conflicts with ${who}:\n${paths.map(path => `- ${path}`).join('\n')}`)
  return `Apply failed with ${count} conflicts: ${blocks.join('\n')}`
}

const applyConflict = (collisions: readonly Collision[]): StatusError =>
  new StatusError(409, 'Conflict', {
    message: collisionWords(collisions),
    details: {
      causes: collisions.flatMap(({ owner, fields }) =>
        pathsOf(fields).map(field => ({ reason: 'FieldManagerConflict', message: `conflict with ${ownerWords(owner)}`, field })),
      ),
    },
  })

/** One server-side apply. `config` is what the applier sent, in the live object's version. */
export interface Apply {
  readonly live: JsonObject
  readonly config: JsonObject
  readonly schema: Schema
  readonly hasStatus: boolean
  readonly writer: Writer
  readonly force: boolean
}

export interface Applied {
  /** The live object with the configuration laid over it and what the applier gave up taken out. */
  readonly merged: JsonObject
  readonly managedFields: readonly ManagedFieldsEntry[]
}

/** Objects from before field ownership belong to one well-known manager, so that the first apply meets a conflict, not a loss. */
const adopt = (managed: Map<string, Managed>, { live, schema, hasStatus, writer }: Apply): void => {
  if (managed.size > 0) return
  const owner: Owner = { manager: 'before-first-apply', operation: 'Update', apiVersion: writer.apiVersion, subresource: '' }
  managed.set(idOf(owner), managedOf({ owner, time: writer.time, fields: fieldsOf(ownable(live, '', hasStatus), schema) }))
}

const collisionsOf = (managed: Map<string, Managed>, ownId: string, changed: FieldSet): Collision[] =>
  [...managed]
    .filter(([id]) => id !== ownId)
    .map(([, { owner, fields }]) => ({ owner, fields: intersection(fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields))

const mergedConfig = (apply: Apply, managed: Map<string, Managed>, claimed: FieldSet): JsonObject => {
  const { live, schema, hasStatus, writer } = apply
  const laid = mergeValues(live, ownable(apply.config, writer.subresource, hasStatus), schema)
  const last = managed.get(idOf(writer))?.fields
  if (!last) return isObject(laid) ? laid : live
  const others = [...managed].filter(([id]) => id !== idOf(writer)).map(([, { fields }]) => fields)
  const pruned = withoutGivenUp(laid, schema, { last, now: others.reduce(union, claimed) })
  return isObject(pruned) ? pruned : live
}

/**
 * Merges an applied configuration and settles who owns what.
 * @throws {StatusError} 409 with one cause per field when another manager owns what would change, unless `force`
 */
export const applyConfig = (apply: Apply): Applied => {
  const { live, schema, hasStatus, writer, force } = apply
  const managed = decode(entriesOf(live))
  if (Object.keys(live).length > 0) adopt(managed, apply)
  const claimed = fieldsOf(ownable(apply.config, writer.subresource, hasStatus), schema)
  const merged = mergedConfig(apply, managed, claimed)
  const { changed, removed } = changesOf(live, merged, apply)
  const collisions = collisionsOf(managed, idOf(writer), changed)
  if (collisions.length > 0 && !force) throw applyConflict(collisions)
  takeFromOthers(managed, union(changed, removed), idOf(writer))
  withFields(managed, writer, claimed)
  return { merged, managedFields: encode(managed) }
}

/** Whether the client asks to forget all owners: a list with one empty entry (an empty list means "not my business"). */
export const asksToForgetOwners = (entries: unknown): boolean =>
  Array.isArray(entries) && entries.length === 1 && isObject(entries[0]) && Object.keys(entries[0]).length === 0
