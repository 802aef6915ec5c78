import { cookieMaxAgeSeconds, intervalMs, type SessionAffinity } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'

/*
 * Session affinity in HTTP words. A cookie is stored as `name=value`; it is born in status, never here, so that a restart keeps every user
 * where he was. Source of the attributes: RFC 6265 §4.1.
 */

/** Header by which a browser sends its cookies. */
export const cookieHeader = 'Cookie'
export const setCookieHeader = 'Set-Cookie'

/**
 * A regular expression for the whole `Cookie` header that finds exactly this cookie, not one whose name or value merely contains it.
 * Anchored, so that layers that search and layers that match the whole text agree.
 */
export const cookiePattern = (cookie: string): string => `^(.*; ?)?${escapeRegex(cookie)}(;.*)?$`

export const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** `Set-Cookie` that keeps a user on the canary. */
export const canaryCookieText = (cookie: string, affinity: SessionAffinity): string =>
  cookieText(cookie, cookieMaxAgeSeconds(affinity), affinity)

/** `Set-Cookie` that keeps a user on the primary for one interval: until the next step may draw him again. */
export const primaryCookieText = (cookie: string, canary: Canary, affinity: SessionAffinity): string =>
  cookieText(cookie, Math.max(1, Math.floor(intervalMs(canary, 0) / 1000)), affinity)

/** `Set-Cookie` that makes a browser forget. It repeats Domain and Path, without which a browser takes it for another cookie. */
export const expiredCookieText = (cookie: string, affinity: SessionAffinity): string => cookieText(cookie, -1, affinity)

const cookieText = (cookie: string, maxAgeSeconds: number, affinity: SessionAffinity): string => {
  const { domain, httpOnly, partitioned, path, sameSite, secure } = affinity
  const attributes = [
    `Max-Age=${maxAgeSeconds}`,
    domain && `Domain=${domain}`,
    httpOnly && 'HttpOnly',
    partitioned && 'Partitioned',
    path && `Path=${path}`,
    sameSite && `SameSite=${sameSite}`,
    secure && 'Secure',
  ]
  return [cookie, ...attributes.filter(Boolean)].join('; ')
}
