import { strategyOf } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'
import type { HttpMatch } from '../api/match.ts'
import type { Traffic } from '../core/traffic.ts'
import { canaryCookieText, expiredCookieText, primaryCookieText } from './cookies.ts'

/** Which of the requests that a route takes go into a lane. */
export type Takes =
  | { readonly kind: 'all' }
  | { readonly kind: 'segment'; readonly match: readonly HttpMatch[] }
  /** Those that carry this cookie, `name=value`. */
  | { readonly kind: 'cookie'; readonly cookie: string }

/**
 * One entry of a route in no layer's words: which requests, and where they go. A request takes the first lane that fits.
 * Shape: the lane that carries the live shares comes after every other that names both tracks.
 */
export interface Lane {
  readonly takes: Takes
  readonly primary: number
  /** Absent where the lane does not name the canary at all. */
  readonly canary?: number
  /** Whether the canary gets copies of the requests. */
  readonly mirrored: boolean
  /** `Set-Cookie` of answers from each track. */
  readonly cookies?: { readonly canary: string; readonly primary?: string }
  /** `Set-Cookie` of every answer of this lane. */
  readonly expires?: string
}

const all: Takes = { kind: 'all' }

/** The lanes of a route for this traffic, in the order in which they are tried. */
export const lanesOf = (canary: Canary, traffic: Traffic): readonly Lane[] => {
  const { match = [] } = traffic
  // A/B testing sends the segment to the canary for real: there is nothing left to copy.
  if (match.length > 0) return segmentLanes(match, { ...traffic, mirrored: traffic.mirrored && strategyOf(canary) !== 'ab-testing' })
  return [...stickyLanes(canary, traffic), weightedLane(canary, traffic)]
}

/** Only the segment takes part, in copies too; everybody else is served by the primary. */
const segmentLanes = (match: readonly HttpMatch[], traffic: Traffic): readonly Lane[] => [
  { takes: { kind: 'segment', match }, primary: traffic.primary, canary: traffic.canary, mirrored: traffic.mirrored },
  { takes: all, primary: 100, mirrored: false },
]

/** Who has drawn a track keeps it, the canary first; after a run, browsers forget. A track that gets no new requests keeps nobody. */
const stickyLanes = (canary: Canary, traffic: Traffic): readonly Lane[] => {
  const { cookies } = traffic
  const { sessionAffinity } = canary.spec.analysis
  if (!cookies || !sessionAffinity) return []
  if (traffic.canary > 0) {
    return [...lanesTo('canary', cookies.canary), ...(traffic.primary > 0 ? lanesTo('primary', cookies.primary) : [])]
  }
  return lanesTo('primary', cookies.previous).map(lane => ({
    ...lane,
    expires: expiredCookieText(cookies.previous ?? '', sessionAffinity),
  }))
}

const lanesTo = (track: 'primary' | 'canary', cookie: string | undefined): readonly Lane[] =>
  cookie
    ? [{ takes: { kind: 'cookie', cookie }, primary: track === 'primary' ? 100 : 0, canary: track === 'canary' ? 100 : 0, mirrored: false }]
    : []

const weightedLane = (canary: Canary, traffic: Traffic): Lane => {
  const { primary, mirrored, cookies } = traffic
  const lane: Lane = { takes: all, primary, canary: traffic.canary, mirrored }
  const { sessionAffinity } = canary.spec.analysis
  if (!cookies?.canary || !sessionAffinity || traffic.canary === 0) return lane
  const ofPrimary = cookies.primary && primary > 0 ? { primary: primaryCookieText(cookies.primary, canary, sessionAffinity) } : {}
  return { ...lane, cookies: { canary: canaryCookieText(cookies.canary, sessionAffinity), ...ofPrimary } }
}
