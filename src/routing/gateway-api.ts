import { type Canary, serviceNames } from '../api/canary.ts'
import { fluxIgnore } from '../api/marks.ts'
import type { KindRef, KubeObject, Manifest } from '../api/object.ts'
import type { GatewayRef } from '../api/service.ts'
import type { Live } from '../core/live.ts'
import type { Traffic } from '../core/traffic.ts'
import { abilityProblems, refuseImpossible, refuseProblems } from './abilities.ts'
import { claimedByOthers, handBack, isAdopted, lastAppliedSpec, metadataOf, rememberedSpec } from './adoption.ts'
import { routeProblems } from './gateway-problems.ts'
import { namesTracks, redirected, rulesFor, rulesToApex, trafficOf } from './gateway-rules.ts'
import { acceptanceOf } from './gateway-status.ts'
import { type Fields, fieldsOf, listOf, present } from './reading.ts'
import { routeLabels } from './route-labels.ts'
import type { FollowedRoute, Routed, Router, RoutingAbilities, RoutingContext, StandingRoute } from './router.ts'

const name = 'gatewayapi:v1'

const can: RoutingAbilities = { weigh: true, mirror: true, mirrorIterations: true, match: true, affinity: true, reportsAccepted: true }

const httpRouteKind: KindRef = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

const liveRoute = (canary: Canary, live: Live): KubeObject | undefined =>
  live.get(httpRouteKind, { namespace: canary.metadata.namespace ?? '', name: serviceNames(canary).apex })

const rulesIn = (route: KubeObject | undefined): readonly Fields[] => listOf(fieldsOf(route?.['spec'])['rules']).map(fieldsOf)

const desired = (canary: Canary, traffic: Traffic, { live, options }: RoutingContext): readonly Manifest[] => {
  refuseImpossible(traffic, { name, can })
  refuseProblems(routeProblems(canary))
  const { service } = canary.spec
  const route = liveRoute(canary, live)
  const metadata = metadataOf({
    canary,
    name: serviceNames(canary).apex,
    live: route,
    labels: routeLabels(canary, options),
    annotations: { ...service.apex?.annotations, ...fluxIgnore },
    original: namesTracks(canary, rulesIn(route)) ? undefined : fieldsOf(route?.['spec']),
  })
  const spec = present({
    parentRefs: service.gatewayRefs.map(parentRef),
    hostnames: service.hosts.length > 0 ? service.hosts : undefined,
    rules: rulesFor(canary, traffic, rulesIn(route)),
  })
  return [{ apiVersion: httpRouteKind.apiVersion, kind: httpRouteKind.kind, metadata, spec }]
}

const parentRef = ({ group, kind, namespace, name, sectionName, port }: GatewayRef): Fields =>
  present({ group, kind, namespace, name, sectionName, port })

const observe = (canary: Canary, live: Live): Routed => {
  const route = liveRoute(canary, live)
  if (!route) return { traffic: undefined, accepted: 'no', message: `HTTPRoute ${serviceNames(canary).apex} does not exist yet` }
  return { traffic: trafficOf(canary, rulesIn(route)), ...acceptanceOf(route) }
}

const standing = (canary: Canary, live: Live): readonly StandingRoute[] => {
  const object = liveRoute(canary, live)
  return object ? [{ kind: httpRouteKind, object }] : []
}

const follow = (canary: Canary, traffic: Traffic, live: Live): readonly FollowedRoute[] =>
  standing(canary, live).map(({ kind, object }) => ({ kind, object, spec: { rules: redirected(canary, traffic, rulesIn(object)) } }))

/** An adopted route gets its own spec back; where that is not known, it stops naming Services that go with the Canary. */
const revert = (canary: Canary, live: Live): readonly Manifest[] => {
  const route = liveRoute(canary, live)
  if (!isAdopted(route, canary)) return []
  const rules = rulesIn(route)
  if (!namesTracks(canary, rules)) return []
  const spec = lastAppliedSpec(route) ?? rememberedSpec(route) ?? { ...fieldsOf(route['spec']), rules: rulesToApex(canary) }
  return [handBack(route, spec)]
}

/**
 * The Gateway API, v1: one HTTPRoute of the name of the apex Service. Its controller reports for each parent and generation whether it took
 * the route. Source: gateway.networking.k8s.io/v1.
 */
export const gatewayApi: Router = {
  name,
  can,
  kinds: [httpRouteKind],
  check: (canary, live) => [
    ...abilityProblems(canary, { name, can }),
    ...routeProblems(canary),
    ...claimedByOthers(canary, live, [[httpRouteKind, serviceNames(canary).apex]]),
  ],
  desired,
  observe,
  follow,
  standing,
  revert,
}
