import { type KindRef, type KubeObject, keyText, type ObjectKey } from '../../api/object.ts'
import type { Clock } from '../../clock.ts'
import { dispositionOf, messageOf } from '../../errors.ts'
import type { Io } from '../../io.ts'
import { isKubeError } from '../../kube/errors.ts'
import type { EventFacts } from '../../kube/event-object.ts'
import type { EventRecorder } from '../../kube/event-recorder.ts'
import type { KubeApi, StoreEvent } from '../../kube/kube-api.ts'
import { type Again, createWorkQueue, type WorkQueue } from '../../kube/work-queue.ts'
import type { World } from '../objects/world.ts'
import { createLedger } from './ledger.ts'
import type { Plan, Write } from './plan.ts'
import { type Latest, perform } from './write.ts'

/** What one pass over one object may know. */
export interface Pass {
  readonly key: ObjectKey
  readonly world: World
  readonly nowMs: number
  /** What the server said the last time it refused something that was asked for this key. */
  readonly failure: string | undefined
}

/** Brings one kind of object to where its spec wants it: pure plans over what is seen, woken by events. */
export interface Controller {
  readonly name: string
  /** The kind of the objects whose keys it works on. */
  readonly kind: KindRef
  /** Which objects an event concerns. */
  readonly wakes: readonly { readonly kind: KindRef; readonly keysOf: (object: KubeObject, world: World) => readonly ObjectKey[] }[]
  /** What to write now; undefined when the object is gone. */
  plan(pass: Pass): Plan | undefined
  /** What a write that was done is worth saying about the object; an Event tells it. */
  news?(write: Write): EventFacts | undefined
}

export interface ControlLoopOptions {
  readonly api: KubeApi
  readonly events: Pick<EventRecorder, 'record'>
  readonly world: World
  readonly clock: Clock
}

const keyOfText = (text: string): ObjectKey => {
  const slash = text.indexOf('/')
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) }
}

const notSyncedMs = 20
/** What was written normally comes back as an event, which wakes the key; this is for an event that never comes. */
const notSettledMs = 500
const conflictMs = 20
/** The object, or its namespace, has gone and we have not heard of it yet. */
const goneMs = 1000
const refusedMs = 5000
const workers = 8

const wakeOn = ({ wakes }: Controller, world: World, queue: WorkQueue): void => {
  for (const { kind, keysOf } of wakes) {
    const wake = (object: KubeObject) => {
      for (const key of keysOf(object, world)) queue.add(keyText(key))
    }
    world.onEvent(kind, (event: StoreEvent) => {
      if (event.type === 'updated') wake(event.before)
      wake(event.object)
    })
  }
}

/** The queue of one controller; running it is running the controller. */
export const createControlLoop = (controller: Controller, { api, events, world, clock }: ControlLoopOptions): WorkQueue => {
  const ledger = createLedger(world)
  const failures = new Map<string, string>()

  const writeAll = async (key: string, writes: readonly Write[], io: Io) => {
    const latest: Latest = new Map()
    for (const write of writes) {
      const written = await perform(write, { api, latest }, io)
      if (written?.metadata.uid) latest.set(written.metadata.uid, written)
      ledger.note(key, write, written)
      tell(key, write)
    }
  }

  const tell = (key: string, write: Write) => {
    const facts = controller.news?.(write)
    const about = facts && world.store(controller.kind).get(keyOfText(key))
    if (about) events.record(about, facts)
  }

  /** The first refusal is planned for at once, because the object's status should say it; from then on there is no hurry. */
  const refused = (key: string, error: unknown, io: Io): Again => {
    const isNews = !failures.has(key)
    failures.set(key, messageOf(error))
    if (isNews) io.log.warn({ key, error: messageOf(error) }, 'the server refused a write')
    const about = world.store(controller.kind).get(keyOfText(key))
    if (isNews && about) events.record(about, { type: 'Warning', reason: 'FailedCreate', message: messageOf(error) })
    return { afterMs: isNews ? 0 : refusedMs }
  }

  const failed = (key: string, error: unknown, io: Io): Again => {
    if (isKubeError(error, 'Conflict')) return { afterMs: conflictMs }
    if (isKubeError(error, 'NotFound')) return { afterMs: goneMs }
    if (dispositionOf(error) === 'terminal') return refused(key, error, io)
    throw error
  }

  const handle = async (text: string, io: Io): Promise<Again> => {
    if (!world.hasSynced()) return { afterMs: notSyncedMs }
    if (!ledger.isSettled(text)) return { afterMs: notSettledMs }
    const failure = failures.get(text)
    const plan = controller.plan({ key: keyOfText(text), world, nowMs: clock.nowMs(), failure })
    if (!plan) {
      ledger.forget(text)
      failures.delete(text)
      return { afterMs: undefined }
    }
    try {
      await writeAll(text, plan.writes, io)
    } catch (error) {
      return failed(text, error, io)
    }
    failures.delete(text)
    return { afterMs: failure === undefined ? plan.wakeAfterMs : 0 }
  }

  const queue = createWorkQueue({ clock, handle, workers })
  wakeOn(controller, world, queue)
  return queue
}
