import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { spokenVersion } from './decoding.ts'
import type { JsonObject } from './json-value.ts'
import type { Kernel } from './kernel.ts'
import { parseRevision, type Selection, selectsOf } from './reading.ts'
import { shelfOf } from './resource.ts'
import type { Selects } from './selectors.ts'
import { StatusError } from './status.ts'
import type { Change, ChangeType } from './storage.ts'

export interface WatchQuery extends Selection {
  /** Absent, '' or '0': first everything that is, then what happens. */
  readonly resourceVersion?: string
  /** Everything that is as ADDED, then a bookmark that says so, then what happens. */
  readonly sendInitialEvents?: boolean
}

/** One event, its object in storage form. */
export interface Event {
  readonly type: ChangeType | 'BOOKMARK'
  readonly object: KubeObject
}

/** A running watch. */
export interface Watch {
  stop(): void
  /** A bookmark of how far this watch has come. */
  bookmark(): Event
}

const atRevision = (object: KubeObject, revision: number): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(revision) },
})

/** A change as a watch with selectors sees it: objects enter and leave the selection. */
const seenAs = ({ type, object, before, revision }: Change, selects: Selects): Event | undefined => {
  const was = before !== undefined && selects(before as JsonObject)
  const is = type !== 'DELETED' && selects(object as JsonObject)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object }
  if (!was) return undefined
  return { type: 'DELETED', object: type === 'DELETED' ? object : atRevision(before, revision) }
}

const bookmarkOf = (endpoint: Endpoint, revision: number, annotations?: Readonly<Record<string, string>>): Event => ({
  type: 'BOOKMARK',
  object: {
    kind: endpoint.resource.kind,
    apiVersion: spokenVersion(endpoint),
    // A bookmark is no object: it has a version and no name.
    metadata: { resourceVersion: String(revision), ...(annotations ? { annotations } : {}) } as KubeObject['metadata'],
  },
})

const initialEvents = ({ storage }: Kernel, endpoint: Endpoint, selects: Selects): Event[] =>
  storage
    .list(shelfOf(endpoint.resource))
    .filter(object => selects(object as JsonObject))
    .map(object => ({ type: 'ADDED', object }))

const catchUp = (kernel: Kernel, endpoint: Endpoint, query: WatchQuery & { readonly selects: Selects }): Event[] => {
  const { resourceVersion = '', sendInitialEvents, selects } = query
  if (sendInitialEvents) {
    const end = bookmarkOf(endpoint, kernel.storage.revision(), { 'k8s.io/initial-events-end': 'true' })
    return [...initialEvents(kernel, endpoint, selects), end]
  }
  if (resourceVersion === '' || resourceVersion === '0') return initialEvents(kernel, endpoint, selects)
  const missed = kernel.storage.since(
    shelfOf(endpoint.resource),
    parseRevision(resourceVersion, message => new StatusError(500, '', { message })),
  )
  return missed.map(change => seenAs(change, selects)).filter(event => event !== undefined)
}

/**
 * Starts a watch: what was missed is delivered before this returns, later events as they are written.
 * @throws {StatusError} 410 when the version is forgotten, 400 when a selector is wrong
 */
export const watch = (
  kernel: Kernel,
  { endpoint, query }: { readonly endpoint: Endpoint; readonly query: WatchQuery },
  onEvent: (event: Event) => void,
): Watch => {
  const selects = selectsOf(query, endpoint)
  for (const event of catchUp(kernel, endpoint, { ...query, selects })) onEvent(event)
  const stop = kernel.storage.subscribe(shelfOf(endpoint.resource), change => {
    const event = seenAs(change, selects)
    if (event) onEvent(event)
  })
  return { stop, bookmark: () => bookmarkOf(endpoint, kernel.storage.revision()) }
}
