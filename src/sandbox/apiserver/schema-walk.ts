import { isObject, type JsonObject, sameJson } from './json-value.ts'
import { itemSchema, type Schema, schemaOfField } from './schema.ts'

/**
 * A value to judge: what governs it, where it stands, and what stood there before (undefined when nothing did).
 * Where the two say the same they are the same: the value is made of the parts of the former one.
 */
export interface Judged {
  readonly value: unknown
  readonly schema: Schema
  readonly path: string
  readonly before: unknown
}

export const joinPath = (path: string, field: string): string => (path === '' ? field : `${path}.${field}`)

/** What makes an item of a list the same item. */
export const identityOf = (item: unknown, schema: Schema): unknown => {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!keys || !isObject(item)) return item
  return Object.fromEntries(keys.map(key => [key, item[key] ?? null]))
}

/** The item that stood in the old list under the same key; only associative lists have such a thing. */
const formerItem = (item: unknown, at: number, { schema, before }: Judged): unknown => {
  if (!Array.isArray(before) || schema['x-kubernetes-list-type'] !== 'map') return undefined
  if (before[at] === item) return item
  const identity = identityOf(item, schema)
  const former = before.find(other => sameJson(identityOf(other, schema), identity))
  // It may have stood at another place, where nobody saw that it says the same.
  return sameJson(former, item) ? item : former
}

const isUnchanged = (value: unknown, before: unknown): boolean => before !== undefined && value === before

const changedItems = (items: readonly unknown[], judged: Judged): readonly Judged[] => {
  const schema = itemSchema(judged.schema)
  const changed: Judged[] = []
  for (const [at, value] of items.entries()) {
    const before = formerItem(value, at, judged)
    if (!isUnchanged(value, before)) changed.push({ value, schema, path: `${judged.path}[${at}]`, before })
  }
  return changed
}

const none: JsonObject = {}

const changedFields = (fields: JsonObject, { schema, path, before }: Judged): readonly Judged[] => {
  const old = isObject(before) ? before : none
  const changed: Judged[] = []
  for (const field of Object.keys(fields)) {
    const value = fields[field]
    if (isUnchanged(value, old[field])) continue
    changed.push({ value, schema: schemaOfField(schema, field), path: joinPath(path, field), before: old[field] })
  }
  return changed
}

/**
 * The fields or items of a value, each with what governs it, without those that are as they were: what did not change is not judged
 * again, and a tightened definition must not lock old objects (ratcheting).
 */
export const changedParts = (judged: Judged): readonly Judged[] => {
  const { value } = judged
  if (Array.isArray(value)) return changedItems(value, judged)
  return isObject(value) ? changedFields(value, judged) : []
}
