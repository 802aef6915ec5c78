import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, request } from 'undici'
import type { Io } from './io.ts'

/** One HTTP request to a system that is not ours: bounded in time and in what is read, and never redirected. */
export interface HttpCall {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole exchange, body included. */
  readonly timeoutMs: number
  readonly verifyTls?: boolean
  readonly proxy?: string
  /** What is read of the answer's body; the rest is dropped with the connection. */
  readonly maxBytes?: number
}

/** An answer, whatever its status. `body` is cut at the cap. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** Proxies on the way to outside systems, as the environment variables of these names say it. */
export interface Proxies {
  readonly HTTP_PROXY?: string
  readonly HTTPS_PROXY?: string
  readonly NO_PROXY?: string
}

/** Sends a call. Rejects when there is no answer in time; `signal` aborts it. */
export type SendHttp = (call: HttpCall, io: Io) => Promise<HttpAnswer>

const defaultMaxBytes = 64 * 1024

const connect = { timeout: 10_000 }
/** The time-out of the call counts, however long it is; the client's own would cut long hooks short. */
const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 }

/** Connections to outside systems, pooled by how they are reached. `proxies` are for calls that name none. Close it at the end. */
export const createHttp = (proxies?: Proxies): { readonly send: SendHttp; close(): Promise<void> } => {
  const agents = new Map<string, Dispatcher>()
  const agentFor = (call: HttpCall): Dispatcher => {
    const key = `${call.proxy ?? ''}|${call.verifyTls ?? true}`
    const agent = agents.get(key) ?? agentOf(call, proxies)
    agents.set(key, agent)
    return agent
  }
  return {
    send: async (call, io) => exchange(call, agentFor(call), io),
    close: async () => {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

const agentOf = ({ proxy, verifyTls = true }: HttpCall, proxies: Proxies | undefined): Dispatcher => {
  const tls = { ...connect, rejectUnauthorized: verifyTls }
  if (proxy) return new ProxyAgent({ ...noTimeouts, uri: proxy, requestTls: tls })
  const { HTTP_PROXY = '', HTTPS_PROXY = '', NO_PROXY = '' } = proxies ?? {}
  if (!HTTP_PROXY && !HTTPS_PROXY) return new Agent({ ...noTimeouts, connect: tls })
  const rules = { httpProxy: HTTP_PROXY, httpsProxy: HTTPS_PROXY, noProxy: NO_PROXY }
  return new EnvHttpProxyAgent({ ...noTimeouts, ...rules, connect: tls, requestTls: tls })
}

/** A URL as messages may show it: without user, password and query, which may be secrets. */
export const shownUrl = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/s, '')

/** As much of a body as people can read in a message, on one line. */
export const excerptOf = (body: string, length = 200): string => {
  const line = body.replace(/[\p{C}\s]+/gu, ' ').trim()
  return line.length > length ? `${line.slice(0, length)}…` : line
}

/** The `Authorization` that the part of a URL before its `@` stands for. */
export const authorizationIn = (url: string): string | undefined => {
  const { username, password } = new URL(url)
  if (!username && !password) return undefined
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`, 'utf8').toString('base64')}`
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray percent sign stands for itself
  }
}

const exchange = async (call: HttpCall, dispatcher: Dispatcher, io: Io): Promise<HttpAnswer> => {
  const authorization = authorizationIn(call.url)
  const over = new AbortController()
  const cancel = io.clock.schedule(call.timeoutMs, () => over.abort(new Error(`no answer within ${call.timeoutMs / 1000}s`)))
  try {
    const { statusCode, headers, body } = await request(call.url, {
      dispatcher,
      method: call.method,
      headers: { ...(authorization ? { authorization } : {}), ...call.headers },
      body: call.body ?? null,
      signal: AbortSignal.any([over.signal, io.signal]),
    })
    return { status: statusCode, headers, body: await readCapped(body, call.maxBytes ?? defaultMaxBytes) }
  } finally {
    cancel()
  }
}

const readCapped = async (body: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, maxBytes - size))
    size += chunk.length
    if (size >= maxBytes) break // leaving the loop destroys the stream
  }
  return Buffer.concat(chunks).toString('utf8')
}
