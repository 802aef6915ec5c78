import { isObject, type JsonObject, listAt, sameJson } from './json-value.ts'
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

/** Two lists in one that keeps the order of each; an item of the first stands before the item it preceded on the server. */
const interleaved = (
  first: readonly unknown[],
  second: readonly unknown[],
  { same, server }: { readonly same: ReturnType<typeof sameItem>; readonly server: readonly unknown[] },
): readonly unknown[] => {
  const place = (item: unknown): number => server.findIndex(other => same(other, item))
  const rest = [...second]
  const merged: unknown[] = []
  for (const item of first) {
    const own = place(item)
    const at = own < 0 ? -1 : rest.findIndex(other => own < place(other))
    merged.push(...rest.splice(0, at < 0 ? rest.length : at), item)
  }
  return [...merged, ...rest]
}

const mergeList = (live: readonly unknown[], patch: readonly unknown[], schema: Schema): readonly unknown[] => {
  const same = sameItem(schema['x-kubernetes-patch-merge-key'])
  if (patch.some(item => directiveOf(item) === 'replace')) return patch.filter(item => directiveOf(item) !== 'replace')
  const serverOnly = live.filter(item => !patch.some(other => same(other, item)))
  const patched = patch
    .filter(item => directiveOf(item) !== 'delete')
    .map(item =>
      mergeStrategic(
        live.find(other => same(other, item)),
        item,
        itemSchema(schema),
      ),
    )
  return interleaved(serverOnly, patched, { same, server: live })
}

const reordered = (
  list: readonly unknown[],
  order: readonly unknown[],
  { same, server }: Parameters<typeof interleaved>[2],
): readonly unknown[] => {
  const serverOnly = list.filter(item => !order.some(wanted => same(wanted, item)))
  const ordered = order.flatMap(wanted => {
    const found = list.find(item => same(item, wanted))
    return found === undefined ? [] : [found]
  })
  return interleaved(serverOnly, ordered, { same, server })
}

const mergesByItem = (schema: Schema): boolean => (schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge')

const mergeField = (live: unknown, patch: unknown, schema: Schema): unknown => {
  if (!Array.isArray(patch)) return mergeStrategic(live, patch, schema)
  return mergesByItem(schema) ? mergeList(Array.isArray(live) ? live : [], patch, schema) : patch
}

const isListDirective = (field: string): boolean => field.startsWith(orderPrefix) || field.startsWith(removalPrefix)

interface ListDirective {
  readonly field: string
  readonly value: readonly unknown[]
  readonly schema: Schema
  /** The list as the server has it. */
  readonly server: readonly unknown[]
}

/** What a list directive leaves of the list it names. */
const directedList = (list: readonly unknown[], { field, value, schema, server }: ListDirective): readonly unknown[] =>
  field.startsWith(orderPrefix)
    ? reordered(list, value, { same: sameItem(schema['x-kubernetes-patch-merge-key']), server })
    : list.filter(item => !value.some(gone => sameJson(gone, item)))

const applyListDirectives = (
  merged: Record<string, unknown>,
  patch: JsonObject,
  { live, schema }: { live: JsonObject; schema: Schema },
): void => {
  for (const [field, value] of Object.entries(patch)) {
    const name = field.slice(field.indexOf('/') + 1)
    const list = merged[name]
    if (!isListDirective(field) || !Array.isArray(list) || !Array.isArray(value)) continue
    merged[name] = directedList(list, { field, value, schema: fieldSchema(schema, name).schema, server: listAt(live, name) })
  }
}

const mergeObject = (live: JsonObject, patch: JsonObject, schema: Schema): JsonObject => {
  const merged: Record<string, unknown> = { ...live }
  for (const [field, value] of Object.entries(patch)) {
    if (isDirective(field)) continue
    if (value === null) delete merged[field]
    else merged[field] = mergeField(merged[field], value, fieldSchema(schema, field).schema)
  }
  applyListDirectives(merged, patch, { live, schema })
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
