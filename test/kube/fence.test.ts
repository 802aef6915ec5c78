import { describe, expect, it, onTestFinished } from 'vitest'
import { createKubeApi } from '../../src/kube/client.ts'
import { createLeaderElection } from '../../src/kube/leader-election.ts'
import { leaseKind } from '../../src/kube/lease.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, deployments } from '../support/kinds.ts'
import { json, loopbackServer } from '../support/loopback-server.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const key = { namespace: 'serin', name: 'lease' }
const freeLease = { apiVersion: leaseKind.apiVersion, kind: 'Lease', metadata: key, spec: { holderIdentity: '' } }

/** A leader whose lease is kept in one API, and whose work goes to a real server. */
const aLeader = async () => {
  const clock = new VirtualClock()
  const leases = fakeKubeApi({ clock, objects: [freeLease] })
  const stopper = new AbortController()
  const election = createLeaderElection({ api: leases, lease: key, identity: 'a', clock })
  const run = election.run(testIo({ clock, signal: stopper.signal }), { onStarted() {}, onLost() {} })
  const server = await loopbackServer(json(aDeployment()))
  const transport = createTransport({ server: server.url, clock })
  const api = createKubeApi({ transport, fence: election.fence })
  onTestFinished(async () => {
    stopper.abort()
    await run
    await transport.close()
  })
  await clock.advance(0)
  return {
    clock,
    leases,
    server,
    election,
    write: () => api.apply(deployments, aDeployment(), testIo({ clock })),
    read: () => api.list(deployments, {}, testIo({ clock })),
  }
}

describe('the fence of a leader', () => {
  it('lets it write', async () => {
    const { server, write } = await aLeader()
    await write()
    expect(server.requests.length).toBe(1)
  })

  it('holds back the write of a process that was stopped for three leases and wakes up', async () => {
    const { clock, server, write } = await aLeader()
    clock.stall(45_000)
    await expect(write()).rejects.toMatchObject({ code: 'Fenced', disposition: 'retry' })
    expect(server.requests).toEqual([])
  })

  it('holds back writes while renewals hang, before anybody else may lead', async () => {
    const { clock, leases, server, write } = await aLeader()
    leases.fault({ with: 'hang', times: 1000 })
    await clock.advance(9500)
    await expect(write()).rejects.toMatchObject({ code: 'Fenced' })
    expect(server.requests).toEqual([])
  })

  it('holds back writes once the lease is given back', async () => {
    const { clock, election, server, write } = await aLeader()
    await election.release(testIo({ clock }))
    await expect(write()).rejects.toMatchObject({ code: 'Fenced' })
    expect(server.requests).toEqual([])
  })

  it('never holds back reads', async () => {
    const { clock, server, read } = await aLeader()
    clock.stall(45_000)
    await read().catch(() => {}) // what it answers is not the point
    expect(server.requests.length).toBe(1)
  })
})
