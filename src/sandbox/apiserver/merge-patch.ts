import { isObject } from './json-value.ts'

/** JSON merge patch (RFC 7386): null removes, objects merge, everything else replaces. Neither argument is changed. */
export const mergePatch = (live: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch
  const merged: Record<string, unknown> = isObject(live) ? { ...live } : {}
  for (const field of Object.keys(patch)) {
    if (patch[field] === null) delete merged[field]
    else merged[field] = mergePatch(merged[field], patch[field])
  }
  return merged
}
