import type { HttpMatch, StringMatch } from '../api/match.ts'
import { cookieHeader, cookiePattern, escapeRegex } from './cookies.ts'
import type { Takes } from './lanes.ts'
import { type Fields, isEmpty, present } from './reading.ts'

/*
 * Conditions on requests in Istio's words. Source: HTTPMatchRequest of networking.istio.io/v1beta1, after which the Canary's own matches
 * are shaped; all but suffixes go over as they are.
 */

/** The matches of one lane, given those of the route; undefined where every request fits. */
export const istioMatches = (takes: Takes, service: readonly HttpMatch[]): readonly Fields[] | undefined => {
  const matches = matchesOf(takes, service).map(istioMatch)
  return matches.length > 0 ? matches : undefined
}

const matchesOf = (takes: Takes, service: readonly HttpMatch[]): readonly HttpMatch[] => {
  switch (takes.kind) {
    case 'all':
      return service
    case 'segment':
      return service.length === 0 ? takes.match : pairs(takes.match, service)
    case 'cookie':
      return (service.length === 0 ? [{}] : service).map(match => withCookie(match, takes.cookie))
    default:
      return takes satisfies never
  }
}

/** Each element of the segment within each match of the route; what it says about headers, parameters and callers takes the place of the route's. */
const pairs = (segment: readonly HttpMatch[], service: readonly HttpMatch[]): readonly HttpMatch[] =>
  segment.flatMap(({ headers, queryParams, sourceLabels }) =>
    service.map(match => ({
      ...match,
      ...(isEmpty(headers) ? {} : { headers }),
      ...(isEmpty(queryParams) ? {} : { queryParams }),
      ...(isEmpty(sourceLabels) ? {} : { sourceLabels }),
    })),
  )

/** Names of headers know no case. */
const withCookie = (match: HttpMatch, cookie: string): HttpMatch => {
  const others = Object.entries(match.headers ?? {}).filter(([name]) => name.toLowerCase() !== cookieHeader.toLowerCase())
  return { ...match, headers: { ...Object.fromEntries(others), [cookieHeader]: { regex: cookiePattern(cookie) } } }
}

const istioMatch = (match: HttpMatch): Fields =>
  present({
    ...match,
    uri: match.uri && comparison(match.uri),
    scheme: match.scheme && comparison(match.scheme),
    method: match.method && comparison(match.method),
    authority: match.authority && comparison(match.authority),
    headers: match.headers && comparisons(match.headers),
    withoutHeaders: match.withoutHeaders && comparisons(match.withoutHeaders),
    queryParams: match.queryParams && comparisons(match.queryParams),
  })

const comparisons = (byName: Readonly<Record<string, StringMatch>>): Fields =>
  Object.fromEntries(Object.entries(byName).map(([name, match]) => [name, comparison(match)]))

/** Istio compares whole texts, beginnings and regular expressions; an end is said as the latter. */
const comparison = ({ suffix, ...known }: StringMatch): Fields =>
  suffix === undefined || Object.keys(known).length > 0 ? known : { regex: `.*${escapeRegex(suffix)}` }
