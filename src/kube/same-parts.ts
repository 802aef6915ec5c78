type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A name may be one that every object inherits, such as `__proto__`. */
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

const isSame = (before: readonly unknown[], after: readonly unknown[]): boolean =>
  before.length === after.length && after.every((part, index) => Object.is(part, before[index]))

const listWith = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] => {
  const parts = after.map((part, index) => withPartsOf(before[index], part))
  if (isSame(before, parts)) return before
  return isSame(after, parts) ? after : parts
}

const fieldsWith = (before: Fields, after: Fields): Fields => {
  const names = Object.keys(after)
  const kept = names.map(name => own(before, name))
  const parts = names.map((name, index) => withPartsOf(kept[index], after[name]))
  if (names.length === Object.keys(before).length && isSame(kept, parts)) return before
  if (parts.every((part, index) => Object.is(part, after[names[index] ?? '']))) return after
  return Object.fromEntries(names.map((name, index) => [name, parts[index]]))
}

/**
 * A JSON value made of the parts of an older one wherever the two say the same. What did not change stays the very same object: both
 * versions share its memory, and whoever remembers something about a part (its hash, say) finds it again. Neither value is changed.
 */
export const withPartsOf = <T>(before: unknown, after: T): T => {
  if (Object.is(before, after)) return after
  if (Array.isArray(before) && Array.isArray(after)) return listWith(before, after) as T
  return isFields(before) && isFields(after) ? (fieldsWith(before, after) as T) : after
}
