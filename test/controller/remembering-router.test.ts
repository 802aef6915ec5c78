import { beforeEach, describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { remembering } from '../../src/controller/remembering-router.ts'
import type { Live } from '../../src/core/live.ts'
import { splitAt } from '../../src/core/traffic.ts'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import type { Router } from '../../src/routing/router.ts'
import { aCanary } from '../support/builders.ts'

const context = { options: { labelKey: 'app' } }
const route = (weight: number): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: 'podinfo-primary', weight: 100 - weight },
          { name: 'podinfo-canary', weight },
        ],
      },
    ],
  },
})

describe('a routing layer that remembers', () => {
  let canary: Canary
  let live: Live
  let standing: KubeObject | undefined
  let router: Router
  let asked: number

  beforeEach(() => {
    canary = aCanary({ spec: { service: { port: 9898, gatewayRefs: [{ name: 'gateway' }] } } })
    standing = route(10)
    live = { get: () => standing }
    asked = 0
    const counted =
      <T extends readonly unknown[], R>(call: (...args: T) => R) =>
      (...args: T): R => {
        asked += 1
        return call(...args)
      }
    router = remembering({ ...gatewayApi, observe: counted(gatewayApi.observe), desired: counted(gatewayApi.desired) })
  })

  const desired = (weight: number) => router.desired(canary, splitAt(weight, false), { ...context, live })

  it('says what the layer says', () => {
    expect(router.observe(canary, live)).toEqual(gatewayApi.observe(canary, live))
    expect(desired(20)).toEqual(gatewayApi.desired(canary, splitAt(20, false), { ...context, live }))
  })

  it('asks once about what stays as it is', () => {
    expect(router.observe(canary, live)).toBe(router.observe(canary, live))
    expect(desired(20)).toBe(desired(20))
    expect(asked).toBe(2)
  })

  it('asks again when the route is another one', () => {
    expect(router.observe(canary, live).traffic?.canary).toBe(10)
    standing = route(30)
    expect(router.observe(canary, live).traffic?.canary).toBe(30)
    standing = undefined
    expect(router.observe(canary, live).traffic).toBeUndefined()
  })

  it('asks again for other traffic', () => {
    const before = desired(20)
    expect(desired(40)).not.toEqual(before)
    expect(desired(20)).toEqual(before)
  })

  it('asks again when the Canary is read anew', () => {
    desired(20)
    canary = { ...canary, spec: { ...canary.spec, service: { ...canary.spec.service, port: 8080 } } }
    expect(JSON.stringify(desired(20))).toContain('8080')
  })
})
