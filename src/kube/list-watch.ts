import type { KindRef } from '../api/object.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import { errorOfStatusObject } from './errors.ts'
import type { KubeApi, ListOptions, ListPage, WatchEvent } from './kube-api.ts'
import { startWatchdog } from './watchdog.ts'

/** The collection that is listed and watched. */
export interface Source {
  readonly api: KubeApi
  readonly kind: KindRef
  readonly scope: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'>
  readonly random: Random
}

/** Small enough to be parsed and stored without holding up everything else: about 20 ms of Deployments with all their field owners. */
const pageSize = 250
/** Spread, so that watches which began together do not end together. */
const shortestWatchSeconds = 300
const longestWatchSeconds = 600
/** Bookmarks come about once a minute, though nobody promises an interval. */
const silenceMs = 90_000

/** The pages of one list. Always at quorum: a server's watch cache may lag and show a past that we have left behind. */
export async function* listPages({ api, kind, scope }: Source, io: Io): AsyncGenerator<ListPage> {
  let token = ''
  do {
    const page = await api.list(kind, { ...scope, limit: pageSize, resourceVersion: '', ...(token !== '' && { continue: token }) }, io)
    yield page
    token = page.continue
  } while (token !== '')
}

export interface WatchFrom {
  readonly version: string
  /** Hears every sign of life; the first is that the server accepted the watch. */
  readonly onContact: () => void
}

/** The events of one watch. Rejects when an ERROR line comes, or nothing at all for a while: half-open sockets never tell. */
export async function* watchEvents(
  { api, kind, scope, random }: Source,
  { version, onContact }: WatchFrom,
  io: Io,
): AsyncGenerator<WatchEvent> {
  const watchdog = startWatchdog(io, silenceMs)
  const timeoutSeconds = shortestWatchSeconds + Math.floor(random() * (longestWatchSeconds - shortestWatchSeconds + 1))
  try {
    const watch = api.watch(kind, { ...scope, resourceVersion: version, timeoutSeconds, onContact }, { ...io, signal: watchdog.signal })
    for await (const event of watch) {
      // Whole events feed the watchdog, bytes do not: a line that drips in for minutes is as good as silence.
      watchdog.alive()
      onContact()
      if (event.type === 'ERROR') throw errorOfStatusObject({ verb: 'watch', resource: kind.plural }, event.object)
      yield event
    }
  } finally {
    watchdog.clear()
  }
}
