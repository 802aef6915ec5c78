import type { Canary } from '../api/canary.ts'
import type { CorsPolicy, Headers, ServiceSpec } from '../api/service.ts'
import { durationMs } from '../api/tolerant-duration.ts'
import { setCookieHeader } from './cookies.ts'
import type { Lane } from './lanes.ts'
import { present } from './reading.ts'

/*
 * What happens to a request on its way, in the words of the Gateway API. Source: HTTPRouteFilter of gateway.networking.k8s.io/v1.
 * A rule may hold each kind of filter once (RequestMirror excepted), so what two reasons add is merged into one.
 */

interface HeaderValue {
  readonly name: string
  readonly value: string
}
type HeaderChanges = Headers['request']

export interface Filter {
  readonly type: string
  readonly [field: string]: unknown
}

export interface FilterSource {
  readonly canary: Canary
  readonly lane: Lane
  /** Service that gets the copies of a mirrored lane. */
  readonly mirrorTo: string
}

/** Order: request headers, response headers, rewrite, the user's mirrors, CORS, the mirror of the analysis. */
export const ruleFilters = ({ canary, lane, mirrorTo }: FilterSource): readonly Filter[] => {
  const { service, analysis } = canary.spec
  const added = lane.expires === undefined ? [] : [setCookie(lane.expires)]
  return [
    ...headerFilter('Request', service.headers?.request, []),
    ...headerFilter('Response', service.headers?.response, added),
    ...rewriteFilter(service),
    ...service.mirror.map(({ backendRef }) => mirrorFilter({ ...backendRef, group: backendRef.group ?? '' }, undefined)),
    ...corsFilter(service.corsPolicy),
    ...(lane.mirrored
      ? [mirrorFilter({ group: '', kind: 'Service', name: mirrorTo, port: service.port }, partOf(analysis.mirrorWeight))]
      : []),
  ]
}

/** What a track adds to its answers. */
export const backendFilters = (cookie: string | undefined): readonly Filter[] =>
  cookie === undefined ? [] : headerFilter('Response', undefined, [setCookie(cookie)])

const setCookie = (value: string): HeaderValue => ({ name: setCookieHeader, value })

const headerFilter = (side: 'Request' | 'Response', changes: HeaderChanges, added: readonly HeaderValue[]): readonly Filter[] => {
  const modifier = present({
    set: nonEmpty(sorted(changes?.set)),
    add: nonEmpty([...sorted(changes?.add), ...added]),
    remove: nonEmpty(changes?.remove ?? []),
  })
  const field = `${side.toLowerCase()}HeaderModifier`
  return Object.keys(modifier).length === 0 ? [] : [{ type: `${side}HeaderModifier`, [field]: modifier }]
}

const sorted = (byName: Readonly<Record<string, string>> = {}): readonly HeaderValue[] =>
  Object.entries(byName)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))

const rewriteFilter = ({ rewrite }: ServiceSpec): readonly Filter[] => {
  if (!rewrite?.uri && !rewrite?.authority) return []
  return [
    {
      type: 'URLRewrite',
      urlRewrite: present({ hostname: rewrite.authority || undefined, path: rewrite.uri ? newPath(rewrite) : undefined }),
    },
  ]
}

const newPath = ({ uri, type }: NonNullable<ServiceSpec['rewrite']>) =>
  type === 'ReplacePrefixMatch' ? { type, replacePrefixMatch: uri } : { type: 'ReplaceFullPath', replaceFullPath: uri }

/** Requests are copied whole unless the analysis asks for a part of them. */
const partOf = (mirrorWeight: number | undefined): number | undefined =>
  mirrorWeight !== undefined && mirrorWeight > 0 && mirrorWeight < 100 ? mirrorWeight : undefined

const mirrorFilter = (backendRef: Readonly<Record<string, unknown>>, percent: number | undefined): Filter => ({
  type: 'RequestMirror',
  requestMirror: present({ backendRef: present(backendRef), percent }),
})

/** What the API server takes for an absent `maxAge`. */
const defaultMaxAgeSeconds = 5

/** Patterns of origins other than exact ones have no words here; leaving them out allows less, never more. */
const corsFilter = (policy: CorsPolicy | undefined): readonly Filter[] => {
  if (!policy) return []
  const { allowOrigin = [], allowOrigins = [], allowMethods = [], allowHeaders = [], exposeHeaders = [] } = policy
  const ageMs = durationMs(policy.maxAge ?? '')
  const cors = present({
    allowOrigins: nonEmpty([...allowOrigin, ...allowOrigins.flatMap(({ exact }) => exact ?? [])]),
    allowMethods: nonEmpty(allowMethods),
    allowHeaders: nonEmpty(allowHeaders),
    exposeHeaders: nonEmpty(exposeHeaders),
    allowCredentials: policy.allowCredentials || undefined,
    maxAge: ageMs === undefined ? defaultMaxAgeSeconds : Math.max(1, Math.floor(ageMs / 1000)),
  })
  return [{ type: 'CORS', cors }]
}

const nonEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined)
