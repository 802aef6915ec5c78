import { keyOf, keyText } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { createController } from '../../src/controller/controller.ts'
import type { LookOptions } from '../../src/controller/look.ts'
import { silentObserver } from '../../src/controller/observer.ts'
import type { Io, LogFields } from '../../src/io.ts'
import { createEventRecorder } from '../../src/kube/event-recorder.ts'
import { type Fence, openFence } from '../../src/kube/fence.ts'
import { createLeaderElection, type LeaderElection } from '../../src/kube/leader-election.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import type { AcceptedWrite } from '../support/fake-kube-api.ts'
import { usualLook } from '../support/running-controller.ts'
import type { Chance } from './chance.ts'
import type { FaultBook } from './fault-book.ts'
import { createMachineRoom, type MachineRoom } from './machine-room.ts'
import { createOutside, type OutsideOptions } from './outside.ts'
import { loggerTo } from './pass-logger.ts'
import { createSight, type Moment, type Sight } from './sight.ts'
import type { SimStore } from './sim-store.ts'
import type { Call } from './wire.ts'
import { createWiredApi } from './wired-api.ts'

/** Who wrote, and what it could know. */
export interface Author {
  readonly process: string
  /** Its reign, where there is an election. */
  readonly epoch: number | undefined
  readonly sight: Sight
  /** When the pass began that wrote this. */
  readonly lookedAt: Moment
  /** What it recorded last did not get through: a rollback takes effect all the same. */
  readonly isUnrecorded: boolean
}

export interface ProcessOptions extends Pick<OutsideOptions, 'mood' | 'news' | 'truth'> {
  readonly name: string
  readonly clock: Clock
  readonly chance: Chance
  readonly book: FaultBook
  readonly store: SimStore
  /** Absent: it is the only one. */
  readonly lease?: LeaseTimes
  readonly look?: Partial<LookOptions>
  onWrite(write: AcceptedWrite, author: Author): void
  onRequest(call: Call<unknown>, process: string): void
  onLog(fields: LogFields, message: string): void
  /** Two writes of one pass, or of two, were under way at once. */
  onOverlap(text: string): void
  /** It was killed. */
  onDeath(): void
}

/** How patient leaders and candidates are. */
export interface LeaseTimes {
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

/** What the flag `drain` says. */
export const drainMs = 5000

/** One controller process: the real program, from its election to its last write. Only clock, wire and the outside are simulated. */
export interface SimProcess {
  readonly name: string
  readonly room: MachineRoom
  /** Whether it may write, as it knows it. */
  leads(): boolean
  /** Cuts it off the API server, or ends that. */
  cut(isCut: boolean): void
  /** The world is over: whatever it still waits for is let go, or the memory of every world would be kept for as long as this program runs. */
  end(): void
}

export const startProcess = (options: ProcessOptions): SimProcess => {
  const { name, clock: outside, chance, book, store, lease, look } = options
  const room = createMachineRoom(outside, options.onDeath)
  const { clock } = room
  const sight = createSight()
  const over = new AbortController()
  const io: Io = { clock, log: loggerTo(options.onLog), signal: over.signal }
  let isCut = false
  const begunAt = sight.now()
  const lookedAt = new Map<string, Moment>()
  const unrecorded = new Set<string>()
  let election: LeaderElection | undefined
  const wired = createWiredApi({
    name,
    room,
    outside,
    book,
    chance: chance.apart('wire'),
    store,
    sight,
    isCut: () => isCut,
    onRequest: call => options.onRequest(call, name),
    onOverlap: options.onOverlap,
    onRecord: (canary, isRecorded) => {
      if (isRecorded) unrecorded.delete(canary)
      else unrecorded.add(canary)
    },
    onWrite: (write, canary) => {
      const knowledge = { sight, lookedAt: lookedAt.get(canary) ?? begunAt, isUnrecorded: unrecorded.has(canary) }
      options.onWrite(write, { process: name, epoch: election?.epoch(), ...knowledge })
    },
  })
  election =
    lease &&
    createLeaderElection({
      ...lease,
      api: wired.api(openFence),
      lease: { namespace: 'serin', name: 'serin-leader-election' },
      identity: name,
      clock,
      random: chance.apart('election').next,
    })
  const fence: Fence = election?.fence ?? openFence
  const api = wired.api(fence)
  const reflectors = createSharedReflectors({ api, random: chance.apart('reflectors').next })
  const events = createEventRecorder({ api, component: 'serin', instance: name })
  const tools = createOutside({ ...options, room, clock: outside, chance: chance.apart('outside') })
  const controller = createController({
    api,
    clock,
    reflectors,
    events,
    tools: () => tools,
    receivers: { globalAlert: true, globalEvent: false },
    look: { ...usualLook, drainMs, ...look },
    configTracking: true,
    observer: {
      ...silentObserver,
      seen: canary => void lookedAt.set(keyText(keyOf(canary)), sight.now()),
    },
  })
  void reflectors.run(io)
  void events.run(io)
  if (election) lead(election, { io, run: term => controller.run(term), relist: reflectors.relist })
  else void controller.run(io)
  return {
    name,
    room,
    leads: fence,
    cut: wanted => {
      isCut = wanted
    },
    end: () => over.abort(),
  }
}

interface Leading {
  readonly io: Io
  run(io: Io): Promise<void>
  relist(): Promise<void>
}

/** As the program does it: each term begins with a fresh look at everything. */
const lead = (election: LeaderElection, { io, run, relist }: Leading): void => {
  let term = new AbortController()
  let running = Promise.resolve()
  void election.run(io, {
    onStarted: () => {
      term = new AbortController()
      const signal = AbortSignal.any([io.signal, term.signal])
      running = running.then(relist).then(() => run({ ...io, signal }))
    },
    onLost: () => term.abort(new Error('lost the lease')),
  })
}
