/** How a character of a text is written at worst: `\\u0000`. */
const longestEscape = 6
/** Of a number, and of what stands around a value. */
const longestNumber = 30

const lengthOfText = (text: string): number => text.length * longestEscape + longestNumber

type Parts = Readonly<Record<string, unknown>>

const isWhole = (value: unknown): value is Parts => typeof value === 'object' && value !== null

/** A length that is not exceeded by the JSON text of all in a value that is not the very same in `before`. */
const mostOfNew = (value: unknown, before: unknown): number => {
  if (typeof value === 'string') return lengthOfText(value)
  if (!isWhole(value)) return longestNumber
  const old = isWhole(before) && Array.isArray(before) === Array.isArray(value) ? before : undefined
  let sum = longestNumber
  for (const name of Object.keys(value)) {
    const part = value[name]
    if (old === undefined || part !== old[name]) sum += lengthOfText(name) + mostOfNew(part, old?.[name])
  }
  return sum
}

/** What the texts of values that were measured do not exceed. */
const measured = new WeakMap<object, number>()

/**
 * A length that the JSON text of the value does not exceed; undefined when it is longer than the limit. Only what is new since `before` is
 * looked at, if that was noted, and only what might be too long is written down.
 */
export const lengthWithin = (limit: number, value: object, before: object | undefined): number | undefined => {
  const known = before && measured.get(before)
  const most = known === undefined ? mostOfNew(value, undefined) : known + mostOfNew(value, before)
  const length = most > limit ? JSON.stringify(value).length : most
  return length > limit ? undefined : length
}

/** Nobody changes the value in place from now on. */
export const noteLength = (value: object, length: number): void => void measured.set(value, length)
