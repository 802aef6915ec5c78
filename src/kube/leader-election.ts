import type { ObjectKey } from '../api/object.ts'
import { type Clock, sleep } from '../clock.ts'
import { formatDurationMs } from '../duration.ts'
import { CanaryError, messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Random } from './backoff.ts'
import { childSignal, orAborted, startDeadline } from './deadline.ts'
import { isKubeError } from './errors.ts'
import type { Fence } from './fence.ts'
import type { KubeApi } from './kube-api.ts'
import type { LeaseRecord } from './lease.ts'
import { createLeaseClaims } from './lease-claims.ts'
import { createLeaseSighting } from './lease-sighting.ts'

export interface LeaderElectionOptions {
  /** An API without our fence: the lease is what opens it. */
  readonly api: KubeApi
  readonly lease: ObjectKey
  /** Unique to this process, also among restarts of the same pod. */
  readonly identity: string
  readonly clock: Clock
  /** How long the others wait, after they last saw us renew, before they take over. */
  readonly leaseDurationMs?: number
  /** How long after the start of our last renewal we take ourselves to lead; shorter than the lease, so that we stop before others begin. */
  readonly renewDeadlineMs?: number
  readonly retryPeriodMs?: number
  readonly random?: Random
}

interface LeaderCallbacks {
  /** We lead; `epoch` rises with every change of leader. */
  onStarted(epoch: number): void
  /** We do not lead any more, and the fence is closed. We go on as a candidate. */
  onLost(): void
}

/**
 * At most one process leads. The record is a Lease that client-go's electors read and write as well.
 *
 * Nobody's wall clock counts: a candidate measures, on its own monotonic clock, how long the record has not *changed*. That bears any
 * difference between clocks; only their rates may not differ by more than leaseDuration / renewDeadline.
 */
export interface LeaderElection {
  /** Whether we may write, asked where each write leaves. Closes by itself when the last renewal grows too old, whatever else hangs. */
  readonly fence: Fence
  /** The epoch while we lead. */
  epoch(): number | undefined
  /** Tries to lead, and to stay so, until `io.signal` aborts. Never rejects. The fence stays open for what it is worth, so that work can settle. */
  run(io: Io, callbacks: LeaderCallbacks): Promise<void>
  /** Closes the fence at once, ends `run` and gives the lease back. Call it when the last write is settled. Never rejects. */
  release(io: Io): Promise<void>
}

/** A reign of ours. */
interface Term {
  readonly epoch: number
  readonly record: LeaseRecord
  /** When the request of the last renewal that succeeded *began*, on the monotonic clock. */
  readonly renewedAtMs: number
}

/** The durations do not fit each other: two processes could lead at once. */
export class LeaderElectionInvalid extends CanaryError {
  readonly code = 'LeaderElectionInvalid'
  readonly disposition = 'terminal'
}

const defaultLeaseDurationMs = 15_000
const defaultRenewDeadlineMs = 10_000
const defaultRetryPeriodMs = 2000
/** A request that leaves at the last moment is still under way for a while. */
const marginMs = 500
/** What client-go writes when it gives a lease back. */
const releasedDurationMs = 1000
/**
 * Candidates look after a quarter to a half of the retry period: so that they do not come together, and so that a lease which was given back
 * is taken soon enough for a change of leaders within 2 s, the leader's farewell included.
 */
const shortestLook = 0.25
const longestLook = 0.5

export const createLeaderElection = (options: LeaderElectionOptions): LeaderElection => {
  const { api, lease, identity, clock, random = Math.random } = options
  const {
    leaseDurationMs = defaultLeaseDurationMs,
    renewDeadlineMs = defaultRenewDeadlineMs,
    retryPeriodMs = defaultRetryPeriodMs,
  } = options
  if (!(leaseDurationMs > renewDeadlineMs && renewDeadlineMs > retryPeriodMs && retryPeriodMs > 0)) {
    const got = [leaseDurationMs, renewDeadlineMs, retryPeriodMs].map(formatDurationMs).join(', ')
    throw new LeaderElectionInvalid(`expected lease duration > renew deadline > retry period > 0, got ${got}`)
  }
  const claims = createLeaseClaims(api, lease)
  const sighting = createLeaseSighting({ clock, identity, leaseDurationMs, retryPeriodMs })
  let term: Term | undefined
  let callbacks: LeaderCallbacks = { onStarted() {}, onLost() {} }
  let lastCode = ''
  let loop: { readonly stop: () => void; readonly ended: Promise<void> } | undefined

  const ourClaim = (transitions: number, acquireTime?: string) => ({
    holder: identity,
    durationMs: leaseDurationMs,
    transitions,
    acquireTime,
  })
  const deadlineMs = ({ renewedAtMs }: Term) => renewedAtMs + renewDeadlineMs

  /** A request that was given up may still succeed later; then it is nobody's any more. */
  const reign = (next: Term, io: Io): boolean => {
    if (io.signal.aborted) return false
    sighting.see(next.record, next.renewedAtMs)
    term = next
    return true
  }

  const lead = (record: LeaseRecord, renewedAtMs: number, io: Io) => {
    const epoch = record.transitions
    if (!reign({ epoch, record, renewedAtMs }, io)) return
    io.log.info({ lease, identity, epoch }, 'started leading')
    callbacks.onStarted(epoch)
  }

  const lose = (why: string, io: Io) => {
    term = undefined
    io.log.warn({ lease, identity, why }, 'stopped leading')
    callbacks.onLost()
  }

  /** As a candidate: takes the lease when it is missing, given back, or not renewed for its whole duration. */
  const acquire = async (io: Io) => {
    const record = await look(io)
    if (sighting.untilFreeMs() > 0) return
    const startedMs = clock.monotonicMs()
    const last = sighting.last()
    const claim = ourClaim(last === undefined ? 0 : last.transitions + 1)
    lead(await (record ? claims.replace(record, claim, io) : claims.create(claim, io)), startedMs, io)
  }

  const look = async (io: Io) => {
    const askedAtMs = clock.monotonicMs()
    const record = await claims.read(io)
    sighting.see(record, askedAtMs)
    return record
  }

  /** As the leader. A conflict is somebody else's write: to annotations, by hand, or a takeover. */
  const renew = async (current: Term, io: Io) => {
    const startedMs = clock.monotonicMs()
    const claim = ourClaim(current.epoch, current.record.acquireTime)
    try {
      const record = await claims.replace(current.record, claim, io)
      reign({ epoch: current.epoch, record, renewedAtMs: startedMs }, io)
    } catch (error) {
      if (!isKubeError(error, 'Conflict', 'NotFound')) throw error
      await renewAgain(current, io)
    }
  }

  const renewAgain = async ({ epoch, record: { acquireTime } }: Term, io: Io) => {
    const record = await look(io)
    if (io.signal.aborted) return
    if (record && record.holder !== identity) return lose(`the lease is held by ${JSON.stringify(record.holder)}`, io)
    const startedMs = clock.monotonicMs()
    const claim = ourClaim(epoch, acquireTime)
    const written = await (record ? claims.replace(record, claim, io) : claims.create(claim, io))
    reign({ epoch, record: written, renewedAtMs: startedMs }, io)
  }

  const isOver = (): boolean => term !== undefined && clock.monotonicMs() >= deadlineMs(term)

  /** One request that hangs leaves time for another, and none outlives the term. */
  const attemptMs = (): number => Math.min(renewDeadlineMs / 2, term ? deadlineMs(term) - clock.monotonicMs() : Number.POSITIVE_INFINITY)

  const attempt = async (io: Io) => {
    const deadline = startDeadline(io, attemptMs())
    const limited = { ...io, signal: deadline.signal }
    try {
      await orAborted(term ? renew(term, limited) : acquire(limited), deadline.signal)
      lastCode = ''
    } catch (error) {
      if (!io.signal.aborted) complain(error, io)
    } finally {
      deadline.clear()
    }
  }

  const complain = (error: unknown, io: Io) => {
    const code = isKubeError(error) ? error.code : 'Error'
    if (code === 'Conflict') return // somebody was faster
    if (code !== lastCode) io.log.warn({ lease, identity, code, error: messageOf(error) }, 'leader lease could not be read or written')
    lastCode = code
  }

  const pauseMs = (): number => {
    if (term) return Math.min(retryPeriodMs, deadlineMs(term) - clock.monotonicMs())
    const jitteredMs = retryPeriodMs * (shortestLook + (longestLook - shortestLook) * random())
    return Math.min(jitteredMs, sighting.untilFreeMs() || jitteredMs)
  }

  const campaign = async (io: Io) => {
    while (!io.signal.aborted) {
      await attempt(io)
      await sleep(clock, pauseMs(), io.signal)
      if (isOver() && !io.signal.aborted) lose('the lease could not be renewed in time', io)
    }
  }

  const giveBack = async (ours: Term, io: Io) => {
    const claim = { holder: '', durationMs: releasedDurationMs, transitions: ours.epoch, acquireTime: ours.record.acquireTime }
    try {
      await claims.replace(ours.record, claim, io)
    } catch (error) {
      if (!isKubeError(error, 'Conflict')) throw error
      // The answer to our last renewal was lost.
      const record = await claims.read(io)
      if (record?.holder === identity) await claims.replace(record, claim, io)
    }
  }

  return {
    fence: () => term !== undefined && clock.monotonicMs() < deadlineMs(term) - marginMs,
    epoch: () => term?.epoch,
    run: async (io, told) => {
      callbacks = told
      const child = childSignal(io.signal)
      const ended = campaign({ ...io, signal: child.signal })
      loop = { stop: () => child.abort(new Error('released')), ended }
      await ended
      child.clear()
    },
    release: async io => {
      const ours = term
      term = undefined
      loop?.stop()
      await loop?.ended
      if (!ours) return
      try {
        await giveBack(ours, io)
        io.log.info({ lease, identity, epoch: ours.epoch }, 'gave the lease back')
      } catch (error) {
        io.log.warn({ lease, identity, error: messageOf(error) }, 'lease could not be given back, it runs out by itself')
      }
    },
  }
}
