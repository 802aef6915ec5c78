import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { EndpointAgent } from './endpoint-agent.ts'
import type { HeaderList } from './filters.ts'

/** A request as a backend gets it. */
export interface UpstreamRequest {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: HeaderList
  /** Nothing, bytes that can be sent again, or a stream that can be sent once. */
  readonly body: Buffer | Readable | undefined
}

/** What came of sending a request to one endpoint. */
export type Attempt =
  | { readonly kind: 'answered'; readonly response: IncomingMessage }
  /** No connection: not a byte of the request has left. */
  | { readonly kind: 'unreached'; readonly error: Error }
  /** The connection broke after the request may have been seen, and before a byte of an answer came. */
  | { readonly kind: 'lost'; readonly error: Error }

/** Sends a request to one endpoint and waits for the head of its answer. Never rejects; the signal destroys the connection. */
export const sendTo = ({ address, agent }: EndpointAgent, request: UpstreamRequest, signal: AbortSignal): Promise<Attempt> =>
  new Promise(resolve => {
    const { method, target, headers, body } = request
    const upstream = httpRequest({
      agent,
      host: address.host,
      port: address.port,
      method,
      path: target,
      headers: headers.flat(),
      setHost: false,
      signal,
    })
    let sent = false
    // The body waits for the connection: what was read from a stream could not be sent to another endpoint.
    const send = () => {
      sent = true
      if (body === undefined || Buffer.isBuffer(body)) upstream.end(body)
      else body.pipe(upstream)
    }
    upstream.once('socket', socket => {
      if (socket.connecting) socket.once('connect', send)
      else send()
    })
    upstream.once('response', response => resolve({ kind: 'answered', response }))
    upstream.on('error', error => resolve({ kind: sent ? 'lost' : 'unreached', error }))
  })
