import { emptySet, type FieldSet, isMember, nodeFrom } from './field-set.ts'
import { canonicalJson, isObject, type JsonObject, sameJson } from './json-value.ts'
import { fieldSchema, isAtomic, itemSchema, type Schema, schemaOfField } from './schema.ts'

/** One child of a map or of an associative list, under the name that field sets use for it. */
interface Child {
  readonly element: string
  readonly value: unknown
  readonly schema: Schema
  /** A field the schema itself declares. Keys of free maps and list items are members of their own, such fields are not. */
  readonly named: boolean
}

const keyOfItem = (item: unknown, schema: Schema): string => {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] === 'set' || !isObject(item)) return `v:${canonicalJson(item)}`
  const values = keys.map(key => [key, item[key] ?? schema.items?.properties?.[key]?.default])
  return `k:${canonicalJson(Object.fromEntries(values.filter(([, value]) => value !== undefined)))}`
}

const childrenOf = (value: unknown, schema: Schema): Child[] => {
  if (Array.isArray(value)) {
    return value.map(item => ({ element: keyOfItem(item, schema), value: item, schema: itemSchema(schema), named: false }))
  }
  if (!isObject(value)) return []
  return Object.keys(value).map(field => ({ element: `f:${field}`, value: value[field], ...fieldSchema(schema, field) }))
}

const isLeaf = (value: unknown, schema: Schema): boolean => typeof value !== 'object' || value === null || isAtomic(schema, value)

const nodeOf = (value: unknown, schema: Schema, member: boolean): FieldSet | undefined => {
  if (isLeaf(value, schema)) return emptySet
  if (isObject(value) && Object.keys(value).length === 0) return emptySet
  return nodeFrom(member, setOf(value, schema))
}

const setOf = (value: unknown, schema: Schema): FieldSet => {
  const set: Record<string, FieldSet> = {}
  for (const child of childrenOf(value, schema)) {
    const node = nodeOf(child.value, child.schema, !child.named)
    if (node) set[child.element] = node
  }
  return set
}

/** The fields an applied configuration claims. */
export const fieldsOf = (config: JsonObject, schema: Schema): FieldSet => setOf(config, schema)

/** What a write did: fields it added or changed, and fields it took away. */
export interface Difference {
  readonly changed: FieldSet
  readonly removed: FieldSet
}

interface NodeDifference {
  readonly changed?: FieldSet | undefined
  readonly removed?: FieldSet | undefined
}

const leafDifference = (before: unknown, after: unknown): NodeDifference => {
  if (after === undefined) return { removed: emptySet }
  return sameJson(before, after) ? {} : { changed: emptySet }
}

const isEmptyOrAbsent = (value: unknown): boolean => {
  if (value === undefined) return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Whether the two are compared as one piece: scalars, atomic ones, different shapes, or both without children. */
const comparedWhole = (before: unknown, after: unknown, schema: Schema): boolean => {
  const present = [before, after].filter(value => value !== undefined)
  if (present.some(value => isLeaf(value, schema))) return true
  if (present.length === 2 && Array.isArray(before) !== Array.isArray(after)) return true
  return isEmptyOrAbsent(before) && isEmptyOrAbsent(after)
}

const nodeDifference = (before: unknown, after: unknown, schema: Schema): NodeDifference => {
  if (before === after) return {}
  if (comparedWhole(before, after, schema)) return leafDifference(before, after)
  const below = differenceOf(before, after, schema)
  return { changed: nodeFrom(before === undefined, below.changed), removed: nodeFrom(after === undefined, below.removed) }
}

/** What was found so far. */
interface Found {
  readonly changed: Record<string, FieldSet>
  readonly removed: Record<string, FieldSet>
}

const note = ({ changed, removed }: Found, element: string, node: NodeDifference): void => {
  if (node.changed) changed[element] = node.changed
  if (node.removed) removed[element] = node.removed
}

const itemsDifference = (before: unknown, after: unknown, schema: Schema): Difference => {
  const found: Found = { changed: {}, removed: {} }
  const old = new Map(childrenOf(before, schema).map(child => [child.element, child]))
  for (const { element, value, schema: item } of childrenOf(after, schema)) {
    note(found, element, nodeDifference(old.get(element)?.value, value, item))
    old.delete(element)
  }
  for (const child of old.values()) note(found, child.element, nodeDifference(child.value, undefined, child.schema))
  return found
}

/** A field may be called like something that every object inherits. */
const ownField = (fields: JsonObject, field: string): unknown => (Object.hasOwn(fields, field) ? fields[field] : undefined)

const fieldsDifference = (before: JsonObject, after: JsonObject, schema: Schema): Difference => {
  const found: Found = { changed: {}, removed: {} }
  const look = (field: string): void =>
    note(found, `f:${field}`, nodeDifference(ownField(before, field), ownField(after, field), schemaOfField(schema, field)))
  // Most fields are the very same: nobody has to compare them.
  for (const field of Object.keys(after)) if (before[field] !== after[field]) look(field)
  for (const field of Object.keys(before)) if (ownField(after, field) === undefined) look(field)
  return found
}

/** Compares two versions of an object field by field, as ownership sees fields. */
export const differenceOf = (before: unknown, after: unknown, schema: Schema): Difference =>
  Array.isArray(before) || Array.isArray(after)
    ? itemsDifference(before, after, schema)
    : fieldsDifference(isObject(before) ? before : {}, isObject(after) ? after : {}, schema)

const mergeLists = (live: readonly unknown[], config: readonly unknown[], schema: Schema): readonly unknown[] => {
  const liveByKey = new Map(live.map(item => [keyOfItem(item, schema), item]))
  const configKeys = new Set(config.map(item => keyOfItem(item, schema)))
  const merged: unknown[] = []
  const waiting = [...live]
  // Items only the live list has keep their place before the next shared one; the rest follows the applied order.
  const takeUnshared = (): void => {
    while (waiting.length > 0 && !configKeys.has(keyOfItem(waiting[0], schema))) merged.push(waiting.shift())
  }
  for (const item of config) {
    takeUnshared()
    const key = keyOfItem(item, schema)
    merged.push(liveByKey.has(key) ? mergeValues(liveByKey.get(key), item, itemSchema(schema)) : item)
    const at = waiting.findIndex(other => keyOfItem(other, schema) === key)
    if (at >= 0) waiting.splice(at, 1)
  }
  takeUnshared()
  return merged
}

/** The live value with an applied configuration laid over it. */
export const mergeValues = (live: unknown, config: unknown, schema: Schema): unknown => {
  if (isLeaf(config, schema) || live === undefined || live === null) return config
  if (Array.isArray(config)) return Array.isArray(live) ? mergeLists(live, config, schema) : config
  if (!isObject(config) || !isObject(live)) return config
  const merged: Record<string, unknown> = { ...live }
  for (const field of Object.keys(config)) merged[field] = mergeValues(live[field], config[field], fieldSchema(schema, field).schema)
  return merged
}

const claims = (node: FieldSet | undefined, named: boolean): boolean => node !== undefined && (named || isMember(node))

/** What the applier said last time, and what anybody says now. */
export interface Claims {
  readonly last: FieldSet
  readonly now: FieldSet
}

const keptValue = (child: Child, last: FieldSet, now: FieldSet | undefined): unknown => {
  if (claims(last, child.named) && !claims(now, child.named)) return undefined
  return withoutGivenUp(child.value, child.schema, { last, now: now ?? emptySet })
}

/** The value without the fields, map entries and list items that the applier gave up and nobody else claims. */
export const withoutGivenUp = (value: unknown, schema: Schema, { last, now }: Claims): unknown => {
  if (isLeaf(value, schema)) return value
  const kept = childrenOf(value, schema).map(child => {
    const lastNode = last[child.element]
    return { child, value: lastNode === undefined ? child.value : keptValue(child, lastNode, now[child.element]) }
  })
  const present = kept.filter(entry => entry.value !== undefined)
  if (Array.isArray(value)) return present.map(entry => entry.value)
  return Object.fromEntries(present.map(entry => [entry.child.element.slice(2), entry.value]))
}
