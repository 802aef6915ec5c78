/** Characters that Go escapes in JSON, because they mean something in HTML or in JavaScript. In JSON they stand in strings only. */
const goEscapes = /[<>&\u2028\u2029]/g

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

const sorted = (_: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/**
 * A new object as Go would write it. What the API server does not look into (`data` of a ControllerRevision) it stores byte by byte. A patch or an
 * apply writes that anew, Go's way: had it come in any other, the server would take it for a change of what nobody may change, and neither we nor
 * the garbage collector could ever give such an object another owner.
 */
export const goJson = (object: unknown): string => JSON.stringify(object, sorted).replace(goEscapes, escaped)
