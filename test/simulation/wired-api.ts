import { type KindRef, type KubeObject, keyOf, type Manifest, type ObjectKey } from '../../src/api/object.ts'
import type { Io } from '../../src/io.ts'
import { isKubeError, KubeError } from '../../src/kube/errors.ts'
import type { Fence } from '../../src/kube/fence.ts'
import { fieldManager, type KubeApi, type ListOptions, type Patch, type WatchEvent, type WatchOptions } from '../../src/kube/kube-api.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { canaryBehind } from './pass-logger.ts'
import type { Sight } from './sight.ts'
import type { SimStore } from './sim-store.ts'
import { type Call, createWire, undefinedWhenNotFound, type Wire, type WireOptions } from './wire.ts'
import { createWireWatch } from './wire-watch.ts'

export interface WiredApiOptions extends WireOptions {
  readonly store: SimStore
  readonly sight: Sight
  /** Hears of every write that the server carried out, and in whose pass, before its answer leaves. */
  onWrite(write: AcceptedWrite, canary: string): void
  /** A status was recorded, or could not be. */
  onRecord(canary: string, isRecorded: boolean): void
  /** A write was asked for while another one was under way. */
  onOverlap(text: string): void
}

const bookmarkMs = 60_000

const testFailedIsConflict =
  ({ type }: Patch) =>
  (error: unknown): never => {
    const isFailedTest = type === 'json' && isKubeError(error, 'Invalid') && error.fields.length === 0
    throw isFailedTest ? new KubeError('Conflict', error.message, { httpStatus: 422, cause: error }) : error
  }

const isRepeatable = ({ type, body }: Patch): boolean =>
  type === 'json'
    ? body.some(operation => operation['op'] === 'test')
    : (body['metadata'] as { resourceVersion?: unknown } | undefined)?.resourceVersion !== undefined

const shown = (object: KubeObject, metadataOnly: boolean | undefined): KubeObject =>
  metadataOnly ? { apiVersion: object.apiVersion, kind: object.kind, metadata: object.metadata } : object

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Frozen parts that are known to lack nothing: most of a body is what came from the server. */
const whole = new WeakSet<object>()

const isWhole = (value: unknown): boolean => {
  if (!isFields(value) || whole.has(value)) return value !== undefined
  const lacksNothing = Object.values(value).every(isWhole)
  if (lacksNothing && Object.isFrozen(value)) whole.add(value)
  return lacksNothing
}

/** As it goes over the wire: what is undefined is not there. Parts that lack nothing are sent as they are: nobody changes them. */
const asSent = <T>(body: T): T => (isWhole(body) ? body : Array.isArray(body) ? itemsAsSent(body) : fieldsAsSent(body)) as T

const itemsAsSent = (items: readonly unknown[]): readonly unknown[] => items.map(item => (item === undefined ? null : asSent(item)))

const fieldsAsSent = (body: unknown): unknown => {
  if (!isFields(body)) return body
  const sent = Object.entries(body).filter(([, value]) => value !== undefined)
  return Object.fromEntries(sent.map(([name, value]) => [name, asSent(value)]))
}

const withoutOwners = ({ metadata: { managedFields: _, ...metadata }, ...rest }: KubeObject) => ({ ...rest, metadata })

interface Write extends Pick<Call<KubeObject>, 'verb' | 'kind' | 'key' | 'repeatable'> {
  readonly body: unknown
  run(): KubeObject | undefined
}

interface Sender extends Pick<Write, 'verb' | 'kind' | 'key'> {
  /** In whose pass it is written. */
  readonly canary: string
}

/** The API server behind one process's wire, as the port of the house. What differs from the real client is only that no bytes flow. */
export const createWiredApi = (options: WiredApiOptions): { readonly wire: Wire; api(fence: Fence): KubeApi } => {
  const { store, sight, outside } = options
  const { cluster } = store
  const wire = createWire(options)
  const manager = fieldManager

  const underWay = new Map<string, string>()

  /** Passes over one Canary write one thing after the other; Leases and Events have a rhythm of their own. */
  const alone = async <T>({ verb, kind, key, canary }: Sender, work: () => Promise<T>): Promise<T> => {
    if (kind.kind === 'Lease' || kind.kind === 'Event') return work()
    const text = `${verb} ${kind.kind} ${key.name}`
    const other = underWay.get(canary)
    if (other !== undefined) options.onOverlap(`${text} while ${other} is under way`)
    underWay.set(canary, text)
    return work().finally(() => {
      if (underWay.get(canary) === text) underWay.delete(canary)
    })
  }

  const write = async (fence: Fence, { body, run, ...call }: Write, io: Io): Promise<KubeObject> => {
    const canary = canaryBehind(io)
    const carryOut = (): KubeObject => {
      const before = store.stored(call.kind, call.key)
      const answer = run()
      const { verb, kind, key } = call
      options.onWrite({ verb, kind, key, body, before, after: store.stored(kind, key) }, canary)
      return answer ?? ({} as KubeObject)
    }
    const sent = alone({ ...call, canary }, () => wire.send({ ...call, carryOut }, fence, io))
    if (call.verb === 'updateStatus')
      void sent
        .then(
          () => true,
          () => false,
        )
        .then(isRecorded => options.onRecord(canary, isRecorded))
    const answer = await sent
    if (call.verb !== 'delete') sight.saw(call.kind, answer)
    return answer
  }

  const page = (kind: KindRef, wanted: ListOptions) => {
    const isStale = !wanted.continue && options.book.strike(['list'], { process: options.name, kind: kind.kind }) !== undefined
    const version = isStale ? { resourceVersion: String(store.versionBefore(options.chance.whole(1000, 30_000))) } : {}
    const { items, resourceVersion, continue: token } = cluster.list(kind, { ...queryOf(wanted), ...version })
    return { items: items.map(item => shown(item, wanted.metadataOnly)), resourceVersion, continue: token }
  }

  const openWatch = (kind: KindRef, wanted: WatchOptions, io: Io) => {
    const way = createWireWatch({
      ...options,
      signal: io.signal,
      occasion: { process: options.name, kind: kind.kind },
      onArrival: event => noteEvent(sight, kind, event),
    })
    const send = (event: WatchEvent): void => way.send({ ...event, object: shown(event.object, wanted.metadataOnly) })
    const { timeoutSeconds, resourceVersion, ...selection } = queryOf(wanted)
    const watch = cluster.watch(kind, { ...selection, resourceVersion }, send)
    const stopTimeout = outside.schedule(timeoutSeconds * 1000, way.end)
    let stopBookmarks = (): void => {}
    const sayBookmark = (): void => {
      send(watch.bookmark())
      stopBookmarks = outside.schedule(bookmarkMs, sayBookmark)
    }
    stopBookmarks = outside.schedule(bookmarkMs, sayBookmark)
    return {
      events: way.events,
      close: () => {
        stopTimeout()
        stopBookmarks()
        watch.stop()
      },
    }
  }

  const whole = ({ namespace = '' }: { readonly namespace?: string }): ObjectKey => ({ namespace, name: '' })
  const open: Fence = () => true

  async function* watch(kind: KindRef, wanted: WatchOptions, io: Io): AsyncGenerator<WatchEvent> {
    const call: Call<ReturnType<typeof openWatch>> = {
      verb: 'watch',
      kind,
      key: whole(wanted),
      repeatable: false,
      carryOut: () => openWatch(kind, wanted, io),
    }
    const stream = await wire.send(call, open, io)
    wanted.onContact?.()
    try {
      yield* stream.events()
    } finally {
      stream.close()
    }
  }

  const api = (fence: Fence): KubeApi => ({
    serverNowMs: wire.serverNowMs,
    watch,
    get: async (kind, key, io) => {
      const found = await wire
        .send({ verb: 'get', kind, key, repeatable: true, carryOut: () => cluster.get(kind, key) }, open, io)
        .catch(undefinedWhenNotFound)
      if (found) sight.saw(kind, found)
      return found
    },
    list: async (kind, wanted, io) => {
      const call = { verb: 'list', kind, key: whole(wanted), repeatable: true, carryOut: () => page(kind, wanted) } as const
      const found = await wire.send(call, open, io)
      // A list of some says nothing about those that are not in it.
      if (wanted.fieldSelector || wanted.labelSelector) for (const item of found.items) sight.saw(kind, item)
      else sight.sawAll(kind, found.items)
      return found
    },
    create: (kind, manifest, io) => {
      const body = asSent(manifest)
      const key = keyOf(manifest)
      return write(fence, { verb: 'create', kind, key, repeatable: false, body, run: () => cluster.create(kind, body, { manager }) }, io)
    },
    apply: (kind, manifest: Manifest, io) => {
      const body = asSent(manifest)
      const key = keyOf(manifest)
      const run = () => cluster.patch(kind, key, { type: 'apply', body, manager, force: true })
      return write(fence, { verb: 'apply', kind, key, repeatable: true, body, run }, io)
    },
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    patch: (kind, key, patch, io) => {
      const body = asSent(patch.body)
      const door = patch.type === 'merge' && patch.subresource ? { subresource: patch.subresource } : {}
      const run = () => cluster.patch(kind, key, { type: patch.type, body, manager, ...door })
      return write(fence, { verb: 'patch', kind, key, repeatable: isRepeatable(patch), body, run }, io).catch(testFailedIsConflict(patch))
    },
    updateStatus: (kind, object, io) => {
      const body = asSent(withoutOwners(object))
      const repeatable = object.metadata.resourceVersion !== undefined
      const run = () => cluster.update(kind, body, { subresource: 'status', manager })
      return write(fence, { verb: 'updateStatus', kind, key: keyOf(object), repeatable, body, run }, io)
    },
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    delete: async (kind, key, wanted, io) => {
      const repeatable = wanted.uid !== undefined || wanted.resourceVersion !== undefined
      const run = () => void cluster.delete(kind, key, { propagationPolicy: 'Background', ...wanted })
      await write(fence, { verb: 'delete', kind, key, repeatable, body: wanted, run: () => run() as undefined }, io).catch(
        undefinedWhenNotFound,
      )
    },
  })
  return { wire, api }
}

const queryOf = <T extends ListOptions | WatchOptions>(wanted: T) => {
  const { metadataOnly: _, ...query } = wanted
  const { onContact: __, ...rest } = query as Omit<T, 'metadataOnly'> & { onContact?: unknown }
  return rest as Omit<T, 'metadataOnly' | 'onContact'>
}

const noteEvent = (sight: Sight, kind: KindRef, { type, object }: WatchEvent): void => {
  if (type === 'DELETED') sight.sawGoing(kind, object)
  else if (type !== 'BOOKMARK') sight.saw(kind, object)
}
