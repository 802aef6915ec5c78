import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { createOtherController, type OtherController } from '../../src/kube/other-controller.ts'
import { type FakeKubeApi, fakeKubeApi } from '../support/fake-kube-api.ts'
import { testIo } from '../support/io.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const name = 'flagger-leader-election'

let clock: VirtualClock
let api: FakeKubeApi
let stop: AbortController
let told: (string | undefined)[]
let other: OtherController
let run: Promise<void>

beforeEach(() => {
  clock = new VirtualClock()
  api = fakeKubeApi({ clock })
  stop = new AbortController()
  told = []
})
afterEach(async () => {
  stop.abort()
  await clock.advance(1000)
  await run
})

/** A Lease whose holder renewed it so many seconds ago, by its own clock. */
const lease = (agoSeconds: number, change: Readonly<Record<string, unknown>> = {}, namespace = 'kube-system'): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
  spec: {
    holderIdentity: 'flagger-7d_1',
    leaseDurationSeconds: 60,
    renewTime: new Date(api.serverNowMs() - agoSeconds * 1000).toISOString().replace('Z', '000Z'),
    ...change,
  },
})

const start = async (namespace?: string) => {
  other = createOtherController({ api, lease: name, random: () => 0.5, ...(namespace ? { namespace } : {}) })
  other.onChange(() => told.push(other.holder()))
  run = other.run(testIo({ clock, signal: stop.signal }))
  await pass(1)
}

const pass = async (seconds: number) => {
  await clock.advance(seconds * 1000)
  await settle()
}

describe('the Lease of another controller', () => {
  it('counts as live for its duration after the renewal that it names', async () => {
    api.put(lease(50))
    await start()
    expect(other.holder()).toBe('flagger-7d_1 (Lease kube-system/flagger-leader-election)')
    await pass(10)
    expect(other.holder()).toBeUndefined()
  })

  it('is told of when it begins, and when it runs out', async () => {
    await start()
    api.put(lease(0))
    await pass(1)
    await pass(61)
    expect(told).toEqual(['flagger-7d_1 (Lease kube-system/flagger-leader-election)', undefined])
  })

  it('is not live when it ran out long ago', async () => {
    api.put(lease(61))
    await start()
    expect([other.holder(), told]).toEqual([undefined, []])
  })

  it('is not live when it was given back', async () => {
    api.put(lease(0, { holderIdentity: '' }))
    await start()
    expect(other.holder()).toBeUndefined()
  })

  it('is not live any more when it is deleted', async () => {
    api.put(lease(0))
    await start()
    api.drop(
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
      { namespace: 'kube-system', name },
    )
    await pass(1)
    expect(told).toEqual(['flagger-7d_1 (Lease kube-system/flagger-leader-election)', undefined])
  })

  it('is live while it is renewed, although the clock of its holder is behind', async () => {
    api.put(lease(600))
    await start()
    api.put(lease(595))
    await pass(1)
    expect(other.holder()).toBeDefined()
    await pass(60)
    expect(other.holder()).toBeUndefined()
  })

  it('is live for no longer because the clock of its holder is ahead', async () => {
    api.put(lease(-3600))
    await start()
    await pass(61)
    expect(other.holder()).toBeUndefined()
  })

  it('is seen in any namespace', async () => {
    api.put(lease(0, {}, 'ingress'))
    await start()
    expect(other.holder()).toContain('ingress/')
  })

  it('is looked for in one namespace where only that is watched', async () => {
    api.put(lease(0, {}, 'elsewhere'))
    await start('shop')
    expect(other.holder()).toBeUndefined()
  })
})

describe('the first look', () => {
  it('holds up nobody who may not read Leases', async () => {
    api.fault({ verb: 'list', with: 'Forbidden' })
    await start()
    await other.whenKnown(testIo({ clock, signal: stop.signal }))
    expect(other.holder()).toBeUndefined()
  })

  it('is waited for while the API server does not answer', async () => {
    api.fault({ verb: 'list', with: 'Unreachable', times: 3 })
    let isKnown = false
    await start()
    void other.whenKnown(testIo({ clock, signal: stop.signal })).then(() => {
      isKnown = true
    })
    await settle()
    expect(isKnown).toBe(false)
    await pass(11)
    expect(isKnown).toBe(true)
  })
})
