import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type Clock, sleep } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Io, Logger } from '../../io.ts'
import type { KubeApi } from '../../kube/kube-api.ts'
import { internalError, StatusError } from '../apiserver/status.ts'
import { documentFor, type Known } from './documents.ts'
import { deregister, register } from './registration.ts'
import { type Rates, ratesBetween, type Sample, type Sighting } from './usage-book.ts'

export interface MetricsApiOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: Logger
  /** An address by which the API server reaches this process. */
  readonly host: string
  readonly port: number
  /** For HTTPS: the API server asks for nothing less. PEM. */
  readonly tls: { readonly cert: string; readonly key: string }
  readonly nodeName: string
  /** What the node's containers have used so far. */
  readonly look: () => Promise<readonly Sighting[]>
  /** Between two looks; what is served is the use between the last two. */
  readonly sampleMs?: number
}

export interface RunningMetricsApi {
  stop(): Promise<void>
}

const defaultSampleMs = 5000
/** What goes wrong while leaving must not hold up whoever stops us. */
const leaveWithinMs = 2000

/**
 * Serves `metrics.k8s.io` for one node, behind the API server, so that autoscalers find what pods use. It asks nobody who they are: requests come
 * from the API server, which has asked.
 * @throws {Error} the address cannot be listened on
 */
export const startMetricsApi = async (options: MetricsApiOptions): Promise<RunningMetricsApi> => {
  const { api, clock, log, host, port, tls, nodeName } = options
  let rates: Rates | undefined
  const server = createServer(tls, (request, response) => answer(request, response, { nodeName, rates }))
  await listen(server, host, port)
  const stopping = new AbortController()
  const io: Io = { clock, log: log.child({ part: 'metrics-api' }), signal: stopping.signal }
  const registering = register(api, { host, port }, io)
  const sampling = sampleUntilStopped(options, io, next => {
    rates = next
  })
  return {
    stop: async () => {
      stopping.abort(new Error('stopped'))
      await Promise.all([registering, sampling])
      await leave(options, io)
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

const leave = async ({ api, host, port }: MetricsApiOptions, { clock, log }: Io): Promise<void> => {
  try {
    await deregister(api, { host, port }, { clock, log, signal: AbortSignal.timeout(leaveWithinMs) })
  } catch (error) {
    log.warn({ error: messageOf(error) }, 'resource metrics are still registered') // the cluster itself may be gone
  }
}

const sampleUntilStopped = async (
  { look, sampleMs = defaultSampleMs }: MetricsApiOptions,
  io: Io,
  keep: (rates: Rates) => void,
): Promise<void> => {
  let before: Sample | undefined
  while (!io.signal.aborted) {
    const after: Sample = { atMs: io.clock.nowMs(), sightings: await look() }
    if (before) keep(ratesBetween(before, after))
    before = after
    await sleep(io.clock, sampleMs, io.signal)
  }
}

const answer = (request: IncomingMessage, response: ServerResponse, known: Known): void => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://metrics')
  request.resume()
  const { status, body } = replyTo(() =>
    documentFor({ path: pathname, labelSelector: searchParams.get('labelSelector') ?? undefined }, known),
  )
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const replyTo = (work: () => unknown): { readonly status: number; readonly body: unknown } => {
  try {
    return { status: 200, body: work() }
  } catch (error) {
    const { status } = error instanceof StatusError ? error : internalError(messageOf(error))
    return { status: status.code ?? 500, body: status }
  }
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
