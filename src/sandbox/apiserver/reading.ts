import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { syntaxWords } from './go-words.ts'
import { isObject, type JsonObject } from './json-value.ts'
import type { Kernel } from './kernel.ts'
import { resourceId, shelfOf } from './resource.ts'
import { parseFieldSelector, parseLabelSelector, type Selects } from './selectors.ts'
import { badRequest, expired } from './status.ts'
import type { Storage } from './storage.ts'

export interface Selection {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ListQuery extends Selection {
  /** 0 or absent: everything at once. */
  readonly limit?: number
  readonly continue?: string
  /** Absent or '': what is now; '0': anything; else at least, or exactly, this version. */
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
}

/** One page of stored objects, in storage form. */
export interface Page {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  /** '' on the last page. */
  readonly continue: string
  readonly remainingItemCount?: number
}

/** Where the next page starts, and in which version of the world: `-1` is whatever is now. */
interface Cursor {
  readonly rv: number
  readonly after: string
}

const encodeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...cursor })).toString('base64url')

const notContinued = (why: string): Error => badRequest(`invalid continue token: continue key is not valid: ${why}`)

const parsedCursor = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw notContinued(syntaxWords(text, thrown))
  }
}

const decodeCursor = (text: string): Cursor => {
  const cursor = parsedCursor(Buffer.from(text, 'base64url').toString('latin1'))
  if (isObject(cursor) && typeof cursor['rv'] === 'number' && typeof cursor['after'] === 'string') {
    return { rv: cursor['rv'], after: cursor['after'] }
  }
  throw notContinued('server does not recognize this encoded version')
}

/** @throws {StatusError} what `refuse` makes of the words for a text that is no version */
export const parseRevision = (text: string, refuse: (words: string) => Error): number => {
  if (!/^\d{1,15}$/.test(text)) {
    throw refuse(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  return Number(text)
}

/** Whether an object is in the namespace and passes both selectors. */
export const selectsOf = ({ namespace, labelSelector, fieldSelector }: Selection, { resource }: Endpoint): Selects => {
  const byLabel = parseLabelSelector(labelSelector)
  const byField = parseFieldSelector(fieldSelector, { id: resourceId(resource), isCustom: !resource.builtin })
  const inNamespace = namespace === undefined || !resource.namespaced ? undefined : namespace
  return object => {
    const { metadata } = object as KubeObject
    return (inNamespace === undefined || metadata.namespace === inNamespace) && byLabel(object) && byField(object)
  }
}

const versionOf = ({ resourceVersion = '', resourceVersionMatch, limit }: ListQuery, current: number): number | undefined => {
  if (resourceVersion === '' || resourceVersion === '0') return undefined
  const asked = parseRevision(resourceVersion, words => badRequest(`invalid resource version: ${words}`))
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === undefined && (limit ?? 0) > 0)
  // "Not older than" is met by what is now, unless the client comes from the future.
  return exact || asked > current ? asked : undefined
}

const pageIsOver =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

const cursorVersion = ({ rv }: Cursor, { resourceVersion = '' }: ListQuery): number | undefined => {
  if (resourceVersion !== '' && resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue')
  return rv < 0 ? undefined : rv
}

/** Who reads on in a forgotten version is told from where to read on in what is now. */
const listAt = (
  storage: Storage,
  { shelf, at, cursor }: { readonly shelf: string; readonly at: number | undefined; readonly cursor: Cursor | undefined },
): readonly KubeObject[] => {
  if (!cursor || storage.remembers(shelf, at)) return storage.list(shelf, at)
  throw expired(pageIsOver, { continue: encodeCursor({ rv: -1, after: cursor.after }) })
}

const wholeList = ({ storage }: Kernel, endpoint: Endpoint, query: ListQuery): { rv: number; objects: readonly KubeObject[] } => {
  const shelf = shelfOf(endpoint.resource)
  const cursor = query.continue ? decodeCursor(query.continue) : undefined
  const at = cursor ? cursorVersion(cursor, query) : versionOf(query, storage.revision())
  const objects = listAt(storage, { shelf, at, cursor })
  const rest = cursor ? objects.filter(object => keyOf(object) > cursor.after) : objects
  return { rv: at ?? storage.revision(), objects: rest }
}

/**
 * Lists one kind in the order of namespace and name. Pages of one list all show the same version of the world.
 * @throws {StatusError} 400 (selector, continue), 410 (the continue token's version is forgotten), 504 (a version from the future)
 */
export const list = (kernel: Kernel, endpoint: Endpoint, query: ListQuery): Page => {
  const selects = selectsOf(query, endpoint)
  const { rv, objects } = wholeList(kernel, endpoint, query)
  const selected = objects.filter(object => selects(object as JsonObject))
  const limit = query.limit ?? 0
  if (limit <= 0 || selected.length <= limit) return { items: selected, resourceVersion: String(rv), continue: '' }
  const items = selected.slice(0, limit)
  const last = items.at(-1)
  const counted = (query.labelSelector ?? '') === '' && (query.fieldSelector ?? '') === ''
  return {
    items,
    resourceVersion: String(rv),
    continue: last ? encodeCursor({ rv, after: keyOf(last) }) : '',
    ...(counted ? { remainingItemCount: selected.length - limit } : {}),
  }
}
