import { type KindRef, type KubeObject, keyOf, type ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import type { Io } from '../../src/io.ts'
import { isKubeError } from '../../src/kube/errors.ts'
import type { KubeApi, ListOptions, WatchEvent, WatchOptions } from '../../src/kube/kube-api.ts'
import { createFakeCluster, kindText } from './fake-cluster.ts'
import { createFaults, type FakeVerb, type Fault, kubeError, type Target } from './fake-faults.ts'
import { createFakeRules, isWanted, shown } from './fake-rules.ts'
import { createWatchStream, type WatchStream } from './fake-watch.ts'
import { VirtualClock } from './virtual-clock.ts'

/** One request as it came. The name in `key` is '' for lists and watches. */
interface FakeRequest extends Target {
  readonly body?: unknown
  readonly options?: ListOptions | WatchOptions
}

/** An open watch that a test may play with. */
interface OpenWatch extends WatchStream {
  readonly kind: KindRef
  readonly options: WatchOptions
}

/** The Kubernetes API in memory: it remembers what was asked, fails on demand, and lets a test hold the server's end of each watch. */
export interface FakeKubeApi extends KubeApi {
  readonly requests: readonly FakeRequest[]
  /** How many requests there were: of one verb, and of one kind, when asked. */
  count(verb?: FakeVerb, kind?: string): number
  forgetRequests(): void
  /** Somebody else's write (kubectl, another controller), status included: not counted, never fails. */
  put(object: KubeObject): KubeObject
  /** Somebody else's delete. */
  drop(kind: KindRef, key: ObjectKey): void
  stored(kind: KindRef, key: ObjectKey): KubeObject | undefined
  storedAll(kind: KindRef): readonly KubeObject[]
  version(): string
  /** Answers with what ends the fault. */
  fault(fault: Fault): () => void
  /** Open watches: of one kind when asked. */
  watches(kind?: string): readonly OpenWatch[]
  /** Sends every open watch a bookmark at the current version. */
  bookmark(): void
  /** Forgets history: watches and continue tokens from before now are answered with 410. */
  compact(): void
  /** Takes a kind away as if its CRD were not installed; `false` brings it back. */
  uninstall(kind: KindRef, gone?: boolean): void
}

/** A write that was carried out, and what it changed. */
export interface AcceptedWrite {
  readonly verb: FakeVerb
  readonly kind: KindRef
  readonly key: ObjectKey
  readonly body: unknown
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
}

export interface FakeKubeApiOptions {
  readonly clock?: Clock
  readonly objects?: readonly KubeObject[]
  /** Hears of every write that was asked for over the port and carried out, before its answer leaves. */
  readonly onWrite?: (write: AcceptedWrite) => void
}

const readVerbs: readonly FakeVerb[] = ['get', 'list', 'watch']

const undefinedWhenNotFound = (error: unknown): undefined => {
  if (!isKubeError(error, 'NotFound')) throw error
}

export const fakeKubeApi = ({ clock = new VirtualClock(), objects = [], onWrite }: FakeKubeApiOptions = {}): FakeKubeApi => {
  const cluster = createFakeCluster(clock)
  const rules = createFakeRules(cluster)
  const faults = createFaults()
  const requests: FakeRequest[] = []
  const watches = new Set<OpenWatch>()
  const uninstalled = new Set<string>()
  for (const object of objects) cluster.save(object)

  /** Remembers the request, lets faults have their way, and answers in a later microtask like any server. */
  const serve = async <T>(kind: KindRef, request: Omit<FakeRequest, 'kind'>, [io, answer]: readonly [Io, () => T]): Promise<T> => {
    const seen = { ...request, kind: kind.kind }
    requests.push(seen)
    await Promise.resolve()
    if (io.signal.aborted) throw kubeError('Unreachable', 'called off')
    await faults.strike(seen, false, io.signal)
    if (uninstalled.has(kindText(kind))) throw kubeError('NotFound', `${kind.plural}: 404 NotFound: the server does not know this kind`)
    const before = rules.find(kind, seen.key)
    const result = answer()
    if (!readVerbs.includes(seen.verb)) {
      onWrite?.({ verb: seen.verb, kind, key: seen.key, body: seen.body, before, after: rules.find(kind, seen.key) })
    }
    await faults.strike(seen, true, io.signal)
    return result
  }

  const whole = ({ namespace = '' }: { readonly namespace?: string }): ObjectKey => ({ namespace, name: '' })

  async function* watch(kind: KindRef, options: WatchOptions, io: Io): AsyncGenerator<WatchEvent> {
    await serve(kind, { verb: 'watch', key: whole(options), options }, [io, () => undefined])
    // From here to where the watch is open nothing may happen, or it would miss that.
    const missed = cluster.since(kindText(kind), Number(options.resourceVersion))
    if (missed === undefined) throw kubeError('Gone', 'the version is too old')
    const stream = createWatchStream(io.signal)
    const tell = ({ type, object }: WatchEvent) => {
      if (isWanted(object, options)) stream.tell({ type, object: shown(object, options.metadataOnly) })
    }
    const open: OpenWatch = { ...stream, tell, kind, options }
    watches.add(open)
    options.onContact?.()
    for (const { event } of missed) tell(event)
    try {
      yield* stream.events()
    } finally {
      watches.delete(open)
    }
  }

  cluster.onChange((kind, { event }) => {
    for (const open of watches) if (kind === kindText(open.kind)) open.tell(event)
  })

  const written = (verb: FakeVerb, key: ObjectKey, body: unknown) => ({ verb, key, body: structuredClone(body) })

  return {
    requests,
    count: (verb, kind) => requests.filter(one => (verb ?? one.verb) === one.verb && (kind ?? one.kind) === one.kind).length,
    forgetRequests: () => void requests.splice(0),
    put: object => cluster.save(structuredClone(object)),
    drop: (kind, key) => cluster.remove(kindText(kind), key),
    stored: rules.find,
    storedAll: kind => cluster.list(kindText(kind)),
    version: () => cluster.version(),
    fault: faults.add,
    watches: kind => [...watches].filter(open => kind === undefined || open.kind.kind === kind),
    bookmark: () => {
      const metadata = { name: '', resourceVersion: cluster.version() }
      for (const { kind, say } of watches) say({ type: 'BOOKMARK', object: { apiVersion: kind.apiVersion, kind: kind.kind, metadata } })
    },
    compact: () => cluster.compact(),
    uninstall: (kind, gone = true) => void (gone ? uninstalled.add(kindText(kind)) : uninstalled.delete(kindText(kind))),

    get: (kind, key, io) => serve(kind, { verb: 'get', key }, [io, () => rules.find(kind, key)]).catch(undefinedWhenNotFound),
    list: (kind, options, io) => serve(kind, { verb: 'list', key: whole(options), options }, [io, () => rules.page(kind, options)]),
    watch,
    create: (kind, manifest, io) => serve(kind, written('create', keyOf(manifest), manifest), [io, () => rules.create(kind, manifest)]),
    apply: (kind, manifest, io) => serve(kind, written('apply', keyOf(manifest), manifest), [io, () => rules.apply(kind, manifest)]),
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    patch: (kind, key, patch, io) => serve(kind, written('patch', key, patch), [io, () => rules.patch(kind, key, patch)]),
    updateStatus: (kind, object, io) =>
      serve(kind, written('updateStatus', keyOf(object), object), [io, () => rules.updateStatus(kind, object)]),
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    delete: (kind, key, options, io) => serve(kind, written('delete', key, options), [io, () => rules.remove(kind, key, options)]),
    serverNowMs: () => clock.nowMs(),
  }
}
