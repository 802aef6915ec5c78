import { isObject, type JsonObject, sameJson } from './json-value.ts'
import { fieldSchema, itemSchema, type Schema } from './schema.ts'

/** A value to judge: what governs it, where it stands, and what stood there before (undefined when nothing did). */
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
const formerItem = (item: unknown, { schema, before }: Judged): unknown => {
  if (!Array.isArray(before) || schema['x-kubernetes-list-type'] !== 'map') return undefined
  const identity = identityOf(item, schema)
  return before.find(other => sameJson(identityOf(other, schema), identity))
}

/** The fields or items of a value, each with what governs it. */
export const judgedChildren = (judged: Judged): readonly Judged[] => {
  const { value, schema, path, before } = judged
  if (Array.isArray(value)) {
    return value.map((item, at) => ({ value: item, schema: itemSchema(schema), path: `${path}[${at}]`, before: formerItem(item, judged) }))
  }
  if (!isObject(value)) return []
  const old: JsonObject = isObject(before) ? before : {}
  return Object.keys(value).map(field => ({
    value: value[field],
    schema: fieldSchema(schema, field).schema,
    path: joinPath(path, field),
    before: old[field],
  }))
}

/** What did not change is not judged again: a tightened definition must not lock old objects (ratcheting). */
export const isUnchanged = ({ value, before }: Judged): boolean => before !== undefined && sameJson(value, before)
