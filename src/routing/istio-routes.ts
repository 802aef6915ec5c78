import { type Canary, serviceNames } from '../api/canary.ts'
import type { Traffic } from '../core/traffic.ts'
import { setCookieHeader } from './cookies.ts'
import { istioMatches } from './istio-matches.ts'
import { type Lane, lanesOf } from './lanes.ts'
import { type Fields, fieldsOf, isFields, listOf, numberOf, present, textOf } from './reading.ts'
import { sharesOf } from './shares.ts'

/*
 * The entries of `spec.http` and `spec.tcp` of a VirtualService: one per lane. The API server stores each list as one value, so whoever
 * writes one entry writes all of them; what others added beside the fields we know (fault, name, mirrors) is carried over from the live one.
 * Source: networking.istio.io/v1beta1.
 */

const ownHttpFields = ['match', 'rewrite', 'timeout', 'retries', 'corsPolicy', 'headers', 'route', 'mirror', 'mirrorPercentage'] as const

export const isTcp = ({ spec }: Canary): boolean => spec.service.appProtocol?.toLowerCase() === 'tcp'

/** The HTTP entries for this traffic; `live` are those that stand there now. */
export const httpRoutes = (canary: Canary, traffic: Traffic, live: readonly Fields[]): readonly Fields[] => {
  const { name, ...others } = foreignFields(weightedEntry(canary, live) ?? {}) as Fields & { readonly name?: unknown }
  const lanes = lanesOf(canary, traffic)
  const weighted = lanes.findLast(lane => lane.canary !== undefined)
  return lanes.map(lane => present({ ...others, name: lane === weighted ? name : undefined, ...httpRoute(canary, lane) }))
}

const httpRoute = (canary: Canary, lane: Lane): Fields => {
  const { service, analysis } = canary.spec
  const percent = analysis.mirrorWeight ?? 0
  return present({
    match: istioMatches(lane.takes, service.match),
    rewrite: newTarget(canary),
    timeout: service.timeout || undefined,
    retries: service.retries && present(service.retries),
    corsPolicy: service.corsPolicy,
    headers: headersOf(canary, lane),
    route: destinations(canary, lane),
    mirror: lane.mirrored ? { host: serviceNames(canary).canary, ...portOf(canary) } : undefined,
    mirrorPercentage: lane.mirrored && percent > 0 ? { value: percent } : undefined,
  })
}

const newTarget = ({ spec }: Canary): Fields | undefined => {
  const { uri, authority } = spec.service.rewrite ?? {}
  return uri || authority ? present({ uri: uri || undefined, authority: authority || undefined }) : undefined
}

/** A fresh value for each entry: the cookie that one of them expires must not reach the others. */
const headersOf = ({ spec }: Canary, { expires }: Lane): Fields | undefined => {
  const { headers } = spec.service
  if (expires === undefined) return headers
  return { ...headers, response: { ...headers?.response, add: { ...headers?.response?.add, [setCookieHeader]: expires } } }
}

const destinations = (canary: Canary, lane: Lane): readonly Fields[] => {
  const names = serviceNames(canary)
  const primary = destination(canary, { host: names.primary, weight: lane.primary, cookie: lane.cookies?.primary })
  if (lane.canary === undefined) return [primary]
  return [primary, destination(canary, { host: names.canary, weight: lane.canary, cookie: lane.cookies?.canary })]
}

interface Destination {
  readonly host: string
  readonly weight: number
  readonly cookie?: string | undefined
}

const destination = (canary: Canary, { host, weight, cookie }: Destination): Fields => ({
  destination: { host, ...portOf(canary) },
  weight,
  ...(cookie === undefined ? {} : { headers: { response: { add: { [setCookieHeader]: cookie } } } }),
})

/** A gateway cannot tell the ports of a Service with several apart; a sidecar can. */
const portOf = ({ spec }: Canary): Fields => {
  const { portDiscovery, gateways, delegation, port } = spec.service
  const isAtGateway = delegation || (gateways.length > 0 && gateways[0] !== 'mesh')
  return portDiscovery && isAtGateway ? { port: { number: port } } : {}
}

/** The single TCP entry: connections know weights and ports, nothing else. */
export const tcpRoutes = (canary: Canary, { primary, canary: share }: Traffic): readonly Fields[] => [
  tcpRoute(canary, destinations(canary, { takes: { kind: 'all' }, primary, canary: share, mirrored: false })),
]

const tcpRoute = ({ spec }: Canary, route: readonly Fields[]): Fields => {
  const match = spec.service.match.map(({ port }) => present({ port }))
  return present({ match: match.length > 0 ? match : undefined, route })
}

/** One entry that sends everything to the Service that clients use, where nothing else is known to go back to. */
export const routesToApex = (canary: Canary): Fields => {
  const route = [destination(canary, { host: serviceNames(canary).apex, weight: 100 })]
  if (isTcp(canary)) return { tcp: [tcpRoute(canary, route)] }
  const lane: Lane = { takes: { kind: 'all' }, primary: 100, mirrored: false }
  return { http: [{ ...httpRoute(canary, lane), route }] }
}

const foreignFields = (entry: Fields): Fields =>
  Object.fromEntries(Object.entries(entry).filter(([field]) => !(ownHttpFields as readonly string[]).includes(field)))

/** The entry that carries the live shares: the last one that names both tracks. */
const weightedEntry = (canary: Canary, entries: readonly Fields[]): Fields | undefined => {
  const { primary, canary: ofCanary } = serviceNames(canary)
  return entries.findLast(entry => [primary, ofCanary].every(host => weightOf(entry, host) !== undefined))
}

const weightOf = (entry: Fields, host: string): number | undefined => {
  const found = listOf(entry['route'])
    .filter(isFields)
    .find(route => textOf(fieldsOf(route['destination'])['host']) === host)
  return found && (numberOf(found['weight']) ?? 0)
}

/** Whether any entry names a Service of ours. */
export const namesTracks = (canary: Canary, entries: readonly Fields[]): boolean => {
  const { primary, canary: ofCanary } = serviceNames(canary)
  return entries.some(entry => [primary, ofCanary].some(host => weightOf(entry, host) !== undefined))
}

/** The live entries with other shares, and all else as it is. Who is kept on a track by a cookie stays there as long as that gets anybody. */
export const redirected = (canary: Canary, traffic: Traffic, entries: readonly Fields[]): readonly Fields[] => {
  const names = serviceNames(canary)
  const weighted = weightedEntry(canary, entries)
  return entries.map(entry => {
    const isSplit = [names.primary, names.canary].every(host => weightOf(entry, host) !== undefined)
    const isMoved = isSplit && (entry === weighted || traffic.canary === 0 || traffic.primary === 0)
    const kept = mirrorsTo(entry, names.canary) && !traffic.mirrored ? withoutMirror(entry) : entry
    return isMoved ? { ...kept, route: listOf(entry['route']).map(route => reweighed(canary, traffic, fieldsOf(route))) } : kept
  })
}

const reweighed = (canary: Canary, traffic: Traffic, route: Fields): Fields => {
  const names = serviceNames(canary)
  const host = textOf(fieldsOf(route['destination'])['host'])
  if (host === names.primary) return { ...route, weight: traffic.primary }
  return host === names.canary ? { ...route, weight: traffic.canary } : route
}

const mirrorsTo = (entry: Fields, host: string): boolean => textOf(fieldsOf(entry['mirror'])['host']) === host

const withoutMirror = ({
  mirror: _,
  mirrorPercentage: _percentage,
  ...entry
}: Fields & { readonly mirror?: unknown; readonly mirrorPercentage?: unknown }): Fields => entry

/** The traffic that live entries carry. */
export const trafficOf = (canary: Canary, entries: readonly Fields[]): Traffic | undefined => {
  const entry = weightedEntry(canary, entries)
  if (!entry) return undefined
  const names = serviceNames(canary)
  const shares = sharesOf({ primary: weightOf(entry, names.primary) ?? 0, canary: weightOf(entry, names.canary) ?? 0 })
  return shares && { ...shares, mirrored: mirrorsTo(entry, names.canary) }
}
