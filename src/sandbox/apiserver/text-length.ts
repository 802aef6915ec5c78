const known = new WeakMap<object, number>()

/** How a character of a text is written at worst: `\\u0000`. */
const longestEscape = 6
/** Of a number, and of what stands around a value. */
const longestNumber = 30

/** A length that the JSON text of the value does not exceed. Parts that stay from version to version are measured once: nobody changes them in place. */
const mostLength = (value: unknown): number => {
  if (typeof value === 'string') return value.length * longestEscape + longestNumber
  if (typeof value !== 'object' || value === null) return longestNumber
  const found = known.get(value)
  if (found !== undefined) return found
  const length = mostLengthOfParts(value)
  known.set(value, length)
  return length
}

const mostLengthOfParts = (whole: object): number => {
  let sum = longestNumber
  for (const name of Object.keys(whole)) sum += mostLength(name) + mostLength(whole[name as keyof object])
  return sum
}

/** Whether the JSON text of the value is longer than that. Only what might be is written down. */
export const isLongerThan = (limit: number, value: unknown): boolean => mostLength(value) > limit && JSON.stringify(value).length > limit
