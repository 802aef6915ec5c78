/** Longer texts are rarely the same in two objects. */
const longestShared = 64
/** When so many are known they are all forgotten: what is stored keeps its own, and what comes next is learnt anew. */
const mostKnown = 20_000
const known = new Map<string, string>()

/** One text for all that say the same: names, images and settings come again and again in every template, its pins and its primary. */
const sharedText = (text: string): string => {
  if (text.length > longestShared) return text
  const found = known.get(text)
  if (found !== undefined) return found
  if (known.size >= mostKnown) known.clear()
  known.set(text, text)
  return text
}

const noFields: object = Object.freeze({})
const noItems: object = Object.freeze([])

/** The shared part in place of an empty one; undefined when it is not empty, or more than JSON. */
const emptyPart = (part: object): object | undefined => {
  if (Object.keys(part).length > 0) return undefined
  if (Array.isArray(part)) return noItems
  return Object.getPrototypeOf(part) === Object.prototype ? noFields : undefined
}

const sharedPart = (part: unknown): unknown => {
  if (typeof part === 'string') return sharedText(part)
  if (typeof part !== 'object' || part === null) return part
  return emptyPart(part) ?? deepFreeze(part)
}

/**
 * Freezes a JSON value all the way down, in place, and gives it back. Equal short texts and empty parts (`fieldsV1` is full of them) become
 * one and the same, because caches hold thousands of objects that say nearly the same.
 */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const fields = value as Record<string, unknown>
  for (const name of Object.keys(fields)) fields[name] = sharedPart(fields[name])
  return Object.freeze(value)
}
