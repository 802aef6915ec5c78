import type { z } from 'zod'
import { type Problem, pathText, wordsFor } from './problem.ts'

/** A JSON object of unknown content. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value as an object; an empty one where it is none. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})

export interface TolerantReading<T> {
  readonly value: T
  /** What was left out or filled in. */
  readonly problems: readonly Problem[]
  /** Paths that the schema does not know; they were left out. */
  readonly unknown: readonly string[]
}

export interface TolerantRequest<T> {
  readonly schema: z.ZodType<T>
  readonly raw: unknown
  /** Where `raw` stands in the object, for the paths in messages. */
  readonly at: string
  /** What stands in for a required field, by path inside `raw`. Every required field of the root must be here. */
  readonly standIns: Readonly<Record<string, unknown>>
}

/**
 * Reads what can be read: a field that is garbage is left out with a problem, never the whole. Ends, because each round removes something
 * or fills in a field that is then valid. Never throws on JSON, and copies no key into a prototype.
 */
export const readTolerantly = <T>(request: TolerantRequest<T>): TolerantReading<T> => {
  const { schema, raw, at } = request
  const read = schema.safeParse(raw)
  return read.success ? { value: read.data, problems: [], unknown: unknownPaths(raw, read.data, at) } : readGarbled(request)
}

const readGarbled = <T>({ schema, raw, at, standIns }: TolerantRequest<T>): TolerantReading<T> => {
  const first = withoutNulls(schema, raw)
  const problems = issuesOf(schema, first).map(issue => problemOf(issue, first, at))
  const valid = mendedUntilValid({ schema, raw: first, at, standIns })
  const value = schema.parse(valid)
  return { value, problems, unknown: unknownPaths(valid, value, at) }
}

const issuesOf = (schema: z.ZodType, value: unknown): readonly z.core.$ZodIssue[] => schema.safeParse(value).error?.issues ?? []

/** Kubernetes reads a null field as an absent one. An element of a list that is null is garbage like any other. */
const withoutNulls = (schema: z.ZodType, value: unknown): unknown => {
  const nulls = issuesOf(schema, value).filter(({ path }) => typeof path.at(-1) === 'string' && valueAt(value, path) === null)
  return nulls.length === 0 ? value : withoutNulls(schema, mended(value, nulls, {}))
}

/** All that is wrong shows in the first round; what later rounds meet are holes that earlier ones left. */
const mendedUntilValid = <T>({ schema, raw, standIns }: TolerantRequest<T>): unknown => {
  let value = raw
  for (let issues = issuesOf(schema, value); issues.length > 0; issues = issuesOf(schema, value)) value = mended(value, issues, standIns)
  return value
}

const problemOf = (issue: z.core.$ZodIssue, value: unknown, at: string): Problem => {
  const came = valueAt(value, issue.path)
  return { path: pathText([at, ...issue.path]), message: `${expectation(issue)}, got ${wordsFor(came)}; ${advice(came)}` }
}

const advice = (came: unknown): string => (came === undefined ? 'add it' : 'correct it')

const expectation = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${article[issue.expected] ?? `a ${issue.expected}`}`
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).filter(Boolean).join(', ')}`
    case 'invalid_union':
      return 'expected a number or a text'
    case 'too_small':
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`
    default:
      return issue.message
  }
}

const article: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

const unitOf = (origin: string): string => ({ string: ' characters', array: ' elements' })[origin] ?? ''

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? (inner as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  )

/** Which parts to leave out (`true`), replace, or look inside. */
interface Repairs {
  remove: boolean
  replace?: { readonly with: unknown }
  readonly inside: Map<string, Repairs>
}

const noRepairs = (): Repairs => ({ remove: false, inside: new Map() })

const mended = (value: unknown, issues: readonly z.core.$ZodIssue[], standIns: Readonly<Record<string, unknown>>): unknown => {
  const repairs = noRepairs()
  for (const { path } of issues) plan(repairs, path, { missing: valueAt(value, path) === undefined, standIns })
  return repaired(isFields(value) ? value : {}, repairs)
}

/** A garbage value is left out; a missing one is filled in, or else takes the object that needs it along. */
const plan = (
  root: Repairs,
  path: readonly PropertyKey[],
  { missing, standIns }: { missing: boolean; standIns: Readonly<Record<string, unknown>> },
): void => {
  const key = pathText(path)
  if (missing && Object.hasOwn(standIns, key)) repairsAt(root, path).replace = { with: standIns[key] }
  else repairsAt(root, missing ? path.slice(0, -1) : path).remove = true
}

const repairsAt = (root: Repairs, path: readonly PropertyKey[]): Repairs => {
  let repairs = root
  for (const step of path) {
    const inner = repairs.inside.get(String(step)) ?? noRepairs()
    repairs.inside.set(String(step), inner)
    repairs = inner
  }
  return repairs
}

const repaired = (value: unknown, { inside }: Repairs): unknown => {
  if (inside.size === 0) return value
  const keep = ([key, inner]: readonly [string, unknown]): (readonly [string, unknown])[] => {
    const repairs = inside.get(key)
    if (repairs?.replace) return [[key, repairs.replace.with]]
    return repairs?.remove ? [] : [[key, repairs ? repaired(inner, repairs) : inner]]
  }
  if (Array.isArray(value))
    return Object.entries(value)
      .flatMap(keep)
      .map(([, inner]) => inner)
  const present = Object.entries(fieldsOf(value))
  const added = [...inside]
    .filter(([key, repairs]) => repairs.replace && !Object.hasOwn(fieldsOf(value), key))
    .map(([key]) => [key, undefined] as const)
  return Object.fromEntries([...present, ...added].flatMap(keep))
}

/** Paths of what `read` does not have any more. Parts that the schema took as they are, are the same object and not looked into. */
const unknownPaths = (raw: unknown, read: unknown, at: string): string[] => {
  if (raw === read || raw === null || typeof raw !== 'object' || typeof read !== 'object' || read === null) return []
  return Object.entries(raw).flatMap(([key, inner]) => {
    const path = Array.isArray(raw) ? `${at}[${key}]` : `${at}.${key}`
    if (inner === undefined || inner === null) return []
    return Object.hasOwn(read, key) ? unknownPaths(inner, (read as Fields)[key], path) : [path]
  })
}
