import type { KindRef, ObjectKey } from '../api/object.ts'

type QueryValue = string | number | boolean | undefined

/** A query string with its `?`, without the values that are absent; `''` when none is left. */
export const queryText = (values: Readonly<Record<string, QueryValue>>): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** The core group lives below /api, every other below /apis. */
const groupPath = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

/** URL path of a kind's objects: of one namespace, or of all when none is named. */
export const collectionPath = (kind: KindRef, namespace?: string): string => {
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  return `${groupPath(kind.apiVersion)}${scope}/${kind.plural}`
}

export const objectPath = (kind: KindRef, { namespace, name }: ObjectKey): string =>
  `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`
