import type { Canary } from '../api/canary.ts'
import type { CanaryStatus } from '../api/status.ts'
import type { RolloutContext } from './rollout-context.ts'

type CookieFields = Pick<CanaryStatus, 'sessionAffinityCookie' | 'primarySessionAffinityCookie' | 'previousSessionAffinityCookie'>

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const length = 10

/** Ten letters that follow from the text: the same revision always gets the same cookie, whoever asks, however often. */
export const cookieValue = (text: string): string => {
  let hash = 0x811c9dc5
  const mix = (code: number): void => {
    hash = Math.imul(hash ^ code, 0x01000193) >>> 0
  }
  for (const character of text) mix(character.codePointAt(0) ?? 0)
  return Array.from({ length }, (_, index) => {
    mix(index)
    return letters[hash % letters.length]
  }).join('')
}

/**
 * The cookies that the route sets, in the same record as the weight they go with: they are known before any user gets one. The cookie of a
 * run that ended is kept, so that the route can make browsers forget it.
 */
export const cookiesAfter = (canary: Canary, { weight, analysed }: RolloutContext): CookieFields => {
  const { sessionAffinity } = canary.spec.analysis
  const { sessionAffinityCookie, primarySessionAffinityCookie, previousSessionAffinityCookie } = canary.status
  if (!sessionAffinity) return {}
  if (weight === 0) return ended({ sessionAffinityCookie, primarySessionAffinityCookie, previousSessionAffinityCookie })
  const seed = `${canary.metadata.uid ?? canary.metadata.name}/${analysed?.hash ?? ''}`
  const { cookieName, primaryCookieName } = sessionAffinity
  const current = `${cookieName}=${cookieValue(seed)}`
  return present({
    sessionAffinityCookie: current,
    primarySessionAffinityCookie: primaryCookieName ? `${primaryCookieName}=${cookieValue(`primary/${seed}`)}` : undefined,
    previousSessionAffinityCookie: previousSessionAffinityCookie === current ? undefined : previousSessionAffinityCookie,
  })
}

type Loose = { readonly [Field in keyof CookieFields]: string | undefined }

const ended = (cookies: Loose): CookieFields =>
  present({
    sessionAffinityCookie: undefined,
    primarySessionAffinityCookie: cookies.primarySessionAffinityCookie,
    previousSessionAffinityCookie: cookies.sessionAffinityCookie ?? cookies.previousSessionAffinityCookie,
  })

const present = (cookies: Loose): CookieFields =>
  Object.fromEntries(Object.entries(cookies).filter(([, value]) => value !== undefined)) as CookieFields
