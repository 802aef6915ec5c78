import type { Deliver } from '../alerts/alert.ts'
import type { Canary } from '../api/canary.ts'
import { keyOf, keyText } from '../api/object.ts'
import type { OutboxEntry } from '../api/status.ts'
import type { Io } from '../io.ts'
import { createLane, type Lane } from './outbox-lane.ts'

/** Sends what the outbox of each Canary holds, at least once, in order per receiver. It holds up no rollout. */
export interface OutboxWorker {
  /** Looks at a recorded status: starts what is new, forgets what was acknowledged or dropped. */
  offer(canary: Canary, io: Io): void
  /** Ids that reached their receiver (or never will) and wait to be dropped from status with the next record. */
  delivered(canary: string): ReadonlySet<string>
  forget(canary: string): void
  /** The term is over: nothing is sent or waited for any more. What is not acknowledged stays in status, for the next term. */
  rest(): void
}

export interface OutboxWorkerOptions {
  readonly deliver: Deliver
  /** Called when something was delivered: its acknowledgement has to be recorded. */
  readonly wake: (canary: string) => void
  readonly random?: () => number
}

interface Mailbox {
  canary: Canary
  readonly lanes: Map<string, Lane>
  readonly done: Set<string>
}

const nothing: ReadonlySet<string> = new Set()

export const createOutboxWorker = ({ deliver, wake, random = Math.random }: OutboxWorkerOptions): OutboxWorker => {
  const boxes = new Map<string, Mailbox>()

  const laneOf = (key: string, box: Mailbox, { channel, receiver }: OutboxEntry): Lane => {
    const name = `${channel} ${receiver}`
    const known = box.lanes.get(name)
    if (known) return known
    const done = (entry: OutboxEntry) => {
      box.done.add(entry.id)
      wake(key)
    }
    const lane = createLane({ canary: key, send: (entry, io) => deliver(box.canary, entry, io), done, random })
    box.lanes.set(name, lane)
    return lane
  }

  const boxOf = (key: string, canary: Canary): Mailbox => {
    const box = boxes.get(key) ?? { canary, lanes: new Map(), done: new Set() }
    box.canary = canary
    boxes.set(key, box)
    return box
  }

  return {
    offer: (canary, io) => {
      const key = keyText(keyOf(canary))
      const entries = canary.status.outbox ?? []
      if (entries.length === 0 && !boxes.has(key)) return
      const box = boxOf(key, canary)
      keepOnly(box, new Set(entries.map(entry => entry.id)))
      for (const entry of entries) if (!box.done.has(entry.id)) laneOf(key, box, entry).push(entry, io)
    },
    delivered: canary => boxes.get(canary)?.done ?? nothing,
    forget: canary => {
      for (const lane of boxes.get(canary)?.lanes.values() ?? []) lane.stop()
      boxes.delete(canary)
    },
    rest: () => {
      for (const { lanes } of boxes.values()) {
        for (const lane of lanes.values()) lane.stop()
        lanes.clear()
      }
    },
  }
}

/** What is no longer in status was recorded as delivered, or dropped. */
const keepOnly = (box: Mailbox, waiting: ReadonlySet<string>): void => {
  for (const id of box.done) if (!waiting.has(id)) box.done.delete(id)
  for (const lane of box.lanes.values()) lane.retain(waiting)
}
