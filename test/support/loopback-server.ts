import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { loopbackCert, loopbackKey } from './loopback-tls.ts'

interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Answer = (response: ServerResponse, request: SeenRequest) => void

export interface LoopbackServer {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** TCP connections accepted so far. */
  readonly connections: number
  readonly openSockets: ReadonlySet<Socket>
  close(): Promise<void>
}

/** Answers with JSON. */
export const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  response => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** Answers in order; the last one stays. */
export const inTurn = (...answers: readonly Answer[]): Answer => {
  let turn = 0
  return (response, request) => answers[Math.min(turn++, answers.length - 1)]?.(response, request)
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** A real server on a free port of 127.0.0.1, gone when the test ends. */
export const loopbackServer = async (answer: Answer, { tls = false } = {}): Promise<LoopbackServer> => {
  const requests: SeenRequest[] = []
  const openSockets = new Set<Socket>()
  let connections = 0
  const listener: RequestListener = async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://loopback')
    const body = await bodyOf(request)
    const seen = { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body }
    requests.push(seen)
    answer(response, seen)
  }
  const server = tls ? createTlsServer({ cert: loopbackCert, key: loopbackKey }, listener) : createServer(listener)
  server.keepAliveTimeout = 60_000
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    connections++
    openSockets.add(socket)
    socket.on('error', () => {}) // resets are part of the game
    socket.on('close', () => openSockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(() => close())
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    openSockets,
    close,
  }
}
