import { hash } from 'node:crypto'

type Fields = Readonly<Record<string, unknown>>

/** JSON with sorted keys and nothing undefined: equal values give equal texts. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  const parts = entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`)
  return `{${parts.join(',')}}`
}

/**
 * Fields whose empty object the API server writes or leaves out at its own liking. Elsewhere `{}` may mean something of its own: an empty
 * `namespaceSelector` selects every namespace, a missing one only the pod's.
 */
const emptyMeansAbsent: ReadonlySet<string> = new Set([
  'metadata',
  'labels',
  'annotations',
  'resources',
  'limits',
  'requests',
  'securityContext',
  'nodeSelector',
  'affinity',
  'matchLabels',
])

/**
 * The content of a stored object without what only its encoding adds: nulls, empty lists, empty objects of the table above. Values that the
 * API server defaults stay: it adds them before anybody can read the object, and never adds new ones to templates that exist.
 */
export const normalised = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(normalised)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, normalised(field)] as const)
      .filter(([key, field]) => !saysNothing(key, field)),
  )
}

const saysNothing = (key: string, value: unknown): boolean => {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  return emptyMeansAbsent.has(key) && isEmptyObject(value)
}

const isEmptyObject = (value: unknown): boolean => typeof value === 'object' && Object.keys(value as Fields).length === 0

export const sha256Hex = (text: string): string => hash('sha256', text)

/** Prefix that names the algorithm. A new one gets a new prefix, so that no upgrade of ours can look like a change of theirs. */
const algorithm = 's1'

/** Identity of content: `s1-` and 20 hexadecimal digits of the SHA-256 of its normalised canonical JSON. */
export const contentHash = (value: unknown): string => {
  if (typeof value !== 'object' || value === null || !Object.isFrozen(value)) return hashNow(value)
  const found = hashes.get(value) ?? hashNow(value)
  hashes.set(value, found)
  return found
}

const hashNow = (value: unknown): string => `${algorithm}-${sha256Hex(canonicalJson(normalised(value))).slice(0, 20)}`

/** Caches freeze what they hold all the way down, and keep a template that did not change: hashing one takes as long as all else in a look. */
const hashes = new WeakMap<object, string>()

/** Whether the hash was made by this algorithm, so that comparing it with one of ours means something. */
export const isComparable = (hash: string): boolean => hash.startsWith(`${algorithm}-`)

/** A text in the shape of a UUID (version 8, made from content): the same for the same revision, so that applying again rolls nothing. */
export const uuidOf = (text: string): string => {
  const hex = sha256Hex(text)
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
