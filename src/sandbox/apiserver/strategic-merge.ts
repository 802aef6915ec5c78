import { isObject, type JsonObject, sameJson } from './json-value.ts'
import { fieldSchema, itemSchema, type Schema } from './schema.ts'

const orderPrefix = '$setElementOrder/'
const removalPrefix = '$deleteFromPrimitiveList/'

const isDirective = (field: string): boolean =>
  field === '$patch' || field === '$retainKeys' || field.startsWith(orderPrefix) || field.startsWith(removalPrefix)

const directiveOf = (patch: unknown): unknown => (isObject(patch) ? patch['$patch'] : undefined)

const withoutDirectives = (patch: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(patch).filter(([field]) => !isDirective(field)))

/** Whether two items of a list are the same one: by merge key, or by value where items are plain. */
const sameItem = (key: string | undefined) => (left: unknown, right: unknown) =>
  key !== undefined && isObject(left) && isObject(right) ? sameJson(left[key], right[key]) : sameJson(left, right)

const mergeList = (live: readonly unknown[], patch: readonly unknown[], schema: Schema): readonly unknown[] => {
  const same = sameItem(schema['x-kubernetes-patch-merge-key'])
  if (patch.some(item => directiveOf(item) === 'replace')) return patch.filter(item => directiveOf(item) !== 'replace')
  const merged = [...live]
  for (const item of patch) {
    const at = merged.findIndex(other => same(other, item))
    if (directiveOf(item) === 'delete') {
      if (at >= 0) merged.splice(at, 1)
    } else if (at >= 0) merged[at] = mergeStrategic(merged[at], item, itemSchema(schema))
    else merged.push(mergeStrategic(undefined, item, itemSchema(schema)))
  }
  return merged
}

/** Shared items take the wanted order; items only the server has stay before the item they preceded. */
const reordered = (list: readonly unknown[], order: readonly unknown[], schema: Schema): readonly unknown[] => {
  const same = sameItem(schema['x-kubernetes-patch-merge-key'])
  const waiting = [...list]
  const result: unknown[] = []
  const takeUnordered = (): void => {
    while (waiting.length > 0 && !order.some(wanted => same(wanted, waiting[0]))) result.push(waiting.shift())
  }
  for (const wanted of order) {
    takeUnordered()
    const at = waiting.findIndex(item => same(item, wanted))
    if (at >= 0) result.push(...waiting.splice(at, 1))
  }
  takeUnordered()
  return result
}

const mergesByItem = (schema: Schema): boolean => (schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge')

const mergeField = (live: unknown, patch: unknown, schema: Schema): unknown => {
  if (!Array.isArray(patch)) return mergeStrategic(live, patch, schema)
  return mergesByItem(schema) ? mergeList(Array.isArray(live) ? live : [], patch, schema) : patch
}

const isListDirective = (field: string): boolean => field.startsWith(orderPrefix) || field.startsWith(removalPrefix)

/** What a list directive leaves of the list it names. */
const directedList = (
  list: readonly unknown[],
  [field, value]: readonly [string, readonly unknown[]],
  schema: Schema,
): readonly unknown[] =>
  field.startsWith(orderPrefix) ? reordered(list, value, schema) : list.filter(item => !value.some(gone => sameJson(gone, item)))

const applyListDirectives = (merged: Record<string, unknown>, patch: JsonObject, schema: Schema): void => {
  for (const [field, value] of Object.entries(patch)) {
    const name = field.slice(field.indexOf('/') + 1)
    const list = merged[name]
    if (!isListDirective(field) || !Array.isArray(list) || !Array.isArray(value)) continue
    merged[name] = directedList(list, [field, value], fieldSchema(schema, name).schema)
  }
}

const mergeObject = (live: JsonObject, patch: JsonObject, schema: Schema): JsonObject => {
  const merged: Record<string, unknown> = { ...live }
  for (const [field, value] of Object.entries(patch)) {
    if (isDirective(field)) continue
    if (value === null) delete merged[field]
    else merged[field] = mergeField(merged[field], value, fieldSchema(schema, field).schema)
  }
  applyListDirectives(merged, patch, schema)
  const kept = patch['$retainKeys']
  return Array.isArray(kept) ? Object.fromEntries(Object.entries(merged).filter(([field]) => kept.includes(field))) : merged
}

/** Strategic merge patch as `kubectl` sends it for built-in kinds: lists merge by the keys that the schema names. */
export const mergeStrategic = (live: unknown, patch: unknown, schema: Schema): unknown => {
  if (!isObject(patch)) return patch
  if (patch['$patch'] === 'replace') return withoutDirectives(patch)
  if (patch['$patch'] === 'delete') return {}
  return mergeObject(isObject(live) ? live : {}, patch, schema)
}
