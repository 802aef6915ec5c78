import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubeApi } from '../../src/kube/kube-api.ts'
import { createLeaderElection } from '../../src/kube/leader-election.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { type PausableClock, pausableClock } from '../support/pausable-clock.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const key = { namespace: 'serin', name: 'serin-controller' }

interface Step {
  readonly who: number
  readonly what: 'cut' | 'mend' | 'pause' | 'resume' | 'delete' | 'edit'
  readonly forMs: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ who: fc.nat(2), what: fc.constantFrom('cut', 'mend', 'pause', 'resume', 'delete', 'edit'), forMs: fc.nat(30_000) }),
  { maxLength: 15 },
)

/** The API as one replica reaches it: nothing comes or goes while the line is cut or the process is stopped. */
const reachedBy = (api: FakeKubeApi, isReachable: () => boolean): KubeApi => {
  const check = async () => {
    if (!isReachable()) throw new Error('cut off')
  }
  return {
    ...api,
    get: async (...args) => check().then(() => api.get(...args)),
    create: async (...args) => check().then(() => api.create(...args)),
    patch: async (...args) => check().then(() => api.patch(...args)),
  }
}

interface Replica {
  readonly clock: PausableClock
  cut: boolean
  paused: boolean
  leads(): boolean
  epoch(): number | undefined
  stop(): Promise<void>
}

const startReplica = (identity: string, clock: VirtualClock, api: FakeKubeApi): Replica => {
  const own = pausableClock(clock)
  const stopper = new AbortController()
  const replica = { clock: own, cut: false, paused: false }
  const reached = reachedBy(api, () => !replica.cut && !replica.paused)
  const election = createLeaderElection({ api: reached, lease: key, identity, clock: own, random: () => 0.5 })
  const run = election.run(testIo({ clock: own, signal: stopper.signal }), { onStarted() {}, onLost() {} })
  const stop = async () => {
    stopper.abort()
    await run
  }
  return Object.assign(replica, { leads: () => election.fence(), epoch: () => election.epoch(), stop })
}

const doings: Readonly<Record<Step['what'], (replica: Replica, api: FakeKubeApi) => void>> = {
  cut: replica => {
    replica.cut = true
  },
  mend: replica => {
    replica.cut = false
  },
  pause: replica => {
    replica.paused = true
    replica.clock.pause()
  },
  resume: replica => {
    replica.paused = false
    replica.clock.resume()
  },
  delete: (_, api) => api.drop(leaseKind, key),
  // Somebody who has read of leases gives this one to nobody in particular.
  edit: (_, api) => {
    const found = api.stored(leaseKind, key)
    if (found) api.put({ ...found, spec: { ...(found['spec'] as object), holderIdentity: 'somebody', renewTime: '2020-01-01T00:00:00Z' } })
  },
}

/**
 * Plays the steps; what the leaders were at every half second. A lease is only deleted while all is well, and all stays well for one more
 * renewal: of a lease that vanishes together with its holder's line nobody can tell that it ever was. There only versions protect.
 */
const play = async (script: readonly Step[]): Promise<readonly (readonly (number | undefined)[])[]> => {
  const clock = new VirtualClock()
  const api = fakeKubeApi({ clock })
  const replicas = ['a', 'b', 'c'].map(name => startReplica(name, clock, api))
  const seen: (number | undefined)[][] = []
  const watch = async (forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 500) {
      await clock.advance(500)
      seen.push(replicas.filter(({ leads }) => leads()).map(({ epoch }) => epoch()))
    }
  }
  for (const { who, what, forMs } of script) {
    const replica = replicas[who]
    const isWell = replicas.every(({ cut, paused }) => !cut && !paused)
    if (replica && (what !== 'delete' || isWell)) doings[what](replica, api)
    await watch(what === 'delete' ? 2500 + forMs : forMs)
  }
  await Promise.all(replicas.map(({ stop }) => stop()))
  return seen
}

it('at most one replica may write at any time, whatever is stopped, cut off, deleted or edited', () =>
  fc.assert(
    fc.asyncProperty(steps, async script => {
      for (const epochs of await play(script)) expect(epochs.length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 40 },
  ))

it('every later leader has a higher epoch', () =>
  fc.assert(
    fc.asyncProperty(steps, async script => {
      const epochs = (await play(script)).flatMap(([epoch]) => (epoch === undefined ? [] : [epoch]))
      expect(epochs).toEqual([...epochs].sort((a, b) => a - b))
    }),
    { numRuns: 20 },
  ))
