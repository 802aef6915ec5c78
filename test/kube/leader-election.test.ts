import { describe, expect, it, onTestFinished } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { createLeaderElection, LeaderElectionInvalid, type LeaderElectionOptions } from '../../src/kube/leader-election.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const key = { namespace: 'serin', name: 'serin-controller' }

interface Spec {
  readonly holderIdentity?: string | null
  readonly leaseTransitions?: number
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
}

const aLease = (spec: Spec): KubeObject => ({ apiVersion: leaseKind.apiVersion, kind: 'Lease', metadata: key, spec })

/** A cluster whose lease the last leader gave back, with epoch 0. */
const world = () => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock, objects: [aLease({ holderIdentity: '', leaseTransitions: 0, leaseDurationSeconds: 1 })] })
  const spec = () => api.stored(leaseKind, key)?.['spec'] as Spec | undefined
  return { clock, api, spec }
}

/** One replica; `told` is what its callbacks heard. Its clock may be another one than the server's. */
const replica = (identity: string, { clock, api }: { clock: VirtualClock; api: KubeApi }, options: Partial<LeaderElectionOptions> = {}) => {
  const told: string[] = []
  const election = createLeaderElection({ api, lease: key, identity, clock, random: () => 1, ...options })
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  const run = election.run(io, { onStarted: epoch => void told.push(`started ${epoch}`), onLost: () => void told.push('lost') })
  const kill = async () => {
    stopper.abort()
    await run
  }
  onTestFinished(kill)
  return { election, told, io, kill, run, leads: () => election.fence() }
}

describe('becoming leader', () => {
  it('creates the lease when it stays missing for a little more than a renewal takes', async () => {
    const { clock, api, spec } = world()
    api.drop(leaseKind, key)
    const { told, leads } = replica('a', { clock, api })
    await clock.advance(2499)
    expect(told).toEqual([])
    await clock.advance(1)
    expect([told, leads()]).toEqual([['started 0'], true])
    expect(spec()).toEqual({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: '2026-01-01T00:00:02.500000Z',
      renewTime: '2026-01-01T00:00:02.500000Z',
    })
  })

  it('takes a lease that was given back at once, with the next epoch', async () => {
    const { clock, api, spec } = world()
    api.put(aLease({ holderIdentity: '', leaseTransitions: 6, leaseDurationSeconds: 1 }))
    const { election } = replica('a', { clock, api })
    await clock.advance(0)
    expect([election.epoch(), spec()?.leaseTransitions]).toEqual([7, 7])
  })

  it.each([{}, { holderIdentity: null }])('takes a lease that says nothing: %j', async spec => {
    const { clock, api } = world()
    api.put(aLease(spec))
    const { leads } = replica('a', { clock, api })
    await clock.advance(0)
    expect(leads()).toBe(true)
  })

  it('waits for the whole duration of a lease that another holds, from when it last changed', async () => {
    const { clock, api } = world()
    api.put(aLease({ holderIdentity: 'dead', leaseDurationSeconds: 15, renewTime: '2001-01-01T00:00:00.000000Z' }))
    const { told } = replica('a', { clock, api })
    await clock.advance(14_900)
    expect(told).toEqual([])
    await clock.advance(200)
    expect(told).toEqual(['started 1'])
  })

  it('never takes it while the holder renews', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(1000)
    const second = replica('b', { clock, api })
    await clock.advance(10 * 60_000)
    expect([first.told, second.told]).toEqual([['started 1'], []])
  })

  it('does not care how far the holder clock is off', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(1000)
    const second = replica('b', { clock, api })
    for (const jumpMs of [3_600_000, -7_200_000, 10 * 365 * 86_400_000]) {
      clock.jumpWall(jumpMs)
      await clock.advance(60_000)
    }
    expect([first.told, second.told]).toEqual([['started 1'], []])
  })

  it('obeys the duration that the record names, not its own', async () => {
    const { clock, api } = world()
    api.put(aLease({ holderIdentity: 'slow', leaseDurationSeconds: 60 }))
    const { told } = replica('a', { clock, api })
    await clock.advance(59_000)
    expect(told).toEqual([])
  })

  it('tries for ever, jittered', async () => {
    const { clock, api } = world()
    api.fault({ with: 'ServerError', times: 200 })
    const { told, io } = replica('a', { clock, api }, { random: () => 0.5 })
    await clock.advance(60 * 60_000)
    expect(told).toEqual(['started 1'])
    expect(io.log.messages('warn')).toEqual(['leader lease could not be read or written'])
  })

  it('lets exactly one of many win', async () => {
    const { clock, api } = world()
    const replicas = ['a', 'b', 'c', 'd', 'e'].map(name => replica(name, { clock, api }))
    await clock.advance(30_000)
    expect(replicas.filter(({ leads }) => leads()).length).toBe(1)
  })

  it('leaves a leader that it never saw, and whose lease was deleted, its next renewal', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(100)
    api.drop(leaseKind, key)
    const second = replica('b', { clock, api })
    await clock.advance(60_000)
    expect([first.told, second.told]).toEqual([['started 1'], []])
  })

  it('leaves a leader whose lease was deleted its time to notice', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(0)
    const second = replica('b', { clock, api })
    await clock.advance(100)
    api.drop(leaseKind, key)
    await clock.advance(60_000)
    expect([first.told, second.told]).toEqual([['started 1'], []])
  })

  it('refuses durations with which two could lead at once', () => {
    const { clock, api } = world()
    const make = () => createLeaderElection({ api, lease: key, identity: 'a', clock, leaseDurationMs: 10_000 })
    expect(make).toThrow(LeaderElectionInvalid)
    expect(make).toThrow('expected lease duration > renew deadline > retry period > 0, got 10s, 10s, 2s')
  })
})

describe('staying leader', () => {
  it('renews every two seconds and keeps since when it leads', async () => {
    const { clock, api, spec } = world()
    replica('a', { clock, api })
    await clock.advance(20_000)
    expect(api.count('patch')).toBe(11) // the first one takes it
    expect(spec()).toMatchObject({
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:20.000000Z',
      leaseTransitions: 1,
    })
  })

  it('survives a renewal that fails', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ with: 'ServerError', times: 3 })
    await clock.advance(30_000)
    expect(told).toEqual(['started 1'])
  })

  it('survives a renewal that hangs once', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ with: 'hang' })
    await clock.advance(30_000)
    expect(told).toEqual(['started 1'])
  })

  it('survives a renewal whose answer was lost', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ verb: 'patch', with: 'Unreachable', afterCommit: true })
    await clock.advance(30_000)
    expect(told).toEqual(['started 1'])
  })

  it("survives somebody's note on the lease", async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    const lease = api.stored(leaseKind, key)
    if (lease) api.put({ ...lease, metadata: { ...lease.metadata, annotations: { note: 'hello' } } })
    await clock.advance(30_000)
    expect(told).toEqual(['started 1'])
  })

  it('makes a lease anew that was deleted under it, in the same term', async () => {
    const { clock, api, spec } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.drop(leaseKind, key)
    await clock.advance(5000)
    expect([told, spec()?.holderIdentity]).toEqual([['started 1'], 'a'])
  })
})

describe('losing', () => {
  it('closes the fence half a second before the renew deadline, and steps down at it', async () => {
    const { clock, api } = world()
    const { told, leads } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ with: 'Unreachable', times: 1000 })
    await clock.advance(9499)
    expect([leads(), told]).toEqual([true, ['started 1']])
    await clock.advance(1)
    expect([leads(), told]).toEqual([false, ['started 1']])
    await clock.advance(500)
    expect(told).toEqual(['started 1', 'lost'])
  })

  it('happens in time when every renewal hangs', async () => {
    const { clock, api } = world()
    const { told, leads } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ with: 'hang', times: 1000 })
    await clock.advance(10_000)
    expect([leads(), told]).toEqual([false, ['started 1', 'lost']])
  })

  it('happens in time when the API does not even obey the signal', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.patch = () => new Promise(() => {})
    await clock.advance(10_000)
    expect(told).toEqual(['started 1', 'lost'])
  })

  it('counts a renewal from its beginning, however long its answer took', async () => {
    const { clock, api } = world()
    const { leads } = replica('a', { clock, api })
    await clock.advance(0)
    const { patch } = api
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    api.patch = async (kind, at, body, io) => {
      await new Promise<void>(resolve => clock.schedule(4000, resolve))
      return patch(kind, at, body, io)
    }
    await clock.advance(6000) // asked at 2 s, answered at 6 s
    api.patch = () => new Promise(() => {})
    await clock.advance(5499)
    expect(leads()).toBe(true)
    await clock.advance(1)
    expect(leads()).toBe(false)
  })

  it('does not come back through an answer that arrives after all', async () => {
    const { clock, api } = world()
    const { told, leads } = replica('a', { clock, api })
    await clock.advance(0)
    let answer = () => {}
    const { patch } = api
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    api.patch = (kind, at, body, io) =>
      new Promise(resolve => {
        answer = () => resolve(patch(kind, at, body, { ...io, signal: new AbortController().signal }))
      })
    api.fault({ verb: 'get', with: 'Unreachable', times: 1000 })
    await clock.advance(10_000)
    answer()
    await clock.advance(0)
    expect([told, leads()]).toEqual([['started 1', 'lost'], false])
  })

  it('is told once, also when the news of another holder comes late', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.put(aLease({ holderIdentity: 'b', leaseTransitions: 2, leaseDurationSeconds: 15 }))
    const late: (() => void)[] = []
    const { get } = api
    api.get = (kind, at, io) =>
      new Promise(resolve => {
        late.push(() => resolve(get(kind, at, { ...io, signal: new AbortController().signal })))
      })
    await clock.advance(10_000)
    for (const answer of late) answer()
    await clock.advance(0)
    expect(told).toEqual(['started 1', 'lost'])
  })

  it('happens when another one holds the lease', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.put(aLease({ holderIdentity: 'b', leaseTransitions: 2, leaseDurationSeconds: 15 }))
    await clock.advance(2000)
    expect(told).toEqual(['started 1', 'lost'])
  })

  it('is followed by another candidacy', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(0)
    api.put(aLease({ holderIdentity: 'b', leaseTransitions: 2, leaseDurationSeconds: 15 }))
    await clock.advance(60_000)
    expect(told).toEqual(['started 1', 'lost', 'started 3'])
  })

  it('is known at once when a stopped process wakes up, before any timer has run', async () => {
    const { clock, api } = world()
    const { leads } = replica('a', { clock, api })
    await clock.advance(1000)
    clock.stall(45_000)
    expect(leads()).toBe(false)
  })

  it('of a stopped process ends its term even when nobody took over', async () => {
    const { clock, api } = world()
    const { told } = replica('a', { clock, api })
    await clock.advance(1000)
    clock.stall(45_000)
    await clock.advance(5000)
    expect(told).toEqual(['started 1', 'lost', 'started 2'])
  })
})

describe('failing over', () => {
  it('takes at most 17 s after a kill', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(0)
    const second = replica('b', { clock, api })
    await clock.advance(10_700)
    await first.kill()
    await clock.advance(17_000)
    expect(second.told).toEqual(['started 2'])
  })

  it('takes at most 1 s after a release, which leaves the old leader one for its farewell', async () => {
    const { clock, api } = world()
    const first = replica('a', { clock, api })
    await clock.advance(0)
    const second = replica('b', { clock, api })
    await clock.advance(10_700)
    await first.election.release(testIo({ clock }))
    await clock.advance(1000)
    expect(second.told).toEqual(['started 2'])
  })
})

describe('releasing', () => {
  it('closes the fence at once, then gives the lease back as client-go does', async () => {
    const { clock, api, spec } = world()
    const { election, leads } = replica('a', { clock, api })
    await clock.advance(0)
    const released = election.release(testIo({ clock }))
    expect(leads()).toBe(false)
    await released
    expect(spec()).toMatchObject({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 1 })
  })

  it('ends the run and leaves no timer', async () => {
    const { clock, api } = world()
    const { election, run, told } = replica('a', { clock, api })
    await clock.advance(0)
    await election.release(testIo({ clock }))
    await run
    expect([clock.pending, told]).toEqual([0, ['started 1']])
  })

  it('gives back a lease whose last renewal got no answer', async () => {
    const { clock, api, spec } = world()
    const { election } = replica('a', { clock, api })
    await clock.advance(0)
    const { patch } = api
    // biome-ignore lint/complexity/useMaxParams: the signature is the port's
    api.patch = async (kind, at, body, io) => {
      await patch(kind, at, body, io)
      return new Promise(() => {})
    }
    await clock.advance(2000)
    api.patch = patch
    await election.release(testIo({ clock }))
    expect(spec()?.holderIdentity).toBe('')
  })

  it('does not touch a lease that another one took', async () => {
    const { clock, api, spec } = world()
    const { election } = replica('a', { clock, api })
    await clock.advance(0)
    api.put(aLease({ holderIdentity: 'b', leaseTransitions: 2, leaseDurationSeconds: 15 }))
    await election.release(testIo({ clock }))
    expect(spec()?.holderIdentity).toBe('b')
  })

  it('does nothing when we do not lead', async () => {
    const { clock, api } = world()
    api.put(aLease({ holderIdentity: 'b', leaseDurationSeconds: 15 }))
    const { election } = replica('a', { clock, api })
    await clock.advance(0)
    const before = api.version()
    await election.release(testIo({ clock }))
    expect(api.version()).toBe(before)
  })

  it('never rejects: a lease that cannot be given back runs out', async () => {
    const { clock, api } = world()
    const { election } = replica('a', { clock, api })
    await clock.advance(0)
    api.fault({ with: 'Unreachable', times: 10 })
    const io = testIo({ clock })
    await election.release(io)
    expect(io.log.messages('warn')).toEqual(['lease could not be given back, it runs out by itself'])
  })

  it('leaves the fence open between the end of the run and the release, so that work can settle', async () => {
    const { clock, api } = world()
    const { leads, kill } = replica('a', { clock, api })
    await clock.advance(0)
    await kill()
    expect(leads()).toBe(true)
    await clock.advance(9500)
    expect(leads()).toBe(false)
  })
})
