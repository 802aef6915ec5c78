import type { KindRef } from '../api/object.ts'
import { sleep } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import { type ChildSignal, childSignal } from './deadline.ts'
import { isKubeError } from './errors.ts'
import { createFanOut } from './fan-out.ts'
import type { KubeApi, Projection, Reflector } from './kube-api.ts'
import { listPages, type Source, watchEvents } from './list-watch.ts'
import { createMirror, SteppedBack } from './mirror.ts'
import { metadataOnly, wholeObject } from './projections.ts'
import { createRecovery, type Ending } from './recovery.ts'
import { createStore, type Indexes, type IndexFunction } from './store.ts'

/** What telemetry may count. */
export interface ReflectorObserver {
  /** A full list came to its end. */
  listed(kind: KindRef): void
  /** A turn of list and watch ended; `code` is `Ended` when the server ended it in order, `SteppedBack` when something from the past was dropped. */
  ended(kind: KindRef, code: string): void
}

export interface ReflectorOptions {
  readonly api: KubeApi
  readonly kind: KindRef
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Ask the server for metadata only. */
  readonly metadataOnly?: boolean
  /** What the store keeps: everything with `managedFields` reduced, or metadata only, when absent. */
  readonly projection?: Projection
  readonly indexes?: Indexes
  readonly random?: Random
  readonly observer?: ReflectorObserver
}

/** A reflector with what its owner may ask besides. */
export interface OwnedReflector extends Reflector {
  addIndex(name: string, values: IndexFunction): void
  /**
   * Lists anew at quorum, whatever the watch believes; a new leader must, before it writes anything. Resolves when a list that began after
   * the call is in the store, or when the reflector stops.
   */
  relist(): Promise<void>
}

const silentObserver: ReflectorObserver = { listed() {}, ended() {} }

const sourceOf = ({ api, kind, random = Math.random, ...wanted }: ReflectorOptions): Source => ({
  api,
  kind,
  random,
  scope: {
    ...(wanted.namespace !== undefined && { namespace: wanted.namespace }),
    ...(wanted.labelSelector !== undefined && { labelSelector: wanted.labelSelector }),
    ...(wanted.fieldSelector !== undefined && { fieldSelector: wanted.fieldSelector }),
    ...(wanted.metadataOnly && { metadataOnly: true }),
  },
})

const codeOf = (error: unknown): string => {
  if (error === undefined) return 'Ended'
  if (error instanceof SteppedBack) return 'SteppedBack'
  return isKubeError(error) ? error.code : 'Error'
}

export const createReflector = (options: ReflectorOptions): OwnedReflector => {
  const { kind, observer = silentObserver } = options
  const source = sourceOf(options)
  const store = createStore(options.indexes)
  const mirror = createMirror(store, options.projection ?? (options.metadataOnly ? metadataOnly : wholeObject))
  const fanOut = createFanOut()
  const recovery = createRecovery(source.random)
  let synced = false
  let stopped = false
  let lastContactMs = 0
  let lastCode = ''
  let waiting: (() => void)[] = []
  let turn: ChildSignal | undefined

  const release = () => {
    const served = waiting
    waiting = []
    for (const resolve of served) resolve()
  }

  const listAll = async (io: Io) => {
    let list: ReturnType<typeof mirror.begin> | undefined
    for await (const page of listPages(source, io)) {
      lastContactMs = io.clock.monotonicMs()
      list ??= mirror.begin(page.resourceVersion)
      fanOut.tell(list.take(page.items, io.log))
    }
    // Whoever asked for a new list in the last moment does not get this one.
    io.signal.throwIfAborted()
    if (list) fanOut.tell(list.end())
    recovery.listed()
    observer.listed(kind)
    synced = true
    release()
  }

  /** One list where needed, then one watch until it ends. Never rejects. */
  const takeTurn = async (io: Io): Promise<Ending> => {
    let during: Ending['during'] = 'list'
    let requestedAtMs = io.clock.monotonicMs()
    let openedAtMs: number | undefined
    let sawEvents = false
    const onContact = () => {
      lastContactMs = io.clock.monotonicMs()
      openedAtMs ??= lastContactMs
    }
    const ending = (error?: unknown): Ending => {
      const nowMs = io.clock.monotonicMs()
      const healthyMs = openedAtMs === undefined ? 0 : nowMs - openedAtMs
      return { during, error, healthyMs, sinceRequestMs: nowMs - requestedAtMs, sawEvents, storeIsEmpty: store.size === 0 }
    }
    try {
      if (recovery.mustList()) await listAll(io)
      during = 'watch'
      requestedAtMs = io.clock.monotonicMs()
      for await (const event of watchEvents(source, { version: mirror.version(), onContact }, io)) {
        fanOut.tell(mirror.receive(event, io.log))
        sawEvents = true
      }
      return ending()
    } catch (error) {
      return ending(error)
    }
  }

  /** Each kind of trouble is worth one line; the same again is not. */
  const logOnce = (code: string, error: unknown, io: Io) => {
    const fields = { kind: kind.kind, apiVersion: kind.apiVersion, code, error: messageOf(error) }
    if (code === lastCode || code === 'Ended') io.log.debug(fields, 'list or watch ended')
    else if (code === 'Absent') io.log.info(fields, 'kind is not served by this cluster, asking again from time to time')
    else io.log.warn(fields, 'list or watch failed, trying again')
    lastCode = code
  }

  /** Draws the conclusions of a turn; how long to wait before the next one. */
  const conclude = (ending: Ending, io: Io): number => {
    const { absent, delayMs } = recovery.after(ending)
    observer.ended(kind, codeOf(ending.error))
    logOnce(absent ? 'Absent' : codeOf(ending.error), ending.error ?? 'ended by the server', io)
    if (isKubeError(ending.error) && ending.error.httpStatus !== undefined) lastContactMs = io.clock.monotonicMs()
    if (absent) {
      fanOut.tell(mirror.clear())
      synced = true
      release()
    }
    return delayMs
  }

  return {
    kind,
    store,
    hasSynced: () => synced,
    lastContactMs: () => lastContactMs,
    lastVersion: () => mirror.version(),
    onEvent: handler =>
      fanOut.add(
        handler,
        store.list().map(object => ({ type: 'added', object })),
      ),
    addIndex: (name, values) => store.addIndex(name, values),
    relist: () =>
      new Promise(resolve => {
        if (stopped) return resolve()
        waiting.push(resolve)
        recovery.wantList()
        turn?.abort(new Error('asked to list anew'))
      }),
    run: async io => {
      lastContactMs = io.clock.monotonicMs()
      stopped = false
      fanOut.start(io)
      while (!io.signal.aborted) {
        turn = childSignal(io.signal)
        const ending = await takeTurn({ ...io, signal: turn.signal })
        if (!turn.signal.aborted) await sleep(io.clock, conclude(ending, io), turn.signal)
        turn.clear()
      }
      stopped = true
      fanOut.stop()
      release()
    },
  }
}
