import { describe, expect, it, onTestFinished } from 'vitest'
import { leaseKind } from '../../src/api/kinds.ts'
import { systemClock } from '../../src/clock.ts'
import { createKubeApi } from '../../src/kube/client.ts'
import { createLeaderElection } from '../../src/kube/leader-election.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'

const lease = { namespace: 'serin', name: 'serin-leader-election' }

/** As a huge JSON document or a bad regular expression does: no timer, no socket, nothing until it is over. */
const blockTheLoop = (forMs: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs)
}

/** A leader with real time and a real connection, whose lease is short. */
const aLeader = async () => {
  const clock = systemClock()
  const leases = fakeKubeApi({
    clock,
    objects: [{ apiVersion: leaseKind.apiVersion, kind: 'Lease', metadata: lease, spec: { holderIdentity: '' } }],
  })
  const stopper = new AbortController()
  const io = { ...testIo({ clock }), signal: stopper.signal }
  const durations = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 200 }
  const election = createLeaderElection({ api: leases, lease, identity: 'blocked', clock, ...durations })
  const lost = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const run = election.run(io, { onStarted: () => started.resolve(), onLost: () => lost.resolve() })
  const server = await loopbackServer(json(aDeployment()))
  const transport = createTransport({ server: server.url, clock })
  onTestFinished(async () => {
    stopper.abort()
    await run
    await transport.close()
  })
  await started.promise
  const api = createKubeApi({ transport, fence: election.fence })
  /** What another replica does while nothing runs here. */
  const takeOver = () => {
    const found = leases.stored(leaseKind, lease)
    if (found) leases.put({ ...found, spec: { ...(found['spec'] as object), holderIdentity: 'another', leaseDurationSeconds: 60 } })
  }
  return { election, server, takeOver, lost: lost.promise, write: () => api.apply(deployments, aDeployment(), io) }
}

describe('a leader whose event loop is blocked for longer than it may renew', () => {
  it('writes nothing when it wakes up, before any timer has run', async () => {
    const { election, server, takeOver, write } = await aLeader()
    blockTheLoop(2100)
    takeOver()
    expect(election.fence()).toBe(false)
    await expect(write()).rejects.toMatchObject({ code: 'Fenced' })
    expect(server.requests).toEqual([])
  })

  it('knows that it lost the lease', async () => {
    const { lost, takeOver } = await aLeader()
    blockTheLoop(2100)
    takeOver()
    await lost
  })
})

describe('a blocked event loop', () => {
  it('shows in a metric that can be alarmed on', async () => {
    const metrics = createMetrics({ version: '0', meshProvider: 'istio' })
    expect(await metrics.text()).toMatch(/^nodejs_eventloop_lag_max_seconds /m)
  })
})
