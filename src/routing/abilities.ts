import type { Canary } from '../api/canary.ts'
import type { HttpMatch } from '../api/match.ts'
import type { Traffic } from '../core/traffic.ts'
import { CanaryError } from '../errors.ts'
import { isEmpty } from './reading.ts'
import type { Router, RoutingAbilities, RoutingProblem } from './router.ts'

/** Somebody asked a routing layer for traffic it cannot carry. Writing something similar could send everybody to the canary. */
export class RouteRefused extends CanaryError {
  readonly code = 'RouteRefused'
  readonly disposition = 'terminal'
}

type Able = Pick<Router, 'name' | 'can'>

interface Demand {
  readonly path: string
  readonly words: string
  readonly isMade: (canary: Canary) => boolean
  readonly isMet: (can: RoutingAbilities) => boolean
}

const runsIterations = ({ spec }: Canary): boolean => (spec.analysis.iterations ?? 0) > 0
const hasMatch = ({ spec }: Canary): boolean => spec.analysis.match.length > 0

/** What a Canary may ask of the layer. A layer that cannot weigh runs blue/green on test traffic instead, so a match harms nobody there. */
const demands: readonly Demand[] = [
  { path: 'spec.analysis.match', words: 'select requests by header or cookie', isMade: hasMatch, isMet: can => can.match || !can.weigh },
  {
    path: 'spec.analysis.mirror',
    words: 'mirror requests during iterations',
    isMade: canary => canary.spec.analysis.mirror && runsIterations(canary),
    isMet: can => can.mirrorIterations,
  },
  {
    path: 'spec.analysis.mirror',
    words: 'mirror requests before the first weight',
    isMade: canary => canary.spec.analysis.mirror && !runsIterations(canary),
    isMet: can => can.mirror,
  },
  {
    path: 'spec.analysis.sessionAffinity',
    words: 'keep users on a track by cookie',
    isMade: ({ spec }) => spec.analysis.sessionAffinity !== undefined,
    isMet: can => can.affinity,
  },
]

/** What the Canary asks for and this layer cannot do, or not together. */
export const abilityProblems = (canary: Canary, { name, can }: Able): readonly RoutingProblem[] => [
  ...demands
    .filter(({ isMade, isMet }) => isMade(canary) && !isMet(can))
    .map(({ path, words }) => ({ path, message: `the provider ${name} cannot ${words}: remove ${path} or use a provider that can` })),
  ...(hasMatch(canary) && canary.spec.analysis.sessionAffinity && can.match && can.affinity ? [matchAndAffinity] : []),
  ...(can.match ? emptyElements(canary.spec.analysis.match) : []),
]

const matchAndAffinity: RoutingProblem = {
  path: 'spec.analysis.sessionAffinity',
  message: 'session affinity and match both decide who reaches the canary: remove one of them',
}

/** An element that every request fits would send everybody to the canary. */
const emptyElements = (match: readonly HttpMatch[]): readonly RoutingProblem[] =>
  match.flatMap((element, index) =>
    saysNothing(element)
      ? [
          {
            path: `spec.analysis.match[${index}]`,
            message: 'expected a condition on a header or a query parameter, got none: every request would take part',
          },
        ]
      : [],
  )

const saysNothing = ({ headers, queryParams, sourceLabels }: HttpMatch): boolean => [headers, queryParams, sourceLabels].every(isEmpty)

/**
 * The last line of defence: shares that are none, or that this layer would carry out as something else.
 * @throws {RouteRefused} terminal: this traffic is never routed
 */
export const refuseImpossible = (traffic: Traffic, { name, can }: Able): void => {
  const { primary, canary } = traffic
  if (![primary, canary].every(isShare) || primary + canary !== 100) {
    throw new RouteRefused(`expected whole shares that sum to 100, got primary ${primary} and canary ${canary}`)
  }
  const refused = limits.filter(({ asks, isMet }) => asks(traffic) && !isMet(can)).map(({ words }) => words)
  if (refused.length > 0) throw new RouteRefused(`the provider ${name} cannot ${refused.join(' or ')}`)
}

const isShare = (share: number): boolean => Number.isInteger(share) && share >= 0

const selects = ({ match = [] }: Traffic): boolean => match.length > 0

interface Limit {
  readonly words: string
  readonly asks: (traffic: Traffic) => boolean
  readonly isMet: (can: RoutingAbilities) => boolean
}

const limits: readonly Limit[] = [
  { words: 'split live requests', asks: ({ canary }) => canary % 100 !== 0, isMet: can => can.weigh },
  { words: 'mirror requests', asks: ({ mirrored }) => mirrored, isMet: can => can.mirror || can.mirrorIterations },
  { words: 'select requests', asks: selects, isMet: can => can.match },
  { words: 'keep users on a track', asks: ({ cookies }) => cookies !== undefined, isMet: can => can.affinity },
  {
    words: 'select requests and keep users on a track at once',
    asks: traffic => selects(traffic) && traffic.cookies !== undefined,
    isMet: () => false,
  },
  { words: 'select some requests by no condition', asks: ({ match = [] }) => match.some(saysNothing), isMet: () => false },
]

/** @throws {RouteRefused} terminal: what `check` found was written all the same */
export const refuseProblems = (problems: readonly RoutingProblem[]): void => {
  if (problems.length > 0) throw new RouteRefused(problems.map(({ path, message }) => `${path}: ${message}`).join('; '))
}
