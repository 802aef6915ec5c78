import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { HeaderModifier, Rewrite } from '../objects/gateway-api.ts'
import { endToEnd, type HeaderList, headerList, modifyHeaders, rewrite, type Wanted } from './filters.ts'
import { hostOfHeader } from './hostnames.ts'
import type { CompiledMatch, RequestFacts } from './route-match.ts'

/** A request of a client, read once. */
export interface Incoming {
  readonly message: IncomingMessage
  readonly host: string
  readonly wanted: Wanted
  readonly facts: RequestFacts
  readonly hasBody: boolean
}

export const readIncoming = (message: IncomingMessage): Incoming => {
  const url = message.url ?? '/'
  const question = url.indexOf('?')
  const path = question < 0 ? url : url.slice(0, question)
  const search = question < 0 ? '' : url.slice(question)
  const { headers, method = 'GET' } = message
  return {
    message,
    host: hostOfHeader(headers.host),
    wanted: { host: headers.host ?? '', path, search },
    facts: {
      method,
      path,
      query: new URLSearchParams(search),
      header: name => {
        const value = headers[name]
        return Array.isArray(value) ? value.join(', ') : value
      },
    },
    hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
  }
}

const setHeader = (headers: HeaderList, name: string, value: string): HeaderList => modifyHeaders(headers, { set: [{ name, value }] })

/** What a proxy adds for those behind it. */
const forwarded = (headers: HeaderList, { message }: Incoming): HeaderList => {
  const before = message.headers['x-forwarded-for']
  const client = message.socket.remoteAddress ?? ''
  const traced = message.headers['x-request-id'] === undefined ? setHeader(headers, 'x-request-id', randomUUID()) : headers
  return setHeader(
    setHeader(traced, 'x-forwarded-for', before === undefined ? client : `${String(before)}, ${client}`),
    'x-forwarded-proto',
    'http',
  )
}

export interface Changes {
  readonly rewrites: readonly Rewrite[]
  readonly requestHeaders: readonly HeaderModifier[]
}

export interface Outgoing {
  readonly target: string
  readonly headers: HeaderList
}

/** The request as a backend should see it. */
export const outgoing = (incoming: Incoming, match: CompiledMatch, { rewrites, requestHeaders }: Changes): Outgoing => {
  const { message } = incoming
  const wanted = rewrites.reduce((now, one) => rewrite(now, one, match.prefix), incoming.wanted)
  const passed = setHeader(forwarded(endToEnd(headerList(message.rawHeaders)), incoming), 'host', wanted.host)
  const chunked = message.headers['transfer-encoding'] === undefined ? passed : setHeader(passed, 'transfer-encoding', 'chunked')
  return { target: `${wanted.path}${wanted.search}`, headers: requestHeaders.reduce(modifyHeaders, chunked) }
}

/** The whole body, or undefined when it is longer than `limit` bytes or of unknown length: then it can only be streamed. */
export const shortBody = async ({ message, hasBody }: Incoming, limit: number): Promise<Buffer | undefined> => {
  const length = Number(message.headers['content-length'] ?? Number.NaN)
  if (!hasBody || !(length <= limit)) return undefined
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}
