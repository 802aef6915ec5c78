import { describe, expect, it, onTestFinished } from 'vitest'
import type { Clock } from '../../src/clock.ts'
import { createLeaderElection, type LeaderElection } from '../../src/kube/leader-election.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const lease = { namespace: 'serin', name: 'serin-leader-election' }
const hour = 3_600_000

interface Replica {
  readonly election: LeaderElection
  /** Dies, without giving anything back. */
  kill(): void
}

/** A replica on a node whose wall clock is off by so much. */
const startReplica = (
  identity: string,
  offMs: number,
  { api, clock }: { readonly api: FakeKubeApi; readonly clock: VirtualClock },
): Replica => {
  let isDead = false
  const own: Clock = {
    nowMs: () => clock.nowMs() + offMs,
    monotonicMs: () => clock.monotonicMs(),
    schedule: (delayMs, task) => clock.schedule(delayMs, () => (isDead ? undefined : task())),
  }
  const stopper = new AbortController()
  const election = createLeaderElection({ api, lease, identity, clock: own, random: () => 0.5 })
  void election.run({ ...testIo({ clock }), clock: own, signal: stopper.signal }, { onStarted() {}, onLost() {} })
  const kill = () => {
    isDead = true
    stopper.abort()
  }
  onTestFinished(kill)
  return { election, kill }
}

const two = async (firstOffMs: number, secondOffMs: number) => {
  const clock = new VirtualClock()
  const place = { api: fakeKubeApi({ clock }), clock }
  const first = startReplica('first', firstOffMs, place)
  await clock.advance(20_000)
  const second = startReplica('second', secondOffMs, place)
  return { clock, first, second }
}

describe.each([
  [0, hour],
  [0, -hour],
  [hour, 0],
  [-hour, 0],
])('two replicas whose clocks are off by %i and %i ms', (firstOffMs, secondOffMs) => {
  it('have one leader, as long as it renews', async () => {
    const { clock, first, second } = await two(firstOffMs, secondOffMs)
    for (let second_ = 0; second_ < 120; second_ += 1) {
      await clock.advance(1000)
      expect([first.election.fence(), second.election.fence()]).toEqual([true, false])
    }
  })

  it('have another one 17 s after it died, and not before the lease is over', async () => {
    const { clock, first, second } = await two(firstOffMs, secondOffMs)
    await clock.advance(10_000)
    first.kill()
    await clock.advance(12_000)
    expect(second.election.fence()).toBe(false)
    await clock.advance(5000)
    expect(second.election.fence()).toBe(true)
  })
})
