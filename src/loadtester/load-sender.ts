import { Agent, type Dispatcher, interceptors } from 'undici'
import type { AnswerHeaders } from './load-report.ts'

/** One request, repeated for as long as the load runs. */
export interface LoadRequest {
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface LoadAnswer {
  readonly status: number
  readonly bytes: number
  readonly headers: AnswerHeaders
}

/** Sends requests of a run of load and reads the answers to their end. Rejects when there is none, or when the signal aborts. */
export interface LoadSender {
  send(request: LoadRequest, signal: AbortSignal): Promise<LoadAnswer>
  close(): Promise<void>
}

export interface HttpSenderOptions {
  /** Connections at most; one request at a time on each. */
  readonly concurrency: number
  /** Whether a connection serves more than one request. */
  readonly keepAlive?: boolean
  readonly followRedirects?: boolean
}

/** HTTP/1.1 on a pool of connections. Certificates are not checked: what is under test is the load, and canaries often have self-signed ones. */
export const httpSender = ({ concurrency, keepAlive = true, followRedirects = true }: HttpSenderOptions): LoadSender => {
  const agent = new Agent({
    connections: concurrency,
    pipelining: keepAlive ? 1 : 0,
    connect: { rejectUnauthorized: false },
    // The generator has one timer for each whole request; these would only answer earlier with another word.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const dispatcher = followRedirects ? agent.compose(interceptors.redirect({ maxRedirections: 10 })) : agent
  return {
    send: async ({ url, method = 'GET', headers = {}, body = null }, signal) => {
      const { origin, pathname, search } = new URL(url)
      const options = { origin, path: pathname + search, method, headers, body, signal }
      const { statusCode, headers: answered, body: stream } = await dispatcher.request(options)
      return { status: statusCode, bytes: await drain(stream), headers: answered }
    },
    close: () => agent.destroy(),
  }
}

const drain = async (stream: Dispatcher.ResponseData['body']): Promise<number> => {
  let bytes = 0
  for await (const chunk of stream) bytes += (chunk as Uint8Array).byteLength
  return bytes
}
