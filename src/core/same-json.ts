/** Whether two JSON values say the same; keys that are undefined count as absent. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return sameList(a, b)
  return sameRecord(a as Fields, b as Fields)
}

type Fields = Readonly<Record<string, unknown>>

const sameList = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]))

/** A name may be one that every object inherits, such as `constructor`. */
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

const sameRecord = (a: Fields, b: Fields): boolean =>
  Object.keys(a).every(key => sameJson(a[key], own(b, key))) && Object.keys(b).every(key => b[key] === undefined || Object.hasOwn(a, key))
