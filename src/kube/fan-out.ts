import { keyOf, keyText } from '../api/object.ts'
import type { Cancel } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { StoreEvent } from './kube-api.ts'

type EventHandler = (event: StoreEvent) => void

/** Tells handlers of events. One that throws is logged, harms nobody else, and hears the event again a little later. */
export interface FanOut {
  /** Adds a handler; it hears `present` first. */
  add(handler: EventHandler, present: readonly StoreEvent[]): void
  tell(events: readonly StoreEvent[]): void
  /** From now on failed events are told again. */
  start(io: Io): void
  /** Leaves no timer behind. */
  stop(): void
}

interface Failed {
  readonly event: StoreEvent
  readonly tries: number
}

interface Listener {
  readonly handler: EventHandler
  /** By object: a newer event of the same object takes the place of one that failed, so that this never outgrows the store. */
  readonly failed: Map<string, Failed>
}

const againMs = 1000
const maxTries = 5

export const createFanOut = (): FanOut => {
  const listeners: Listener[] = []
  let running: Io | undefined
  let cancel: Cancel | undefined

  const tellOne = ({ handler, failed }: Listener, event: StoreEvent, tries: number) => {
    const key = keyText(keyOf(event.object))
    failed.delete(key)
    try {
      handler(event)
    } catch (error) {
      running?.log.error({ object: key, event: event.type, tries, error: messageOf(error) }, 'event handler failed')
      if (tries < maxTries) failed.set(key, { event, tries })
    }
  }

  const tellAgain = () => {
    cancel = undefined
    for (const listener of listeners) for (const { event, tries } of [...listener.failed.values()]) tellOne(listener, event, tries + 1)
    planAgain()
  }
  const planAgain = () => {
    if (cancel || !running || listeners.every(({ failed }) => failed.size === 0)) return
    cancel = running.clock.schedule(againMs, tellAgain)
  }

  return {
    add: (handler, present) => {
      const listener = { handler, failed: new Map() }
      listeners.push(listener)
      for (const event of present) tellOne(listener, event, 1)
      planAgain()
    },
    tell: events => {
      for (const event of events) for (const listener of listeners) tellOne(listener, event, 1)
      planAgain()
    },
    start: io => {
      running = io
      planAgain()
    },
    stop: () => {
      cancel?.()
      cancel = undefined
      running = undefined
    },
  }
}
