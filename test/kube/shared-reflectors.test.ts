import { describe, expect, it, onTestFinished } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { createSharedReflectors } from '../../src/kube/shared-reflectors.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { aDeployment, configMaps, deployments, secrets } from '../support/kinds.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const fresh = () => {
  const clock = new VirtualClock()
  const api: FakeKubeApi = fakeKubeApi({ clock, objects: [aDeployment()] })
  const shared = createSharedReflectors({ api, random: () => 0.5 })
  const stopper = new AbortController()
  const io = testIo({ clock, signal: stopper.signal })
  let run = Promise.resolve()
  const start = async () => {
    run = shared.run(io)
    await clock.advance(0)
  }
  const stop = async () => {
    stopper.abort()
    await run
  }
  onTestFinished(stop)
  return { clock, api, shared, io, start, stop }
}

const byName = { name: ({ metadata }: KubeObject) => [metadata.name] }

describe('shared reflectors', () => {
  it('list and watch a kind once, whoever asks', async () => {
    const { api, shared, start } = fresh()
    expect(shared.of(deployments)).toBe(shared.of(deployments))
    await start()
    expect([api.count('list'), api.count('watch')]).toEqual([1, 1])
  })

  it('keep scopes apart', () => {
    const { shared } = fresh()
    const scopes = [{}, { namespace: 'a' }, { namespace: 'b' }, { labelSelector: 'x=y' }, { metadataOnly: true }]
    expect(new Set(scopes.map(wanted => shared.of(deployments, wanted))).size).toBe(scopes.length)
  })

  it('begin at once with a kind that is asked for while they run', async () => {
    const { api, clock, shared, start } = fresh()
    await start()
    shared.of(deployments)
    await clock.advance(0)
    expect([api.count('watch'), shared.hasSynced()]).toEqual([1, true])
  })

  it('add up the indexes of all who ask', async () => {
    const { shared, start } = fresh()
    shared.of(deployments)
    await start()
    const { store } = shared.of(deployments, { indexes: byName })
    expect(store.byIndex('name', 'podinfo').length).toBe(1)
  })

  it('have synced when every one of them has', async () => {
    const { api, clock, shared, start } = fresh()
    api.fault({ verb: 'list', kind: 'ConfigMap', with: 'Unreachable' })
    for (const kind of [deployments, configMaps]) shared.of(kind)
    await start()
    expect(shared.hasSynced()).toBe(false)
    await clock.advance(5000)
    expect(shared.hasSynced()).toBe(true)
  })

  const withOptional = async () => {
    const world = fresh()
    const grant = world.api.fault({ verb: 'list', kind: 'ConfigMap', with: 'Forbidden', times: Number.POSITIVE_INFINITY })
    world.shared.of(deployments)
    const optional = world.shared.of(configMaps, { isOptional: true })
    let isThere = false
    void world.shared.whenSynced(world.io).then(() => {
      isThere = true
    })
    await world.start()
    return { ...world, grant, optional, isThere: () => isThere }
  }

  it('wait ten seconds for one that is optional', async () => {
    const { clock, isThere } = await withOptional()
    await clock.advance(9900)
    expect(isThere()).toBe(false)
    await clock.advance(200)
    expect(isThere()).toBe(true)
  })

  it('have synced without one that is optional', async () => expect((await withOptional()).shared.hasSynced()).toBe(true))

  it('list anew without waiting for an optional one that never came', async () => {
    const { shared } = await withOptional()
    await shared.relist()
  })

  it('go on asking for an optional one', async () => {
    const { clock, grant, optional } = await withOptional()
    grant()
    await clock.advance(120_000)
    expect(optional.hasSynced()).toBe(true)
  })

  it('are not held up by a kind that the cluster does not serve', async () => {
    const { api, shared, start } = fresh()
    api.uninstall(configMaps)
    for (const kind of [deployments, configMaps]) shared.of(kind)
    await start()
    expect(shared.hasSynced()).toBe(true)
  })

  it('tell when they have synced', async () => {
    const { clock, shared, io, start } = fresh()
    shared.of(deployments)
    let synced = false
    const waiting = shared.whenSynced(io).then(() => {
      synced = true
    })
    await clock.advance(1000)
    expect(synced).toBe(false)
    await start()
    await clock.advance(100)
    await waiting
    expect(synced).toBe(true)
  })

  it('list all anew for a new leader', async () => {
    const { api, clock, shared, start } = fresh()
    for (const kind of [deployments, configMaps, secrets]) shared.of(kind)
    await start()
    await Promise.all([shared.relist(), clock.advance(0)])
    expect([api.count('list'), api.watches().length]).toEqual([6, 3])
  })

  it('tell the contact that is longest ago', async () => {
    const { api, clock, shared, start } = fresh()
    expect(shared.oldestContactMs()).toBeUndefined()
    for (const kind of [deployments, configMaps]) shared.of(kind)
    await start()
    const startedMs = clock.monotonicMs()
    await clock.advance(30_000)
    api.watches('Deployment')[0]?.options.onContact?.()
    expect(shared.oldestContactMs()).toBe(startedMs)
  })

  it('leave nothing behind when they stop', async () => {
    const { api, clock, shared, start, stop } = fresh()
    for (const kind of [deployments, configMaps]) shared.of(kind)
    await start()
    await stop()
    expect([api.watches().length, clock.pending]).toEqual([0, 0])
  })
})
