import { sharedPart, sharedText, withHash, withText } from './shared-parts.ts'

/** A value as it is kept, with the hash of all it says; none where it is made of parts that were frozen before. */
interface Kept {
  readonly value: unknown
  readonly hash: number | undefined
}

const startOfMap = 0x811c9dc5
const startOfList = 0x050c5d1f

const noFields: object = Object.freeze({})
const noItems: object = Object.freeze([])

/** The shared part in place of an empty one; undefined when it is not empty, or more than JSON. */
const emptyPart = (part: object): Kept | undefined => {
  if (Object.keys(part).length > 0) return undefined
  if (Array.isArray(part)) return { value: noItems, hash: startOfList }
  return isJson(part) ? { value: noFields, hash: startOfMap } : undefined
}

const keptPart = (part: unknown): Kept => {
  if (typeof part === 'string') return { value: sharedText(part), hash: withText(0, part) }
  if (typeof part !== 'object' || part === null) return { value: part, hash: withText(1, String(part)) }
  const empty = emptyPart(part)
  if (empty) return empty
  if (Object.isFrozen(part)) return { value: part, hash: undefined }
  const hash = freezeParts(part)
  if (hash === undefined || !isJson(part)) return { value: Object.freeze(part), hash: undefined }
  return { value: sharedPart(Object.freeze(part), hash), hash }
}

/** Anything else may hold more than its fields say: two that look the same need not be. */
const isJson = (part: object): boolean => Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype

/** Puts what is kept in the place of each part; answers with the hash of them all. */
const freezeParts = (whole: object): number | undefined => {
  const fields = whole as Record<string, unknown>
  let hash: number | undefined = Array.isArray(whole) ? startOfList : startOfMap
  for (const name of Object.keys(fields)) {
    const kept = keptPart(fields[name])
    fields[name] = kept.value
    hash = hash === undefined || kept.hash === undefined ? undefined : withHash(withText(hash, name), kept.hash)
  }
  return hash
}

/**
 * Freezes a JSON value all the way down, in place, and gives it back. Parts of it that say the same as parts of a value frozen before become
 * one and the same with those.
 */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  freezeParts(value)
  return Object.freeze(value)
}
