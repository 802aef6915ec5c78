import fastJsonPatch from 'fast-json-patch'
import type { Manifest } from '../../src/api/object.ts'
import { KubeError } from '../../src/kube/errors.ts'
import type { Patch } from '../../src/kube/kube-api.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

/** RFC 7386: null removes, objects merge, everything else replaces. */
const merged = (live: unknown, patch: unknown): unknown => {
  if (!isFields(patch)) return patch
  const result: Record<string, unknown> = isFields(live) ? { ...live } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value)
  }
  return result
}

/** The object after the patch. @throws {KubeError} `Conflict` when a `test` fails, `Invalid` when a path does not exist */
export const patched = (live: Fields, { type, body }: Patch): Fields => {
  if (type === 'merge') return merged(live, body) as Fields
  try {
    return fastJsonPatch.applyPatch(structuredClone(live), structuredClone(body) as never, true).newDocument as Fields
  } catch (cause) {
    const failedTest = (cause as { name?: string }).name === 'TEST_OPERATION_FAILED'
    throw new KubeError(failedTest ? 'Conflict' : 'Invalid', 'patch: 422 Invalid', { httpStatus: 422, reason: 'Invalid', cause })
  }
}

/** What is left of `live` without the fields that the same manager applied before and no longer wants; lists are one value. */
const withoutDropped = (live: Fields, before: Fields, wanted: Fields): Fields => {
  const result: Record<string, unknown> = { ...live }
  for (const [name, value] of Object.entries(before)) {
    const inner = result[name]
    if (!(name in wanted)) delete result[name]
    else if (isFields(value) && isFields(inner)) result[name] = withoutDropped(inner, value, isFields(wanted[name]) ? wanted[name] : {})
  }
  return result
}

/** Server-side apply, reduced: objects merge, lists are atomic, fields of the last apply that are no longer named go. */
export const applied = (live: Fields, before: Fields, wanted: Fields): Fields =>
  merged(withoutDropped(live, before, wanted), wanted) as Fields

const fieldSet = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [`f:${name}`, isFields(value) ? fieldSet(value) : {}]))

/** The `fieldsV1` of an apply: every field the manifest names, lists whole. */
export const fieldsOf = ({ apiVersion: _, kind: __, metadata, ...rest }: Manifest): Fields => {
  const { name: _name, namespace: _namespace, resourceVersion: _version, uid: _uid, ...owned } = metadata
  return fieldSet({ ...(Object.keys(owned).length > 0 && { metadata: owned }), ...rest })
}
