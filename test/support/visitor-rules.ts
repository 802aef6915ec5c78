import { type Canary, providerOf, serviceNames } from '../../src/api/canary.ts'
import { escapeRegex } from '../../src/routing/cookies.ts'
import { isRescue, isStatusWrite, type Rule, type Scene, share } from './scene.ts'
import { canaryShareFor, isRouteKind, type Visitor } from './visitors.ts'

/*
 * What is promised to single people rather than to shares of them: V1 that a test by match rules is about nobody else, V2 that who has the
 * cookie of the canary stays there, V3 that a revision has one cookie, whatever crashes or conflicts, V4 that none is given away which is not recorded.
 */

const routesOf = ({ write, canary }: Scene): boolean => isRouteKind(write.kind.kind) && write.key.name === serviceNames(canary).apex

const shareOf = (visitor: Visitor, { canary, live }: Scene): number | undefined =>
  canaryShareFor(visitor, canary, { provider: providerOf(canary, 'gatewayapi:v1'), live })

/** Somebody who sends just what the first element of the match asks for; undefined where that cannot be said by headers alone. */
const insiderOf = ({ spec }: Canary): Visitor | undefined => {
  const conditions = Object.entries(spec.analysis.match[0]?.headers ?? {})
  const headers = conditions.flatMap(([name, { exact }]) => (exact === undefined ? [] : [[name.toLowerCase(), exact] as const]))
  return headers.length > 0 && headers.length === conditions.length ? Object.fromEntries(headers) : undefined
}

/** Where the canary serves for good, or has to stand in for a primary without pods, everybody goes there. */
const isForAll = (scene: Scene): boolean =>
  scene.canary.status.servingFrom === 'canary' || scene.canary.status.phase === 'Terminating' || isRescue(scene)

const onlyTheSegment: Rule = scene => {
  const { canary, after } = scene
  if (!routesOf(scene) || canary.spec.analysis.match.length === 0 || share(after) === 0 || isForAll(scene)) return undefined
  const outsiders = shareOf({}, scene)
  if (outsiders) return `V1: ${outsiders}% of those who do not match are sent to the canary`
  const insider = insiderOf(canary)
  const insiders = insider && shareOf(insider, scene)
  return insiders === undefined || insiders === share(after)
    ? undefined
    : `V1: ${insiders}% of those who match are sent to the canary, not ${share(after)}%`
}

const whoHasTheCookieStays: Rule = scene => {
  const { canary, after } = scene
  const { sessionAffinityCookie: cookie } = canary.status
  const { sessionAffinity, match } = canary.spec.analysis
  if (!routesOf(scene) || !cookie || !sessionAffinity || match.length > 0 || share(after) === 0) return undefined
  const stays = shareOf({ cookie: `theme=dark; ${cookie}; lang=en` }, scene)
  return stays === undefined || stays === 100
    ? undefined
    : `V2: who has the cookie of the canary is sent there with ${stays}% of his requests`
}

const nameOf = (cookie: string): string => cookie.split('=')[0] ?? ''

const oneCookieForEach: Rule = scene => {
  const { canary, run } = scene
  const { sessionAffinityCookie: cookie, canaryWeight = 0 } = canary.status
  if (!isStatusWrite(scene) || !canary.spec.analysis.sessionAffinity || canaryWeight === 0) return undefined
  if (cookie === undefined) return `V3: ${canaryWeight}% recorded without a cookie`
  const known = run.cookie
  run.cookie = cookie
  const isOther = known !== undefined && known !== cookie && nameOf(known) === nameOf(cookie)
  return isOther ? `V3: the cookie of a revision was ${known} and is ${cookie}` : undefined
}

/** Every value under one of the names of the Canary that stands anywhere in a text. */
const cookiesIn = (text: string, names: readonly string[]): readonly string[] =>
  names.flatMap(name => [...text.matchAll(new RegExp(`(?<![\\w-])${escapeRegex(name)}=[A-Za-z]{10}`, 'g'))].map(([found]) => found))

const givenIsRecorded: Rule = scene => {
  const { write, canary } = scene
  const { sessionAffinity } = canary.spec.analysis
  if (!routesOf(scene) || !sessionAffinity) return undefined
  const { sessionAffinityCookie, primarySessionAffinityCookie, previousSessionAffinityCookie } = canary.status
  const recorded = [sessionAffinityCookie, primarySessionAffinityCookie, previousSessionAffinityCookie]
  const names = [sessionAffinity.cookieName, sessionAffinity.primaryCookieName].filter(name => name !== undefined && name !== '')
  const strange = cookiesIn(JSON.stringify(write.after?.['spec'] ?? {}), names as readonly string[]).find(one => !recorded.includes(one))
  return strange && `V4: the route gives away ${strange}, which is not recorded`
}

export const visitorRules: readonly Rule[] = [onlyTheSegment, whoHasTheCookieStays, oneCookieForEach, givenIsRecorded]
