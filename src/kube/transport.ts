import type { Readable } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { Io } from '../io.ts'
import { type ConnectionFacts, openPool, type TlsOptions } from './connector.ts'
import { type Deadline, orAborted, startDeadline } from './deadline.ts'
import { isKubeError, KubeError, type RequestLabel, unreachable } from './errors.ts'
import { type AnswerHeaders, exchange, type HttpAnswer, type HttpMethod, openStream } from './exchange.ts'
import { type Fence, openFence } from './fence.ts'
import { createServerTime } from './server-time.ts'

export interface HttpRequest {
  readonly label: RequestLabel
  readonly method: HttpMethod
  /** Path and query below the server's URL. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole exchange; for a stream until its headers have come. */
  readonly deadlineMs: number
  /** For writes: asked when the first byte is about to leave. */
  readonly fence?: Fence
}

/** An answer whose body is still coming. */
export interface HttpStream {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly chunks: AsyncIterable<Buffer>
  /** Must be called; closes the socket unless the body was read to its end. */
  close(): void
}

/** Headers that prove who we are. `fresh` is asked after a 401: read the token again, wherever it comes from. */
export type Authenticate = (options: { readonly fresh: boolean }) => Promise<Readonly<Record<string, string>>>

/** What telemetry may count. */
export interface TransportObserver {
  /** One attempt is over; `code` is its HTTP status or the code of its error. */
  request(facts: { readonly verb: string; readonly resource: string; readonly code: string; readonly durationMs: number }): void
  connection(facts: ConnectionFacts): void
}

export interface TransportOptions {
  /** Base URL; a path in it (some proxies have one) is kept. */
  readonly server: string
  readonly clock: Clock
  readonly tls?: TlsOptions
  readonly authenticate?: Authenticate
  readonly userAgent?: string
  readonly observer?: TransportObserver
  /** Sockets for requests; watches have a pool of their own, so that neither starves the other. */
  readonly connections?: number
  readonly maxAnswerBytes?: number
}

/** The one way to the API server. Rejects with `Unreachable` when there is no answer, `Fenced` when a write may not leave. */
export interface Transport {
  /** The answer, whatever its status. A 401 is asked once more with fresh credentials. */
  request(request: HttpRequest, io: Io): Promise<HttpAnswer>
  stream(request: HttpRequest, io: Io): Promise<HttpStream>
  /** The server's clock, see `server-time.ts`. */
  serverNowMs(): number
  /** Ends everything in flight at once; afterwards no socket or timer is left. */
  close(): Promise<void>
}

const defaultConnections = 16
const defaultMaxAnswerBytes = 64 * 1024 * 1024
const silentObserver: TransportObserver = { request() {}, connection() {} }

export const createTransport = (options: TransportOptions): Transport => {
  const { clock, tls = {}, observer = silentObserver, maxAnswerBytes = defaultMaxAnswerBytes } = options
  const { origin, pathname } = new URL(options.server)
  const prefix = pathname.replace(/\/+$/, '')
  const connected = (facts: ConnectionFacts) => observer.connection(facts)
  const requests = openPool(origin, { name: 'requests', connections: options.connections ?? defaultConnections, tls, connected })
  const watches = openPool(origin, { name: 'watches', connections: null, tls, connected })
  const serverTime = createServerTime(clock)
  const headersFor = headersWith(options)

  const observed = async <T extends { status: number; headers: AnswerHeaders }>(
    label: RequestLabel,
    attempt: () => Promise<T>,
  ): Promise<T> => {
    const sentAtMs = clock.monotonicMs()
    const done = (code: string) =>
      observer.request({ verb: label.verb, resource: label.resource, code, durationMs: clock.monotonicMs() - sentAtMs })
    try {
      const answer = await attempt()
      serverTime.learn(answer.headers['date'], sentAtMs)
      done(String(answer.status))
      return answer
    } catch (error) {
      done(isKubeError(error) ? error.code : 'Error')
      throw error
    }
  }

  const requestOnce = (request: HttpRequest, signal: AbortSignal) => async (fresh: boolean) => {
    const { label, method, body = null, fence = openFence } = request
    const headers = await headersFor(request, fresh, signal)
    const path = prefix + request.path
    return observed(label, () => exchange(requests, { label, method, path, headers, body, signal, fence, maxBytes: maxAnswerBytes }))
  }

  const streamOnce = (request: HttpRequest, signal: AbortSignal) => async (fresh: boolean) => {
    const { label, method } = request
    const headers = await headersFor(request, fresh, signal)
    const path = prefix + request.path
    return observed(label, () => openStream(watches, { label, method, path, headers, signal }))
  }

  return {
    request: async (request, io) => {
      const deadline = startDeadline(io, request.deadlineMs)
      try {
        return await withFreshCredentials(requestOnce(request, deadline.signal), () => {})
      } finally {
        deadline.clear()
      }
    },
    stream: async (request, io) => {
      const deadline = startDeadline(io, request.deadlineMs)
      try {
        const { status, headers, body } = await withFreshCredentials(streamOnce(request, deadline.signal), refused =>
          refused.body.destroy(),
        )
        deadline.lift()
        return { status, headers, chunks: body, close: () => closeStream(body, deadline) }
      } catch (error) {
        deadline.clear()
        throw error
      }
    },
    serverNowMs: () => serverTime.nowMs(),
    close: async () => {
      await Promise.all([requests.destroy(), watches.destroy()])
    },
  }
}

const closeStream = (body: Readable, deadline: Deadline) => {
  deadline.clear()
  body.destroy()
}

/** A 401 was not carried out, so that even a write may be sent again. `discard` lets go of the answer that refused us. */
const withFreshCredentials = async <T extends { readonly status: number }>(
  attempt: (fresh: boolean) => Promise<T>,
  discard: (refused: T) => void,
): Promise<T> => {
  const first = await attempt(false)
  if (first.status !== 401) return first
  discard(first)
  return attempt(true)
}

type HeadersFor = (request: HttpRequest, fresh: boolean, signal: AbortSignal) => Promise<Readonly<Record<string, string>>>

const headersWith =
  ({ authenticate = async () => ({}), userAgent = 'serin' }: TransportOptions): HeadersFor =>
  async ({ headers, label }, fresh, signal) => {
    try {
      return { 'user-agent': userAgent, accept: 'application/json', ...headers, ...(await orAborted(authenticate({ fresh }), signal)) }
    } catch (cause) {
      if (signal.aborted) throw unreachable(label, cause, false)
      throw new KubeError('Unauthorized', `${label.verb} ${label.resource}: no credentials`, { cause, sent: false })
    }
  }
