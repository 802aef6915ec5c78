import type { Canary } from '../../src/api/canary.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import { aCanary } from '../support/builders.ts'
import { RoutingWorld } from './routing-world.ts'

export type Fields = Readonly<Record<string, unknown>>

export const gatewayRefs = [{ name: 'public', namespace: 'edge', sectionName: 'https' }]
export const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', ...gatewayRefs[0] }
export const options = { labelKey: 'app' }

export const condition = (type: string, change: Fields = {}) => ({ type, status: 'True', observedGeneration: 1, reason: type, ...change })

/** What one controller says of the route on one parent. */
export const report = (conditions: readonly Fields[], change: Fields = {}) => ({
  controllerName: 'example.com/gateway',
  parentRef,
  conditions,
  ...change,
})

/** The route as its controller reports on it once it took this generation. */
export const accept = (route: KubeObject): KubeObject => {
  const observedGeneration = route.metadata.generation
  const conditions = [condition('Accepted', { observedGeneration }), condition('ResolvedRefs', { observedGeneration })]
  return { ...route, status: { parents: [report(conditions)] } }
}

/** A route as somebody had it before there was a Canary. */
export const usersRoute = (name: string): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name, namespace: 'test' },
  spec: {
    parentRefs: [{ name: 'old', namespace: 'edge' }],
    hostnames: ['old.example.com'],
    rules: [
      { matches: [{ path: { type: 'PathPrefix', value: '/a' } }], backendRefs: [{ name: 'podinfo', port: 80 }] },
      { matches: [{ path: { type: 'PathPrefix', value: '/b' } }], backendRefs: [{ name: 'other', port: 80 }] },
      { backendRefs: [{ name: 'podinfo', port: 80 }] },
    ],
  },
})

export const canaryWith = (service: Fields = {}, analysis?: Fields): Canary =>
  deepFreeze(
    aCanary({
      spec: { provider: 'gatewayapi:v1', service: { port: 9898, gatewayRefs, ...service } },
      ...(analysis ? { analysis } : {}),
    }),
  )

export const routeOf = (canary: Canary, traffic: Traffic = splitAt(0), world = new RoutingWorld()) => {
  const [route] = gatewayApi.desired(canary, traffic, { live: world, options })
  if (!route) throw new Error('the router wants no route')
  return route
}

export const rulesOf = (canary: Canary, traffic?: Traffic, world?: RoutingWorld): readonly Fields[] => {
  const { rules } = routeOf(canary, traffic, world)['spec'] as { rules: readonly Fields[] }
  return rules
}

export const filtersOf = (service: Fields, traffic?: Traffic): unknown => rulesOf(canaryWith(service), traffic)[0]?.['filters']
export const matchesOf = (match: readonly Fields[]): unknown => rulesOf(canaryWith({ match }))[0]?.['matches']
export const problemsOf = (canary: Canary) => gatewayApi.check(canary, new RoutingWorld()).map(({ path }) => path)

export const backend = (name: string, weight: number) => ({ group: '', kind: 'Service', name, port: 9898, weight })
export const backends = (primary: number, canary: number) => [backend('podinfo-primary', primary), backend('podinfo-canary', canary)]

export const everything = { path: { type: 'PathPrefix', value: '/' } }

/** The live route of a Canary with fields in its rule that we do not know. */
export const withRule = (fields: Fields): KubeObject => {
  const route = routeOf(canaryWith())
  const { rules, ...spec } = route['spec'] as { rules: readonly Fields[] }
  return { ...route, spec: { ...spec, rules: rules.map(rule => ({ ...rule, ...fields })) } }
}
