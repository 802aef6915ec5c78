import type { Deliver } from '../alerts/alert.ts'
import { canaryKind, endpointSliceKind } from '../api/kinds.ts'
import { type KindRef, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import type { Clock } from '../clock.ts'
import type { Receivers } from '../core/outbox.ts'
import type { Io } from '../io.ts'
import { createCircuitBreaker } from '../kube/circuit-breaker.ts'
import type { EventRecorder } from '../kube/event-recorder.ts'
import type { KubeApi, StoreEvent } from '../kube/kube-api.ts'
import type { OtherController } from '../kube/other-controller.ts'
import type { SharedReflectors } from '../kube/shared-reflectors.ts'
import { createWorkQueue, type WorkQueueObserver } from '../kube/work-queue.ts'
import { createConfigBook } from './config-book.ts'
import { createWorld } from './create-world.ts'
import { createDiagnoses } from './diagnoses.ts'
import type { GatherTools } from './gather.ts'
import { createInquiries } from './inquiries.ts'
import { createInterests } from './interests.ts'
import type { LookOptions } from './look.ts'
import type { ControllerObserver } from './observer.ts'
import { byTarget } from './obstacles.ts'
import { createOutboxWorker } from './outbox-worker.ts'
import { createOwnWrites, objectId } from './own-writes.ts'
import { pass } from './pass.ts'
import type { Requeue } from './requeue.ts'
import { createSecondLook } from './second-look.ts'
import { createSetbacks } from './setbacks.ts'
import { createStores, type Stores, serviceBehind } from './stores.ts'

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
  /** Another controller of the same Canaries: nothing is done while it works. */
  readonly other?: OtherController
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
  const breaker = createCircuitBreaker({
    api: options.api,
    clock,
    contactMs: () => reflectors.newestContactMs(),
    onBack: () => wakeAll(), // those that were refused wait no longer
  })
  const { api } = breaker
  const stores = createStores(reflectors, options.namespace)
  const own = createOwnWrites(stores)
  const interests = createInterests()
  const setbacks = createSetbacks()
  const tools = options.tools(stores)
  const outbox = createOutboxWorker({ deliver: tools.deliver, wake: key => queue.add(key) })
  const inquiries = createInquiries(key => queue.add(key))
  const diagnoses = createDiagnoses(api, key => queue.add(key))
  const secondLook = createSecondLook({
    api,
    relist: () => reflectors.relist(),
    isInTouch: kind => stores.contactMs(kind) > Math.max(breaker.lastLossMs() ?? -1, reflectors.lastLossMs() ?? -1),
  })
  const book = createConfigBook(api, { enabled: options.configTracking })
  const world = createWorld({ ...options, api, stores, own, interests, outbox, inquiries, diagnoses, secondLook, book, tools })
  let stopping = AbortSignal.abort()

  const handle = async (key: string, io: Io): Promise<Requeue> => {
    const passIo = { ...io, stopping, log: io.log.child({ canary: key }) }
    try {
      const requeue = await pass(toKey(key), world, passIo)
      world.looked(key)
      if (requeue.afterMs === undefined) world.rests(key)
      setbacks.forget(key)
      return requeue
    } catch (error) {
      return setbacks.after(key, error, passIo)
    }
  }

  const queue = createWorkQueue({
    clock,
    handle,
    graceMs: settleMs,
    ...(options.workers ? { workers: options.workers } : {}),
    ...(options.queueObserver ? { observer: options.queueObserver } : {}),
  })

  const wake = (canaries: Iterable<string>): void => {
    for (const key of canaries) queue.add(key)
  }
  const wakeThose = (kind: KindRef, subject: ObjectKey): void => wake(interests.of(objectId(kind, subject)))

  const changed = (kind: KindRef, event: StoreEvent): void => {
    const { type, object } = event
    if (type === 'deleted') book.forget(kind, keyOf(object))
    const told = { object: type === 'deleted' ? undefined : object, upTo: stores.version(kind) }
    if (own.heard(kind, object, told)) return // we know what we wrote
    wakeThose(kind, keyOf(object))
    if (kind === canaryKind) wake(concerned(event, stores))
  }

  stores.onChange((kind, event) => {
    if (kind === endpointSliceKind)
      wakeThose(kind, serviceBehind(event.object)) // slices are looked at by their Service, and never written
    else changed(kind, event)
  })

  const wakeAll = () => {
    for (const canary of stores.of(canaryKind).list()) queue.add(keyText(keyOf(canary)))
  }
  options.other?.onChange(wakeAll)

  return {
    stores,
    depth: () => queue.depth(),
    run: async io => {
      stopping = io.signal
      await reflectors.whenSynced(io)
      await options.other?.whenKnown(io)
      world.unrecorded.clear()
      // A pass that the last term called off has nobody else to wake it.
      wakeAll()
      await queue.run(io)
      outbox.rest()
      await Promise.all([inquiries.rest(), diagnoses.rest(), secondLook.rest()])
    },
  }
}

/** A change of a Canary concerns it, and those that claim the same target: before the change or now. */
const concerned = (event: StoreEvent, stores: Stores): readonly string[] => {
  const versions = event.type === 'updated' ? [event.object, event.before] : [event.object]
  const rivals = versions.flatMap(byTarget).flatMap(stores.claimants)
  return [event.object, ...rivals].map(object => keyText(keyOf(object)))
}

const toKey = (text: string): ObjectKey => {
  const [namespace = '', name = ''] = text.split('/')
  return { namespace, name }
}
