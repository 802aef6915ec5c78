import type { EndpointAgent } from './endpoint-agent.ts'
import { type Attempt, sendTo, type UpstreamRequest } from './upstream.ts'

/** What came of all attempts. */
export type Outcome = Attempt | { readonly kind: 'nobody' }

/** A connection that could not be made is no reason to give up soon: several pods may be leaving at once. */
const maxUnreached = 3

const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** Whether sending it twice does no harm: RFC 9110 §9.2.2 lets a proxy repeat idempotent requests; a body that was a stream is gone. */
const mayRepeat = ({ method, body }: UpstreamRequest): boolean => idempotent.has(method) && (body === undefined || Buffer.isBuffer(body))

export interface AttemptsOptions {
  /** In the order in which they are tried. */
  readonly endpoints: readonly EndpointAgent[]
  /** The signal of one attempt; each gets its own. */
  readonly signal: () => AbortSignal
  /** The caller does not want an answer any more. */
  readonly calledOff: () => boolean
  readonly onRetry: () => void
}

/**
 * Sends a request to the first endpoint that takes it. Another one is asked when no connection could be made, and once more when the
 * connection broke before any answer and repeating does no harm: a pod that leaves closes connections that a request may just be using.
 */
export const attemptInTurn = async (request: UpstreamRequest, options: AttemptsOptions): Promise<Outcome> => {
  const { endpoints, signal, calledOff, onRetry } = options
  let last: Outcome = { kind: 'nobody' }
  let losses = 0
  for (const endpoint of endpoints.slice(0, maxUnreached)) {
    if (last.kind !== 'nobody') onRetry()
    last = await sendTo(endpoint, request, signal())
    if (last.kind === 'lost') losses++
    const again = last.kind === 'unreached' || (last.kind === 'lost' && losses === 1 && mayRepeat(request))
    if (!again || calledOff()) return last
  }
  return last
}
