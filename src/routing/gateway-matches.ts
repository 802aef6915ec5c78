import type { HttpMatch, StringMatch } from '../api/match.ts'
import { cookieHeader, cookiePattern } from './cookies.ts'
import type { Takes } from './lanes.ts'
import { isEmpty, present } from './reading.ts'
import type { RoutingProblem } from './router.ts'

/*
 * Conditions on requests in the words of the Gateway API. Source: HTTPRouteMatch of gateway.networking.k8s.io/v1. Defaults that the API
 * server would add are written out, and what comes from a map is sorted, so that what we want equals what is stored.
 */

interface NamedMatch {
  readonly type: 'Exact' | 'RegularExpression'
  readonly name: string
  readonly value: string
}

export interface RouteMatch {
  readonly path?: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  readonly method?: string
  readonly headers?: readonly NamedMatch[]
  readonly queryParams?: readonly NamedMatch[]
}

/** What could be said, and what could not. */
export interface Translation {
  readonly matches: readonly RouteMatch[]
  readonly problems: readonly RoutingProblem[]
}

const everything: RouteMatch = { path: { type: 'PathPrefix', value: '/' } }

/** The requests that the route takes at all; every request where nothing is said. */
export const serviceMatches = (elements: readonly HttpMatch[]): Translation => {
  const translated = elements.map((element, index) => translate(element, `spec.service.match[${index}]`))
  const matches = translated.map(({ match }) => match).filter(saysSomething)
  return {
    matches: (matches.length > 0 ? matches : [everything]).map(match => ({ ...everything, ...match })),
    problems: translated.flatMap(({ problems }) => problems),
  }
}

/** The segment of an analysis. An element that cannot be said as it is written is refused: saying less of it would select more people. */
export const segmentMatches = (elements: readonly HttpMatch[]): Translation => {
  const translated = elements.map((element, index) => segmentElement(element, `spec.analysis.match[${index}]`))
  return { matches: translated.map(({ match }) => match), problems: translated.flatMap(({ problems }) => problems) }
}

/** The matches of one lane, given those of the route. */
export const laneMatches = (takes: Takes, service: readonly RouteMatch[]): readonly RouteMatch[] => {
  switch (takes.kind) {
    case 'all':
      return service
    case 'segment':
      return pairs(segmentMatches(takes.match).matches, service)
    case 'cookie':
      return service.map(match => withHeader(match, { type: 'RegularExpression', name: cookieHeader, value: cookiePattern(takes.cookie) }))
    default:
      return takes satisfies never
  }
}

/** Each element of the segment within each match of the route; its headers and query parameters take the place of the route's. */
const pairs = (segment: readonly RouteMatch[], service: readonly RouteMatch[]): readonly RouteMatch[] =>
  segment.flatMap(({ headers, queryParams }) => service.map(match => ({ ...match, ...present({ headers, queryParams }) })))

/** Names of headers know no case. */
const withHeader = (match: RouteMatch, header: NamedMatch): RouteMatch => {
  const others = (match.headers ?? []).filter(({ name }) => name.toLowerCase() !== header.name.toLowerCase())
  return { ...match, headers: [...others, header] }
}

interface Translated {
  readonly match: RouteMatch
  readonly problems: readonly RoutingProblem[]
}

const segmentElement = (element: HttpMatch, path: string): Translated => {
  const translated = translate(element, path)
  return { ...translated, problems: [...translated.problems, ...labelProblems(element, path)] }
}

const labelProblems = ({ sourceLabels }: HttpMatch, path: string): readonly RoutingProblem[] =>
  isEmpty(sourceLabels)
    ? []
    : [
        {
          path: `${path}.sourceLabels`,
          message: 'the Gateway API does not see labels of the calling workload: use a header or a query parameter',
        },
      ]

const translate = (element: HttpMatch, path: string): Translated => {
  const uri = element.uri && pathMatch(element.uri)
  const method = element.method?.exact
  const headers = namedMatches(element.headers)
  const queryParams = namedMatches(element.queryParams)
  const problems = [
    ...(element.uri && !uri ? [unsayable(`${path}.uri`, 'exact, prefix or regex')] : []),
    ...(element.method && method === undefined ? [unsayable(`${path}.method`, 'exact')] : []),
    ...headers.unsaid.map(name => unsayable(`${path}.headers.${name}`, 'exact or regex')),
    ...queryParams.unsaid.map(name => unsayable(`${path}.queryParams.${name}`, 'exact or regex')),
  ]
  return { match: present({ path: uri, method, headers: headers.said, queryParams: queryParams.said }), problems }
}

const unsayable = (path: string, expected: string): RoutingProblem => ({
  path,
  message: `expected ${expected}, which is all that the Gateway API can compare here`,
})

const pathMatch = ({ regex, exact, prefix }: StringMatch): RouteMatch['path'] => {
  if (regex !== undefined) return { type: 'RegularExpression', value: regex }
  if (exact !== undefined) return { type: 'Exact', value: exact }
  return prefix === undefined ? undefined : { type: 'PathPrefix', value: prefix }
}

const namedMatches = (byName: Readonly<Record<string, StringMatch>> = {}) => {
  const entries = Object.entries(byName).sort(([a], [b]) => (a < b ? -1 : 1))
  const said = entries.flatMap(([name, match]) => namedMatch(name, match) ?? [])
  const unsaid = entries.filter(([name, match]) => namedMatch(name, match) === undefined).map(([name]) => name)
  return { said: said.length > 0 ? said : undefined, unsaid }
}

const namedMatch = (name: string, { exact, regex }: StringMatch): NamedMatch | undefined => {
  if (exact !== undefined) return { type: 'Exact', name, value: exact }
  return regex === undefined ? undefined : { type: 'RegularExpression', name, value: regex }
}

const saysSomething = (match: RouteMatch): boolean => !isEmpty({ ...match })
