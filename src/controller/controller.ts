import type { Deliver } from '../alerts/alert.ts'
import { canaryKind } from '../api/kinds.ts'
import { type KindRef, type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import type { Clock } from '../clock.ts'
import type { Receivers } from '../core/outbox.ts'
import type { Io } from '../io.ts'
import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeApi } from '../kube/kube-api.ts'
import type { SharedReflectors } from '../kube/shared-reflectors.ts'
import { createWorkQueue, type WorkQueueObserver } from '../kube/work-queue.ts'
import { createWorld } from './create-world.ts'
import type { GatherTools } from './gather.ts'
import { createInterests, createOwnWrites, objectId } from './live-view.ts'
import type { LookOptions } from './look.ts'
import type { ControllerObserver } from './observer.ts'
import { byTarget } from './obstacles.ts'
import { createOutboxWorker } from './outbox-worker.ts'
import { pass } from './pass.ts'
import { createStores, type Stores } from './stores.ts'

export interface ControllerOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly reflectors: SharedReflectors
  readonly events: EventRecorder
  readonly tools: (stores: Stores) => GatherTools & { readonly deliver: Deliver }
  readonly receivers: Receivers
  readonly look: LookOptions
  readonly configTracking: boolean
  readonly namespace?: string
  readonly workers?: number
  readonly observer: ControllerObserver
  readonly queueObserver?: WorkQueueObserver
}

/** Writes in flight may take so long to settle after the stop; the whole process has two seconds. */
const settleMs = 1200

/** The loop: wakes Canaries when what they look at changes, or when their time has come. */
export interface Controller {
  /** Works until `io.signal` aborts; resolves when the last pass is done. Only a leader may call it. */
  run(io: Io): Promise<void>
  readonly stores: Stores
  /** Keys that wait for a worker. */
  depth(): number
}

export const createController = (options: ControllerOptions): Controller => {
  const { clock, reflectors } = options
  const stores = createStores(reflectors, options.namespace)
  const own = createOwnWrites()
  const interests = createInterests()
  const tools = options.tools(stores)
  const outbox = createOutboxWorker({ deliver: tools.deliver, wake: key => queue.add(key) })
  let stopping: AbortSignal = new AbortController().signal
  const world = createWorld({ ...options, stopping: () => stopping, stores, own, interests, outbox, tools })
  const queue = createWorkQueue({
    clock,
    graceMs: settleMs,
    handle: (key, io) => pass(toKey(key), world, { ...io, log: io.log.child({ canary: key }) }),
    ...(options.workers ? { workers: options.workers } : {}),
    ...(options.queueObserver ? { observer: options.queueObserver } : {}),
  })

  const wake = (kind: KindRef, object: KubeObject): void => {
    if (own.covers(kind, object)) return // our own write, which the pass that follows it has seen
    for (const key of interests.of(objectId(kind, keyOf(object)))) queue.add(key)
    if (kind === canaryKind) for (const key of [object, ...byTarget(object).flatMap(stores.claimants)]) queue.add(keyText(keyOf(key)))
  }
  stores.onChange(wake)

  return {
    stores,
    depth: () => queue.depth(),
    run: async io => {
      stopping = io.signal
      await reflectors.whenSynced(io)
      await queue.run(io)
    },
  }
}

const toKey = (text: string): ObjectKey => {
  const [namespace = '', name = ''] = text.split('/')
  return { namespace, name }
}
