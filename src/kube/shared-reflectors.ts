import type { KindRef } from '../api/object.ts'
import { sleep } from '../clock.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import type { KubeApi, Projection, Reflector } from './kube-api.ts'
import { createReflector, type OwnedReflector, type ReflectorObserver } from './reflector.ts'
import type { Indexes } from './store.ts'

/** What is wanted of a kind. What the store keeps is decided by who asks first; indexes add up. */
export interface Wanted {
  /** All namespaces when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly metadataOnly?: boolean
  readonly projection?: Projection
  readonly indexes?: Indexes
  /** Work goes on without it when it cannot be had, perhaps for want of a right: it is waited for a while only. */
  readonly isOptional?: boolean
}

export interface SharedReflectorsOptions {
  readonly api: KubeApi
  readonly random?: Random
  readonly observer?: ReflectorObserver
}

/** One reflector for each kind and scope, made when somebody first asks, so that a kind is listed and watched once whoever needs it. */
export interface SharedReflectors {
  /** The reflector; it begins at once when the others are running. */
  of(kind: KindRef, wanted?: Wanted): Reflector
  all(): readonly Reflector[]
  /** Whether every one that was asked for has synced, but for the optional ones. */
  hasSynced(): boolean
  /** Resolves when all have synced, the optional ones if they do so within ten seconds, or `io.signal` aborts. */
  whenSynced(io: Io): Promise<void>
  /**
   * Lists all anew at quorum; a new leader must, before it writes anything. Resolves when all is in the stores, or the reflectors stop. An
   * optional one that never came is not waited for.
   */
  relist(): Promise<void>
  /** Monotonic milliseconds of the contact that is longest ago; liveness looks at it. Undefined while there is none to have contact. */
  oldestContactMs(): number | undefined
  /** Monotonic milliseconds of the last contact that any of them had; undefined while none had one. */
  newestContactMs(): number | undefined
  /** Monotonic milliseconds at which a list or watch of any of them last ended without an answer; undefined when none ever did. */
  lastLossMs(): number | undefined
  /** Runs all, and those asked for later, until `io.signal` aborts. Never rejects; afterwards no socket, timer or callback is left. */
  run(io: Io): Promise<void>
}

const pollMs = 20
/** For so long what is optional is waited for. */
const optionalMs = 10_000

const idOf = ({ apiVersion, kind }: KindRef, { namespace = '', labelSelector = '', metadataOnly = false }: Wanted): string =>
  JSON.stringify([apiVersion, kind, namespace, labelSelector, metadataOnly])

export const createSharedReflectors = (options: SharedReflectorsOptions): SharedReflectors => {
  const reflectors = new Map<string, OwnedReflector>()
  const optional = new Set<OwnedReflector>()
  let running: Io | undefined
  let lastLossMs: number | undefined
  const runs = new Set<Promise<void>>()

  const begin = (reflector: OwnedReflector, io: Io) => {
    const run = reflector.run(io)
    runs.add(run)
  }

  const observer: ReflectorObserver = {
    listed: kind => options.observer?.listed(kind),
    ended: (kind, code) => {
      if (code === 'Unreachable') lastLossMs = running?.clock.monotonicMs()
      options.observer?.ended(kind, code)
    },
  }

  const make = (kind: KindRef, { indexes: _, isOptional, ...wanted }: Wanted): OwnedReflector => {
    const reflector = createReflector({ ...options, ...wanted, kind, observer })
    if (isOptional) optional.add(reflector)
    if (running) begin(reflector, running)
    return reflector
  }

  const required = () => [...reflectors.values()].filter(reflector => !optional.has(reflector))
  const hasSynced = () => required().every(reflector => reflector.hasSynced())
  const hasAll = () => hasSynced() && [...optional].every(reflector => reflector.hasSynced())

  const contacts = () => [...reflectors.values()].map(reflector => reflector.lastContactMs())

  return {
    of: (kind, wanted = {}) => {
      const id = idOf(kind, wanted)
      const reflector = reflectors.get(id) ?? make(kind, wanted)
      reflectors.set(id, reflector)
      for (const [name, values] of Object.entries(wanted.indexes ?? {})) reflector.addIndex(name, values)
      return reflector
    },
    all: () => [...reflectors.values()],
    hasSynced,
    whenSynced: async io => {
      const patientUntilMs = io.clock.monotonicMs() + optionalMs
      const isDone = () => hasAll() || (hasSynced() && io.clock.monotonicMs() >= patientUntilMs)
      while (!io.signal.aborted && !isDone()) await sleep(io.clock, pollMs, io.signal)
    },
    relist: async () => {
      const lists = [...reflectors.values()].map(reflector => ({
        done: reflector.relist(),
        isAwaited: !optional.has(reflector) || reflector.hasSynced(),
      }))
      await Promise.all(lists.filter(({ isAwaited }) => isAwaited).map(({ done }) => done))
    },
    oldestContactMs: () => (reflectors.size === 0 ? undefined : Math.min(...contacts())),
    lastLossMs: () => lastLossMs,
    newestContactMs: () => (reflectors.size === 0 ? undefined : Math.max(...contacts())),
    run: async io => {
      running = io
      for (const reflector of reflectors.values()) begin(reflector, io)
      await new Promise<void>(resolve => {
        if (io.signal.aborted) resolve()
        else io.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      running = undefined
      await Promise.all(runs)
      runs.clear()
    },
  }
}
