import { authorizationIn, shownUrl } from '../http-call.ts'
import type { MetricQuestion, SecretData } from './metric-store.ts'
import { invalid, type Silence, secretMissing } from './silence.ts'

/** Where a store is asked, and as whom. */
export interface Endpoint {
  /** Without user, query string and fragment; no slash at its end. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

/**
 * Reads address and credentials. The Secret has `token`, or `username` and `password`; without a Secret, what the address says before
 * an `@` counts.
 */
export const endpointOf = ({
  address,
  headers = {},
  secret,
}: Pick<MetricQuestion, 'address' | 'headers' | 'secret'>): Endpoint | Silence => {
  const url = parsed(address)
  if (!url)
    return invalid(
      `prometheus address ${JSON.stringify(shownUrl(address))} is not a valid URL, expected one such as http://prometheus:9090`,
    )
  const credentials = secret ? credentialsOf(secret) : authorizationIn(address)
  if (typeof credentials === 'object') return credentials
  const path = url.pathname.replace(/\/+$/, '')
  return { url: `${url.origin}${path}`, headers: { ...headers, ...(credentials ? { Authorization: credentials } : {}) } }
}

const parsed = (address: string): URL | undefined => {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url && ['http:', 'https:'].includes(url.protocol) && url.host !== '' ? url : undefined
}

const credentialsOf = (secret: SecretData): string | Silence => {
  const [token, username, password] = ['token', 'username', 'password'].map(key => withoutBreak(secret[key] ?? ''))
  if (token) return `Bearer ${token}`
  const missing = username ? 'password' : 'username'
  if (!username || !password) return secretMissing(`the Secret has no ${missing}; give it token, or username and password`)
  return basic(username, password)
}

/** Files that Secrets are made of often end with a line break, which is nobody's password. */
const withoutBreak = (text: string): string => text.replace(/\r?\n$/, '')

const basic = (username: string, password: string): string => `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
