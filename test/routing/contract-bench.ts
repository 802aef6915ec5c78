import fc from 'fast-check'
import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import type { Router } from '../../src/routing/router.ts'
import { aCanary } from '../support/builders.ts'
import { RoutingWorld } from './routing-world.ts'

export type Fields = Readonly<Record<string, unknown>>

/** What the suite has to know about one layer. */
export interface RouterCase {
  /** Fields of `spec` that say what the Canary targets; a Deployment where absent. */
  readonly target?: Fields
  /** Fields of `spec.service` that this layer needs or understands. */
  readonly service: Fields
  /** Changes of `spec.service` that show in the route. */
  readonly edits: readonly Fields[]
  /** What has to stand there before anything can be routed, where the layer makes nothing itself. */
  ground?(canary: Canary): readonly KubeObject[]
  /** Objects that a user made before, under the names we need. */
  foreign(canary: Canary): readonly KubeObject[]
  /** The objects as the layer's controller reports on them once it took them; only where it reports. */
  accept?(object: KubeObject): KubeObject
  /** How traffic comes into being where the layer writes nothing itself. */
  write?(canary: Canary, traffic: Traffic, world: RoutingWorld): void
}

const options = { labelKey: 'app' }
export const match = [{ headers: { 'x-canary': { exact: 'insider' } } }]
export const affinity = { cookieName: 'chk', primaryCookieName: 'chk-stable', maxAge: 900 }
export const cookies = { canary: 'chk=QwErTyUiOp', primary: 'chk-stable=AsDfGhJkLz', previous: 'chk=PrEvIoUsOn' }

export type Bench = ReturnType<typeof benchFor>

/** One router with all that a test of it needs; every value it hands in is frozen. */
export const benchFor = (router: Router, routerCase: RouterCase) => {
  const { can } = router
  const { service, write } = routerCase

  const canaryWith = (change: { service?: Fields; analysis?: Fields; metadata?: Fields } = {}): Canary =>
    deepFreeze(
      aCanary({
        spec: { provider: router.name, ...routerCase.target, service: { port: 9898, ...service, ...change.service } },
        ...(change.analysis ? { analysis: change.analysis } : {}),
        ...(change.metadata ? { metadata: change.metadata } : {}),
      }),
    )

  const desired = (canary: Canary, traffic: Traffic, world: RoutingWorld) =>
    router.desired(canary, deepFreeze(traffic), { live: world, options, primaryRevision: 'podinfo-00001' })

  const route = (canary: Canary, traffic: Traffic, world: RoutingWorld): number => {
    write?.(canary, traffic, world)
    return world.apply(desired(canary, traffic, world))
  }

  const routed = (traffic: Traffic, canary = canaryWith()): RoutingWorld => {
    const world = new RoutingWorld(routerCase.ground?.(canary))
    route(canary, traffic, world)
    return world
  }

  const weight = can.weigh ? fc.integer({ min: 0, max: 100 }) : fc.constantFrom(0, 100)
  const plain = weight.map(canary => splitAt(canary))
  const able: fc.Arbitrary<Traffic>[] = [
    plain,
    ...(can.mirror ? [fc.constant(splitAt(0, true))] : []),
    ...(can.match ? [plain.map(traffic => ({ ...traffic, match }))] : []),
    ...(can.match && can.mirror ? [fc.constant({ ...splitAt(0, true), match })] : []),
    ...(can.affinity ? [plain.map(traffic => ({ ...traffic, cookies }))] : []),
  ]
  const anyTraffic = fc.oneof(...able)
  const withAffinity = can.affinity ? canaryWith({ analysis: { stepWeight: 10, sessionAffinity: affinity } }) : canaryWith()

  return { router, can, ...routerCase, canaryWith, desired, route, routed, anyTraffic, plainTraffic: plain, withAffinity }
}

export const specOf = (object: KubeObject): Fields => object['spec'] as Fields
