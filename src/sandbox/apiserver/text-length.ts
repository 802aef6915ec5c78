const known = new WeakMap<object, number>()

/** How a character of a text is written at worst: `\\u0000`. */
const longestEscape = 6
/** Of a number, and of what stands around a value. */
const longestNumber = 30

/** Parts further down are measured faster than they are found again. */
const deepestKnown = 3

const lengthOfText = (text: string): number => text.length * longestEscape + longestNumber

/** A length that the JSON text of the value does not exceed. Parts that stay from version to version are measured once: nobody changes them in place. */
const mostLength = (value: unknown, depth: number): number => {
  if (typeof value === 'string') return lengthOfText(value)
  if (typeof value !== 'object' || value === null) return longestNumber
  const found = depth <= deepestKnown ? known.get(value) : undefined
  if (found !== undefined) return found
  const length = mostLengthOfParts(value, depth + 1)
  if (depth <= deepestKnown) known.set(value, length)
  return length
}

const mostLengthOfParts = (whole: object, depth: number): number => {
  let sum = longestNumber
  for (const name of Object.keys(whole)) sum += lengthOfText(name) + mostLength(whole[name as keyof object], depth)
  return sum
}

/** Whether the JSON text of the value is longer than that. Only what might be is written down. */
export const isLongerThan = (limit: number, value: unknown): boolean => mostLength(value, 0) > limit && JSON.stringify(value).length > limit
