/** A JSON object whose fields nobody vouches for. */
export type JsonObject = { readonly [field: string]: unknown }

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The field as an object, or an empty one. */
export const objectAt = (value: unknown, field: string): JsonObject => {
  const found = isObject(value) ? value[field] : undefined
  return isObject(found) ? found : {}
}

/** The field as a list, or an empty one. */
export const listAt = (value: unknown, field: string): readonly unknown[] => {
  const found = isObject(value) ? value[field] : undefined
  return Array.isArray(found) ? found : []
}

/** The field as text, or ''. */
export const textAt = (value: unknown, field: string): string => {
  const found = isObject(value) ? value[field] : undefined
  return typeof found === 'string' ? found : ''
}

/** The value behind a path of fields, or undefined. */
export const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, field) => (isObject(at) ? at[field] : undefined), value)

/** A copy in which the value behind `path` is `next`; undefined removes it. */
export const withValueAt = (value: unknown, path: readonly string[], next: unknown): JsonObject => {
  const [field = '', ...rest] = path
  const before = isObject(value) ? value : {}
  return withField(before, field, rest.length === 0 ? next : withValueAt(before[field], rest, next))
}

/** A copy with one field set; undefined removes it. */
export const withField = (value: JsonObject, field: string, next: unknown): JsonObject => {
  if (next !== undefined) return { ...value, [field]: next }
  const { [field]: _gone, ...rest } = value
  return rest
}

const sameLists = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((item, at) => sameJson(item, right[at]))

const sameObjects = (left: JsonObject, right: JsonObject): boolean => {
  const fields = Object.keys(left)
  if (fields.length !== Object.keys(right).length) return false
  return fields.every(field => Object.hasOwn(right, field) && sameJson(left[field], right[field]))
}

/** Whether two JSON values say the same; the order of fields does not matter. */
export const sameJson = (left: unknown, right: unknown): boolean => {
  if (left === right) return true
  if (Array.isArray(left)) return Array.isArray(right) && sameLists(left, right)
  return isObject(left) && isObject(right) && sameObjects(left, right)
}

/** JSON text with the fields of every object in order, so that equal values have equal texts. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const fields = Object.keys(value).sort()
  return `{${fields.map(field => `${JSON.stringify(field)}:${canonicalJson(value[field])}`).join(',')}}`
}
