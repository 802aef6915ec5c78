import type { Cancel, Clock } from '../clock.ts'
import { CanaryError, type Disposition, dispositionOf, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import { type BackoffPolicy, fullJitterMs, type Random } from './backoff.ts'
import { createDelayHeap } from './delay-heap.ts'
import { isKubeError } from './errors.ts'
import { createReadyKeys } from './ready-keys.ts'

/** When the key is due again after a success; undefined leaves that to others. */
export interface Again {
  readonly afterMs: number | undefined
}

/** Works on one key. What it throws says what follows: `retry` backs off and comes again, `terminal` waits for a change. */
export type Handle = (key: string, io: Io) => Promise<Again>

/** What telemetry may count. */
export interface WorkQueueObserver {
  /** Keys that are ready and wait for a worker. */
  depth(keys: number): void
  /** A worker took a key that had been ready for so long. */
  started(key: string, waitedMs: number): void
  finished(key: string, durationMs: number, outcome: 'done' | Disposition): void
}

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly handle: Handle
  /** How many keys are worked on at once. */
  readonly workers?: number
  readonly random?: Random
  readonly observer?: WorkQueueObserver
  /** After the stop, work in progress may go on for so long before its own signal aborts. */
  readonly graceMs?: number
}

/**
 * Keys that want work. A key is with one worker at most; while it is, any number of additions make one more run afterwards.
 * The tick of a canary is a delayed addition to this same queue, so that a tick and an event never run side by side.
 */
export interface WorkQueue {
  /** Due now. */
  add(key: string): void
  /**
   * Due in so many milliseconds; of several times for one key the earliest holds. A run that succeeds makes up for all times that were set
   * before it: it saw everything, and says itself when it wants to look again.
   */
  addAfter(key: string, delayMs: number): void
  /** Drops what is due later, and the memory of failures: the object is gone. */
  forget(key: string): void
  /** Keys that are ready and wait for a worker. */
  depth(): number
  /** Works until `io.signal` aborts; resolves when the last worker is done. Keys that still wait are left, no timer is. */
  run(io: Io): Promise<void>
}

const backoff: BackoffPolicy = { baseMs: 5, maxMs: 60_000 }
const defaultWorkers = 16
const defaultGraceMs = 5000
/** Work that never waits for anything must still let sockets and timers have their turn. */
const sliceMs = 15

/** One call of `run`. */
interface Shift {
  readonly io: Io
  /** False once the stop has come: nothing new begins. */
  open: boolean
  readonly drained: () => void
}

const silentObserver: WorkQueueObserver = { depth() {}, started() {}, finished() {} }

export const createWorkQueue = (options: WorkQueueOptions): WorkQueue => {
  const { clock, handle, workers = defaultWorkers, random = Math.random, observer = silentObserver, graceMs = defaultGraceMs } = options
  const ready = createReadyKeys(clock)
  const later = createDelayHeap()
  const failures = new Map<string, number>()
  /** When keys that are worked on were due before; what fails gets its time back. */
  const setAside = new Map<string, number>()
  let shift: Shift | undefined
  let timer: { readonly atMs: number; readonly cancel: Cancel } | undefined
  let breather: Cancel | undefined
  let sliceStartMs = 0

  const add = (key: string) => {
    if (!ready.add(key)) return
    observer.depth(ready.size)
    queueMicrotask(pump)
  }

  const addAfter = (key: string, delayMs: number) => {
    if (delayMs <= 0) return add(key)
    later.push(key, clock.monotonicMs() + delayMs)
    armTimer()
  }

  /** One timer for all keys, set to the earliest. */
  const armTimer = () => {
    const atMs = later.nextAtMs()
    if (!shift?.open || atMs === undefined || (timer && timer.atMs <= atMs)) return
    timer?.cancel()
    timer = { atMs, cancel: clock.schedule(Math.max(0, atMs - clock.monotonicMs()), onTimer) }
  }

  const onTimer = () => {
    timer = undefined
    for (const key of later.takeDue(clock.monotonicMs())) add(key)
    armTimer()
  }

  const freeShift = (): Shift | undefined => (shift?.open && !breather && ready.active < workers ? shift : undefined)

  const pump = () => {
    if (ready.active === 0) sliceStartMs = clock.monotonicMs()
    for (let free = freeShift(); free && ready.size > 0; free = freeShift()) {
      if (clock.monotonicMs() - sliceStartMs > sliceMs) takeBreath()
      else start(free.io)
    }
  }

  const start = (io: Io) => {
    const taken = ready.take()
    if (!taken) return
    observer.depth(ready.size)
    observer.started(taken.key, taken.waitedMs)
    void work(taken.key, io)
  }

  const takeBreath = () => {
    breather = clock.schedule(0, () => {
      breather = undefined
      sliceStartMs = clock.monotonicMs()
      pump()
    })
  }

  const work = async (key: string, io: Io) => {
    const startedMs = clock.monotonicMs()
    const dueMs = later.remove(key)
    if (dueMs !== undefined) setAside.set(key, dueMs)
    const outcome = await attempt(key, io)
    setAside.delete(key)
    observer.finished(key, clock.monotonicMs() - startedMs, outcome)
    ready.done(key)
    pump()
    if (ready.active === 0 && shift?.open === false) shift.drained()
  }

  const attempt = async (key: string, io: Io): Promise<'done' | Disposition> => {
    try {
      const { afterMs } = await handle(key, io)
      failures.delete(key)
      if (afterMs !== undefined) addAfter(key, afterMs)
      return 'done'
    } catch (error) {
      return failed(key, error, io)
    }
  }

  const failed = (key: string, error: unknown, io: Io): Disposition => {
    const dueMs = setAside.get(key)
    if (dueMs !== undefined) addAfter(key, dueMs - clock.monotonicMs())
    const fields = { key, error: messageOf(error), ...(error instanceof CanaryError && { code: error.code }) }
    if (dispositionOf(error) === 'terminal') {
      failures.delete(key)
      io.log.error(fields, 'work failed, waiting for a change')
      return 'terminal'
    }
    const count = failures.get(key) ?? 0
    failures.set(key, count + 1)
    const retryMs = Math.max(fullJitterMs(backoff, count, random), (isKubeError(error) && error.retryAfterMs) || 0)
    io.log.warn({ ...fields, failures: count + 1, retryMs: Math.round(retryMs) }, 'work failed, trying again')
    addAfter(key, retryMs)
    return 'retry'
  }

  const stopTimers = () => {
    timer?.cancel()
    breather?.()
    timer = undefined
    breather = undefined
  }

  return {
    add,
    addAfter,
    forget: key => {
      later.remove(key)
      setAside.delete(key)
      failures.delete(key)
    },
    depth: () => ready.size,
    run: async io => {
      const stop = Promise.withResolvers<void>()
      const drained = Promise.withResolvers<void>()
      const grace = new AbortController()
      if (io.signal.aborted) return
      io.signal.addEventListener('abort', () => stop.resolve(), { once: true })
      shift = { io: { ...io, signal: grace.signal }, open: true, drained: drained.resolve }
      armTimer()
      pump()
      await stop.promise
      shift.open = false
      stopTimers()
      const endGrace = clock.schedule(graceMs, () => grace.abort(io.signal.reason))
      if (ready.active > 0) await drained.promise
      endGrace()
      shift = undefined
    },
  }
}
