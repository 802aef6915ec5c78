import { type Canary, serviceNames } from '../api/canary.ts'
import { fluxIgnore } from '../api/marks.ts'
import type { KindRef, KubeObject, Manifest } from '../api/object.ts'
import type { Live } from '../core/live.ts'
import type { Traffic } from '../core/traffic.ts'
import { abilityProblems, refuseImpossible, refuseProblems } from './abilities.ts'
import { claimedByOthers, handBack, isAdopted, lastAppliedSpec, metadataOf, rememberedSpec } from './adoption.ts'
import { httpRoutes, isTcp, namesTracks, redirected, routesToApex, tcpRoutes, trafficOf } from './istio-routes.ts'
import { type Fields, fieldsOf, listOf, present } from './reading.ts'
import { routeLabels } from './route-labels.ts'
import type { FollowedRoute, Routed, Router, RoutingAbilities, RoutingContext, RoutingProblem, StandingRoute } from './router.ts'

const name = 'istio'

const can: RoutingAbilities = { weigh: true, mirror: true, mirrorIterations: true, match: true, affinity: true, reportsAccepted: false }

/** Of a TCP service Istio sees connections, not requests. */
const canWithTcp: RoutingAbilities = { ...can, mirror: false, mirrorIterations: false, match: false, affinity: false }

const abilitiesFor = (canary: Canary) => (isTcp(canary) ? { name: `${name} (appProtocol tcp)`, can: canWithTcp } : { name, can })

const apiVersion = 'networking.istio.io/v1beta1'
const virtualServiceKind: KindRef = { apiVersion, kind: 'VirtualService', plural: 'virtualservices', namespaced: true }
const destinationRuleKind: KindRef = { apiVersion, kind: 'DestinationRule', plural: 'destinationrules', namespaced: true }

const liveOf = (canary: Canary, live: Live, [kind, name]: readonly [KindRef, string]): KubeObject | undefined =>
  live.get(kind, { namespace: canary.metadata.namespace ?? '', name })

const liveRoute = (canary: Canary, live: Live): KubeObject | undefined =>
  liveOf(canary, live, [virtualServiceKind, serviceNames(canary).apex])

const entriesIn = (route: KubeObject | undefined, field: 'http' | 'tcp'): readonly Fields[] =>
  listOf(fieldsOf(route?.['spec'])[field]).map(fieldsOf)

const allEntriesIn = (route: KubeObject | undefined): readonly Fields[] => [...entriesIn(route, 'http'), ...entriesIn(route, 'tcp')]

const desired = (canary: Canary, traffic: Traffic, context: RoutingContext): readonly Manifest[] => {
  refuseImpossible(traffic, abilitiesFor(canary))
  refuseProblems(spellingProblems(canary))
  const names = serviceNames(canary)
  return [
    destinationRule(canary, names.canary, context),
    destinationRule(canary, names.primary, context),
    virtualService(canary, traffic, context),
  ]
}

const destinationRule = (canary: Canary, host: string, { live }: RoutingContext): Manifest => {
  const found = liveOf(canary, live, [destinationRuleKind, host])
  const spec = fieldsOf(found?.['spec'])
  return {
    apiVersion,
    kind: destinationRuleKind.kind,
    metadata: metadataOf({ canary, name: host, live: found, original: spec }),
    spec: present({ host, trafficPolicy: canary.spec.service.trafficPolicy }),
  }
}

const virtualService = (canary: Canary, traffic: Traffic, { live, options }: RoutingContext): Manifest => {
  const route = liveRoute(canary, live)
  const { service } = canary.spec
  const metadata = metadataOf({
    canary,
    name: serviceNames(canary).apex,
    live: route,
    labels: routeLabels(canary, options),
    annotations: { ...service.apex?.annotations, ...fluxIgnore },
    original: namesTracks(canary, allEntriesIn(route)) ? undefined : fieldsOf(route?.['spec']),
  })
  const routes = isTcp(canary) ? { tcp: tcpRoutes(canary, traffic) } : { http: httpRoutes(canary, traffic, entriesIn(route, 'http')) }
  return { apiVersion, kind: virtualServiceKind.kind, metadata, spec: { ...reach(canary), ...routes } }
}

/** A delegate has neither hosts nor gateways; the lists are written empty so that what stood there goes. */
const reach = (canary: Canary): Fields => {
  const { hosts, gateways, delegation } = canary.spec.service
  const { apex } = serviceNames(canary)
  if (delegation) return { hosts: [], gateways: [] }
  return {
    hosts: hosts.includes(apex) || hosts.includes('*') ? hosts : [...hosts, apex],
    gateways: gateways.length > 0 ? gateways : ['mesh'],
  }
}

/** What Istio would refuse. */
const spellingProblems = ({ spec }: Canary): readonly RoutingProblem[] => {
  const { delegation, hosts, gateways } = spec.service
  const isReached = hosts.length > 0 || gateways.length > 0
  return delegation && isReached ? [delegateIsReached] : []
}

const delegateIsReached: RoutingProblem = {
  path: 'spec.service.delegation',
  message: 'a VirtualService that another one delegates to has no hosts and no gateways of its own: remove them, or delegation',
}

const wantedObjects = (canary: Canary): readonly (readonly [KindRef, string])[] => {
  const names = serviceNames(canary)
  return [
    [destinationRuleKind, names.canary],
    [destinationRuleKind, names.primary],
    [virtualServiceKind, names.apex],
  ]
}

const observe = (canary: Canary, live: Live): Routed => {
  const route = liveRoute(canary, live)
  if (!route) return { traffic: undefined, accepted: 'no', message: `VirtualService ${serviceNames(canary).apex} does not exist yet` }
  return { traffic: trafficOf(canary, entriesIn(route, isTcp(canary) ? 'tcp' : 'http')), accepted: 'unknown' }
}

/** The route goes before what it refers to. */
const standing = (canary: Canary, live: Live): readonly StandingRoute[] =>
  wantedObjects(canary)
    .toReversed()
    .flatMap(([kind, name]) => {
      const object = liveOf(canary, live, [kind, name])
      return object ? [{ kind, object }] : []
    })

const follow = (canary: Canary, traffic: Traffic, live: Live): readonly FollowedRoute[] => {
  const object = liveRoute(canary, live)
  if (!object) return []
  const fields = (['http', 'tcp'] as const).filter(field => entriesIn(object, field).length > 0)
  const spec = Object.fromEntries(fields.map(field => [field, redirected(canary, traffic, entriesIn(object, field))]))
  return [{ kind: virtualServiceKind, object, spec }]
}

/** Adopted objects get their own specs back; a route whose own is not known stops naming Services that go with the Canary. */
const revert = (canary: Canary, live: Live): readonly Manifest[] =>
  wantedObjects(canary).flatMap(wanted => {
    const found = liveOf(canary, live, wanted)
    if (!isAdopted(found, canary)) return []
    const own = lastAppliedSpec(found) ?? rememberedSpec(found)
    const spec = wanted[0] === virtualServiceKind ? routeToRevert(canary, found, own) : rememberedSpec(found) && own
    return spec === undefined ? [] : [handBack(found, spec)]
  })

const routeToRevert = (canary: Canary, route: KubeObject, own: Fields | undefined): Fields | undefined =>
  namesTracks(canary, allEntriesIn(route)) ? (own ?? { ...fieldsOf(route['spec']), ...routesToApex(canary) }) : undefined

/**
 * Istio: a VirtualService of the name of the apex Service and a DestinationRule for each track. It never says whether the proxies took a
 * route. Source: networking.istio.io/v1beta1.
 */
export const istio: Router = {
  name,
  can,
  kinds: [virtualServiceKind, destinationRuleKind],
  check: (canary, live) => [
    ...abilityProblems(canary, abilitiesFor(canary)),
    ...spellingProblems(canary),
    ...claimedByOthers(canary, live, wantedObjects(canary)),
  ],
  desired,
  observe,
  follow,
  standing,
  revert,
}
