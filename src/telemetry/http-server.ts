import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../clock.ts'
import { CanaryError, messageOf } from '../errors.ts'
import type { Logger } from '../io.ts'

/** The address is taken, or not ours to listen on. */
class ListenFailed extends CanaryError {
  readonly code = 'ListenFailed'
  readonly disposition = 'terminal'
}

/** One request as an answer function sees it. */
export interface HttpRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly body: string
  /** Aborts when the caller went away, or when the server stops and waits no longer. */
  readonly signal: AbortSignal
}

export interface HttpReply {
  readonly status: number
  readonly body: string
  /** Media type; plain text when absent. */
  readonly type?: string
}

export interface HttpServerOptions {
  /** Empty listens on all addresses. */
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly clock: Clock
  readonly log: Logger
  /** Answers every request; what it throws is logged and answered with 500. */
  answer(request: HttpRequest): Promise<HttpReply> | HttpReply
}

export interface HttpServer {
  readonly port: number
  readonly url: string
  /** Takes no new connection, lets requests in flight finish for `graceMs`, then cuts them off. No socket is left. */
  stop(graceMs: number): Promise<void>
}

/** Larger bodies get 413. */
const mostBodyBytes = 1024 * 1024

/** @throws {ListenFailed} terminal: the address cannot be listened on */
export const startHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const { host, clock } = options
  const exchanges = new Map<AbortController, Promise<void>>()
  let stopping = false
  const server = createServer((request, response) => {
    const away = new AbortController()
    const exchange = serve(options, { request, response, away, isLast: () => stopping }).finally(() => exchanges.delete(away))
    exchanges.set(away, exchange)
  })
  const port = await listen(server, options)
  return {
    port,
    url: `http://${host === '' ? '127.0.0.1' : host}:${port}`,
    stop: async graceMs => {
      stopping = true
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      const giveUp = clock.schedule(graceMs, () => {
        for (const away of exchanges.keys()) away.abort(new Error('the server stops'))
        server.closeAllConnections()
      })
      while (exchanges.size > 0) await Promise.allSettled(exchanges.values())
      server.closeIdleConnections()
      await closed
      giveUp()
    },
  }
}

const listen = (server: Server, { host, port }: HttpServerOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(new ListenFailed(`cannot listen on ${host}:${port}`, { cause: error }))
    server.once('error', refuse)
    server.listen({ port, ...(host === '' ? {} : { host }) }, () => {
      server.off('error', refuse)
      resolve((server.address() as AddressInfo).port)
    })
  })

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly away: AbortController
  /** Whether the connection should end with this answer: else a caller that keeps it could go on for ever. */
  isLast(): boolean
}

const serve = async ({ answer, log }: HttpServerOptions, exchange: Exchange): Promise<void> => {
  const { request, response, away } = exchange
  response.once('close', () => {
    if (!response.writableFinished) away.abort(new Error('the caller went away'))
  })
  const { method = 'GET', url = '/' } = request
  const path = url.split('?', 1)[0] ?? '/'
  try {
    const body = await readBody(request)
    const tooLarge = { status: 413, body: `body larger than ${mostBodyBytes} bytes` }
    await send(exchange, body === undefined ? tooLarge : await answer({ method, path, body, signal: away.signal }))
  } catch (thrown) {
    if (response.destroyed) return
    log.error({ method, path, error: messageOf(thrown) }, 'cannot answer a request')
    await send(exchange, { status: 500, body: 'internal error' })
  }
}

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > mostBodyBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Resolves when the answer has left, or when the caller has and none can. */
const send = ({ response, isLast }: Exchange, { status, body, type = 'text/plain; charset=utf-8' }: HttpReply): Promise<void> =>
  new Promise(resolve => {
    if (response.destroyed) return resolve()
    response.once('close', resolve)
    if (isLast()) response.setHeader('connection', 'close')
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
    response.end(body, () => resolve())
  })
