import type { KubeObject } from '../../src/api/object.ts'
import { keyOf, keyText } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import type { WatchEvent } from '../../src/kube/kube-api.ts'
import { createWatchStream, errorLine, type WatchStream } from '../support/fake-watch.ts'
import type { Chance } from './chance.ts'
import type { FaultBook, FaultName, Occasion } from './fault-book.ts'
import type { MachineRoom } from './machine-room.ts'

export interface WireWatchOptions {
  readonly room: MachineRoom
  readonly outside: Clock
  readonly book: FaultBook
  readonly chance: Chance
  readonly occasion: Occasion
  readonly signal: AbortSignal
  isCut(): boolean
  /** Hears of every event that reaches the process. */
  onArrival(event: WatchEvent): void
}

/** The events of one watch on their way to the process: they take time, keep their order, and meet faults. */
export interface WireWatch {
  send(event: WatchEvent): void
  end(): void
  events(): AsyncGenerator<WatchEvent>
}

interface Road {
  readonly stream: WatchStream
  readonly chance: Chance
  isMuted: boolean
  held: Map<string, WatchEvent> | undefined
  /** Brings an event to the process, so much later than it would be; the next ones wait for it, or overtake. */
  bring(event: WatchEvent, extraMs: number, order: 'in order' | 'out of order'): void
  after(delayMs: number, task: () => void): void
}

const idOf = ({ object }: WatchEvent): string => keyText(keyOf(object))
const versionOf = (object: KubeObject): number => Number(object.metadata.resourceVersion)

/** Only the last event of each object is told; one that came anew is a change for those who knew its predecessor. */
const hold = (held: Map<string, WatchEvent>, event: WatchEvent): void => {
  const earlier = held.get(idOf(event))
  const isReplaced = earlier?.type === 'DELETED' && event.type === 'ADDED'
  held.set(idOf(event), isReplaced ? { ...event, type: 'MODIFIED' } : event)
}

const release = (road: Road): void => {
  const held = [...(road.held?.values() ?? [])].toSorted((a, b) => versionOf(a.object) - versionOf(b.object))
  road.held = undefined
  for (const event of held) road.bring(event, 0, 'in order')
}

type Fate = (road: Road, event: WatchEvent) => void

const inOrder: Fate = (road, event) => road.bring(event, 0, 'in order')

const fates: Readonly<Partial<Record<FaultName, Fate>>> = {
  'watch events dropped': road => {
    road.isMuted = true
    road.after(road.chance.whole(100, 20_000), () => road.stream.break())
  },
  'watch half-open': road => {
    road.isMuted = true
  },
  'watch event twice': (road, event) => {
    road.bring(event, 0, 'in order')
    road.bring(event, 0, 'in order')
  },
  'watch events swapped': (road, event) => road.bring(event, road.chance.whole(20, 2000), 'out of order'),
  'watch event late': (road, event) => road.bring(event, road.chance.whole(500, 30_000), 'in order'),
  'watch events coalesced': (road, event) => {
    road.held = new Map([[idOf(event), event]])
    road.after(road.chance.whole(500, 5000), () => release(road))
  },
  'watch ended': (road, event) => {
    road.bring(event, 0, 'in order')
    road.after(1, () => road.stream.end())
  },
  'watch broken': road => road.stream.break(),
  'watch too old': road => road.stream.say(errorLine(410)),
}

export const createWireWatch = (options: WireWatchOptions): WireWatch => {
  const { room, outside, book, chance, isCut } = options
  const stream = createWatchStream(options.signal)
  let lastMs = 0

  const arrive = (event: WatchEvent): void => {
    if (isCut()) {
      road.isMuted = true // what was lost on the way does not come again: the watchdog finds out
    } else if (!road.isMuted) {
      options.onArrival(event)
      stream.say(event)
    }
  }

  const road: Road = {
    stream,
    chance,
    isMuted: false,
    held: undefined,
    bring: (event, extraMs, order) => {
      const nowMs = outside.monotonicMs()
      const dueMs = nowMs + chance.whole(1, 15) + extraMs
      const atMs = order === 'in order' ? Math.max(lastMs, dueMs) : dueMs
      if (order === 'in order') lastMs = atMs
      room.deliver(atMs - nowMs, () => arrive(event))
    },
    after: room.deliver,
  }

  const fateOf = (event: WatchEvent): Fate => {
    const fault = event.type === 'BOOKMARK' ? undefined : book.strike(['event'], options.occasion)
    return (fault && fates[fault]) ?? inOrder
  }

  return {
    send: event => {
      const isOver = road.isMuted || options.signal.aborted || !room.isAlive
      if (isOver) return
      if (road.held) hold(road.held, event)
      else fateOf(event)(road, event)
    },
    end: () => room.deliver(1, () => stream.end()),
    events: () => stream.events(),
  }
}
