import type { Canary } from '../api/canary.ts'
import { durationMs } from '../api/tolerant-duration.ts'
import { setCookieHeader } from './cookies.ts'
import { type RouteMatch, segmentMatches, serviceMatches } from './gateway-matches.ts'
import type { RoutingProblem } from './router.ts'

/** Most matches of one rule; the API server refuses more. */
const maxMatches = 64

/** What this Canary asks of an HTTPRoute and cannot be said in one. */
export const routeProblems = (canary: Canary): readonly RoutingProblem[] => {
  const { service, analysis } = canary.spec
  const ofService = serviceMatches(service.match)
  const ofSegment = segmentMatches(analysis.match)
  const segmentSize = ofService.matches.length * ofSegment.matches.length
  return [
    ...(service.gatewayRefs.length === 0 ? [noParents] : []),
    ...ofService.problems,
    ...ofSegment.problems,
    ...tooMany('spec.service.match', ofService.matches.length),
    ...tooMany('spec.analysis.match', segmentSize),
    ...prefixProblems(canary, ofService.matches, Math.max(1, segmentSize)),
    ...timeoutProblems(canary),
    ...cookieProblems(canary),
  ]
}

const noParents: RoutingProblem = {
  path: 'spec.service.gatewayRefs',
  message: 'expected at least one Gateway (or Service, in a mesh) that the route belongs to, got none',
}

const tooMany = (path: string, count: number): readonly RoutingProblem[] =>
  count > maxMatches ? [{ path, message: `expected at most ${maxMatches} matches in one rule, got ${count}` }] : []

/** The API knows what to replace only where a rule has exactly one prefix. */
const prefixProblems = ({ spec }: Canary, matches: readonly RouteMatch[], count: number): readonly RoutingProblem[] => {
  const { rewrite } = spec.service
  if (!rewrite?.uri || rewrite.type !== 'ReplacePrefixMatch') return []
  if (count === 1 && matches.length === 1 && matches[0]?.path?.type === 'PathPrefix') return []
  const message = 'ReplacePrefixMatch needs exactly one match with a path prefix: use one, or replace the full path'
  return [{ path: 'spec.service.rewrite', message }]
}

const timeoutProblems = ({ spec }: Canary): readonly RoutingProblem[] => {
  const requestMs = durationMs(spec.service.timeout ?? '')
  const backendMs = durationMs(spec.service.backendTimeout ?? '')
  if (requestMs === undefined || backendMs === undefined || backendMs <= requestMs) return []
  const message = `expected at most the timeout of the request, ${spec.service.timeout}, got ${spec.service.backendTimeout}`
  return [{ path: 'spec.service.backendTimeout', message }]
}

/** One modifier may name a header once; ours is needed to make browsers forget. */
const cookieProblems = ({ spec }: Canary): readonly RoutingProblem[] => {
  const { add = {}, set = {} } = spec.service.headers?.response ?? {}
  const names = [...Object.keys(add), ...Object.keys(set)].map(name => name.toLowerCase())
  if (!spec.analysis.sessionAffinity || !names.includes(setCookieHeader.toLowerCase())) return []
  const message = 'session affinity sets cookies itself: let the workload set others, or remove session affinity'
  return [{ path: 'spec.service.headers.response', message }]
}
