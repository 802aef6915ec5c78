import type { IncomingMessage, ServerResponse } from 'node:http'
import { keyText } from '../../api/object.ts'
import type { Cancel, Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../io.ts'
import { attemptInTurn, type Outcome } from './attempts.ts'
import type { Cluster } from './backend.ts'
import type { CompiledBackend, CompiledMirror, CompiledRule, FilterSet } from './compiled-rule.ts'
import type { EndpointBook } from './endpoint-book.ts'
import { endToEnd, headerList, modifyHeaders, redirectLocation } from './filters.ts'
import { type Incoming, type Outgoing, outgoing, readIncoming, shortBody } from './incoming.ts'
import type { GatewayMetrics } from './metrics.ts'
import type { Entry, RouteTable } from './route-table.ts'
import { sendTo, type UpstreamRequest } from './upstream.ts'

/** What every exchange needs. */
export interface Gear {
  /** The table in use at this moment. */
  readonly table: () => RouteTable
  readonly book: EndpointBook
  readonly metrics: GatewayMetrics
  readonly clock: Clock
  readonly log: Logger
  /** The gateway takes no more connections: those that are open end with their present request. */
  readonly isLeaving: () => boolean
}

/** Bodies up to this size are kept, so that they can be sent to two places, or twice. */
const keptBodyBytes = 1024 * 1024
/** A copy that nobody answers must not hold its connection for ever. */
const mirrorTimeoutMs = 15_000

/** The client hung up before the answer; the number is nginx's. */
const clientGone = 499

/** One request of a client, from its arrival to the end of its answer. */
class Exchange {
  readonly #incoming: Incoming
  readonly #response: ServerResponse
  readonly #gear: Gear
  readonly #startMs: number
  readonly #gone = new AbortController()
  readonly #timers: Cancel[] = []
  #route = ''
  #cluster: Cluster | undefined
  /** Set when time is up, before the upstream connection is cut. */
  #timedOut = false

  constructor(message: IncomingMessage, response: ServerResponse, gear: Gear) {
    this.#incoming = readIncoming(message)
    this.#response = response
    this.#gear = gear
    this.#startMs = gear.clock.monotonicMs()
    response.once('close', () => this.#end())
  }

  async run(): Promise<void> {
    const { host, facts } = this.#incoming
    const entry = this.#gear.table().find(host, facts)
    if (!entry) return this.#answer(404, 'no route fits\n')
    this.#route = entry.rule.route
    const { redirect } = entry.rule.filters
    if (redirect) return this.#redirect(redirectLocation(redirect, this.#incoming.wanted, entry.match.prefix), redirect.statusCode)
    const backend = entry.rule.backends.next()
    if (!backend?.cluster) return this.#answer(500, 'the backend of this route does not exist\n')
    this.#cluster = backend.cluster
    await this.#forward(entry, backend, backend.cluster)
  }

  async #forward(entry: Entry, backend: CompiledBackend, cluster: Cluster): Promise<void> {
    const { rule, match } = entry
    const filters = [rule.filters, backend.filters]
    const changes = {
      rewrites: filters.flatMap(({ rewrite }) => (rewrite ? [rewrite] : [])),
      requestHeaders: filters.flatMap(({ requestHeaders }) => requestHeaders),
    }
    const request = await this.#upstreamRequest(outgoing(this.#incoming, match, changes))
    this.#mirror(
      request,
      filters.flatMap(({ mirrors }) => mirrors),
    )
    this.#after(rule.requestTimeoutMs, () => this.#giveUp())
    const outcome = await attemptInTurn(request, {
      endpoints: this.#gear.book.inTurn(cluster),
      signal: () => this.#attemptSignal(rule),
      calledOff: () => this.#gone.signal.aborted || this.#timedOut,
      onRetry: () => this.#gear.metrics.retried(keyText(cluster.service)),
    })
    this.#conclude(outcome, filters)
  }

  async #upstreamRequest({ target, headers }: Outgoing): Promise<UpstreamRequest> {
    const { message, facts, hasBody } = this.#incoming
    const kept = await shortBody(this.#incoming, keptBodyBytes)
    return { method: facts.method, target, headers, body: hasBody ? (kept ?? message) : undefined }
  }

  /** Copies that nobody waits for. A body too long to keep cannot go to two places. */
  #mirror(request: UpstreamRequest, mirrors: readonly CompiledMirror[]): void {
    if (request.body !== undefined && !Buffer.isBuffer(request.body)) return
    for (const { cluster, share } of mirrors) if (share.next() === true) void this.#copyTo(cluster, request)
  }

  async #copyTo(cluster: Cluster, request: UpstreamRequest): Promise<void> {
    const [endpoint] = this.#gear.book.inTurn(cluster)
    if (!endpoint) return
    const timeout = new AbortController()
    const cancel = this.#gear.clock.schedule(mirrorTimeoutMs, () => timeout.abort())
    this.#gear.metrics.mirrored(this.#route, keyText(cluster.service))
    const attempt = await sendTo(endpoint, request, timeout.signal)
    if (attempt.kind === 'answered')
      attempt.response
        .on('error', () => {})
        .resume()
        .once('close', cancel)
    else cancel()
  }

  #after(ms: number | undefined, task: () => void): void {
    if (ms !== undefined) this.#timers.push(this.#gear.clock.schedule(ms, task))
  }

  #giveUp(): void {
    this.#timedOut = true
    this.#gone.abort(new Error('the time for the request is over'))
  }

  /** Aborts with the whole exchange, or when this attempt has had its time. */
  #attemptSignal({ backendTimeoutMs }: CompiledRule): AbortSignal {
    if (backendTimeoutMs === undefined) return this.#gone.signal
    const attempt = new AbortController()
    this.#after(backendTimeoutMs, () => {
      this.#timedOut = true
      attempt.abort(new Error('the time for one attempt is over'))
    })
    return AbortSignal.any([this.#gone.signal, attempt.signal])
  }

  #conclude(outcome: Outcome, filters: readonly FilterSet[]): void {
    if (outcome.kind === 'answered') this.#pass(outcome.response, filters)
    else if (this.#timedOut) this.#answer(504, 'the backend took too long\n')
    else if (outcome.kind === 'nobody') this.#answer(503, 'no endpoint is ready\n')
    else this.#answer(outcome.kind === 'unreached' ? 503 : 502, `the backend cannot be reached: ${messageOf(outcome.error)}\n`)
  }

  #pass(upstream: IncomingMessage, filters: readonly FilterSet[]): void {
    const changes = filters.flatMap(({ responseHeaders }) => responseHeaders)
    const headers = changes.reduce(modifyHeaders, endToEnd(headerList(upstream.rawHeaders)))
    this.#closeIfLeaving()
    this.#response.writeHead(upstream.statusCode ?? 502, upstream.statusMessage ?? '', headers.flat())
    // An answer that breaks off must not look complete.
    upstream.once('error', () => this.#response.destroy())
    upstream.once('aborted', () => this.#response.destroy())
    upstream.pipe(this.#response)
  }

  #closeIfLeaving(): void {
    if (this.#gear.isLeaving()) this.#response.setHeader('connection', 'close')
  }

  #redirect(location: string, code: number): void {
    this.#closeIfLeaving()
    this.#response.writeHead(code, { location, 'content-length': 0 }).end()
  }

  #answer(code: number, words: string): void {
    if (this.#response.headersSent || this.#response.destroyed) return
    // What is left of the body is not wanted any more; the connection cannot be used again before it has been read.
    this.#closeIfLeaving()
    if (this.#incoming.hasBody) this.#response.setHeader('connection', 'close')
    this.#response.writeHead(code, { 'content-type': 'text/plain' }).end(words)
  }

  #end(): void {
    for (const cancel of this.#timers) cancel()
    const finished = this.#response.writableFinished
    if (!finished) this.#gone.abort(new Error('the client has gone'))
    this.#gear.metrics.answered({
      route: this.#route,
      service: this.#cluster ? keyText(this.#cluster.service) : '',
      cluster: this.#cluster?.name ?? '',
      code: finished ? this.#response.statusCode : clientGone,
      durationMs: this.#gear.clock.monotonicMs() - this.#startMs,
    })
  }
}

/** Serves one request. It never rejects: whatever goes wrong becomes an answer. */
export const serve = async (message: IncomingMessage, response: ServerResponse, gear: Gear): Promise<void> => {
  try {
    await new Exchange(message, response, gear).run()
  } catch (error) {
    if (response.destroyed) return // the client hung up while we still read from it
    gear.log.error({ error: messageOf(error) }, 'request failed inside the gateway')
    if (!response.headersSent) response.writeHead(500)
    response.end()
  }
}
