import type { HeaderModifier, PathModifier, Redirect, Rewrite } from '../objects/gateway-api.ts'

/** Headers as they go over the wire: names as written, several of one name allowed, in order. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

const sameName = (wanted: string) => {
  const lower = wanted.toLowerCase()
  return ([name]: readonly [string, string]): boolean => name.toLowerCase() === lower
}

const without = (headers: HeaderList, name: string): HeaderList => headers.filter(header => !sameName(name)(header))

/** `add` joins what is there: a second value of the same header. */
export const modifyHeaders = (headers: HeaderList, { set, add, remove }: HeaderModifier): HeaderList => {
  const reset = (set ?? []).reduce<HeaderList>((all, { name, value }) => [...without(all, name), [name, value]], headers)
  const added: HeaderList = [...reset, ...(add ?? []).map(({ name, value }) => [name, value] as const)]
  return (remove ?? []).reduce<HeaderList>(without, added)
}

/** A path and query as requests carry it. */
export interface Target {
  readonly path: string
  /** With its question mark, or ''. */
  readonly search: string
}

const withoutFinalSlash = (path: string): string => path.replace(/\/+$/, '')

/** The path after a rewrite; `prefix` is what the match was about. The query stays. */
export const modifyPath = (path: string, modifier: PathModifier | undefined, prefix: string): string => {
  if (!modifier) return path
  if (modifier.type === 'ReplaceFullPath') return modifier.replaceFullPath ?? '/'
  const rest = path.slice(withoutFinalSlash(prefix).length)
  const replaced = `${withoutFinalSlash(modifier.replacePrefixMatch ?? '/')}${rest}`
  return replaced.startsWith('/') ? replaced : `/${replaced}`
}

/** What a request asks for, as far as a rewrite may change it. */
export interface Wanted extends Target {
  readonly host: string
}

export const rewrite = (wanted: Wanted, { hostname, path }: Rewrite, prefix: string): Wanted => ({
  ...wanted,
  host: hostname ?? wanted.host,
  path: modifyPath(wanted.path, path, prefix),
})

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** Port part of a redirect: a scheme of its own brings its own port, otherwise the port that the client used stays. */
const portText = ({ scheme, port }: Redirect, clientPort: string): string => {
  const wanted = port ?? (scheme === undefined ? Number(clientPort || 80) : defaultPorts[scheme])
  return wanted === undefined || wanted === defaultPorts[scheme ?? 'http'] ? '' : `:${wanted}`
}

/** Where a redirect sends the client. `host` is the Host header as it came. */
export const redirectLocation = (redirect: Redirect, { host, path, search }: Wanted, prefix: string): string => {
  const [, name = '', clientPort = ''] = /^(.*?)(?::(\d+))?$/.exec(host) ?? []
  const authority = `${redirect.hostname ?? name}${portText(redirect, clientPort)}`
  return `${redirect.scheme ?? 'http'}://${authority}${modifyPath(path, redirect.path, prefix)}${search}`
}

/** Headers that concern one connection only and are not passed on; an expectation was met when the request came in. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'expect',
])

/** Headers that a proxy passes on: without those of the connection, and those that the Connection header names. */
export const endToEnd = (headers: HeaderList): HeaderList => {
  const named = headers.filter(sameName('connection')).flatMap(([, value]) => value.split(',').map(name => name.trim().toLowerCase()))
  return headers.filter(([name]) => !hopByHop.has(name.toLowerCase()) && !named.includes(name.toLowerCase()))
}

/** Node's flat list of names and values as pairs. */
export const headerList = (raw: readonly string[]): HeaderList =>
  Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? ''] as const)
