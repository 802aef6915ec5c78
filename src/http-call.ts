import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
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

/** Connections to outside systems, pooled by how they are reached. Close it at the end. */
export const createHttp = (): { readonly send: SendHttp; close(): Promise<void> } => {
  const agents = new Map<string, Dispatcher>()
  const agentFor = ({ proxy, verifyTls = true }: HttpCall): Dispatcher => {
    const key = `${proxy ?? ''}|${verifyTls}`
    const tls = { ...connect, rejectUnauthorized: verifyTls }
    const agent = agents.get(key) ?? (proxy ? new ProxyAgent({ uri: proxy, requestTls: tls }) : new Agent({ connect: tls }))
    agents.set(key, agent)
    return agent
  }
  return {
    send: (call, io) => exchange(call, agentFor(call), io),
    close: async () => {
      await Promise.all([...agents.values()].map(agent => agent.destroy()))
    },
  }
}

const exchange = async (call: HttpCall, dispatcher: Dispatcher, io: Io): Promise<HttpAnswer> => {
  const over = new AbortController()
  const cancel = io.clock.schedule(call.timeoutMs, () => over.abort(new Error(`no answer within ${call.timeoutMs / 1000}s`)))
  try {
    const { statusCode, headers, body } = await request(call.url, {
      dispatcher,
      method: call.method,
      headers: { ...call.headers },
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
