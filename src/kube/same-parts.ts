type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A name may be one that every object inherits, such as `__proto__`. */
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined)

const listWith = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] => {
  let isBefore = before.length === after.length
  let isAfter = true
  const parts = after.map((part, index) => {
    const kept = withPartsOf(before[index], part)
    isBefore &&= Object.is(kept, before[index])
    isAfter &&= Object.is(kept, part)
    return kept
  })
  if (isBefore) return before
  return isAfter ? after : parts
}

/** Every version of every object comes through here: one walk tells whether all, some or none of it stayed. */
const fieldsWith = (before: Fields, after: Fields): Fields => {
  const names = Object.keys(after)
  let isBefore = names.length === Object.keys(before).length
  let mixed: Record<string, unknown> | undefined
  for (const name of names) {
    const part = after[name]
    // Most are the very same: nobody has to ask whether they are inherited.
    if (Object.is(before[name], part)) continue
    const old = own(before, name)
    const kept = withPartsOf(old, part)
    isBefore &&= Object.is(kept, old)
    if (Object.is(kept, part)) continue
    mixed ??= { ...after }
    mixed[name] = kept // `after` has one of this name, so that even `__proto__` is a field like any other
  }
  return isBefore ? before : (mixed ?? after)
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
