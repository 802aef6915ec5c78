import type { Clock } from '../clock.ts'
import type { Logger } from '../io.ts'
import type { Exposition } from './exposition.ts'
import { type HttpReply, type HttpServer, startHttpServer } from './http-server.ts'

/** Why all is not well; undefined when it is. */
export type Health = () => string | undefined

export interface HealthServerOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
  readonly log: Logger
  /** Whether it can do its work, as leader or standby. */
  readonly ready: Health
  /** Whether it makes progress: a process that only answers is not alive. What this says gets it restarted. */
  readonly live: Health
  readonly metrics: Exposition
}

/**
 * Serves `/healthz` (liveness), `/readyz` and `/metrics`, any method.
 * @throws {ListenFailed} terminal: the address cannot be listened on
 */
export const startHealthServer = ({ ready, live, metrics, ...options }: HealthServerOptions): Promise<HttpServer> => {
  const answers: Readonly<Record<string, () => HttpReply | Promise<HttpReply>>> = {
    '/healthz': () => replyOf(live()),
    '/readyz': () => replyOf(ready()),
    '/metrics': async () => ({ status: 200, body: await metrics.text(), type: metrics.contentType }),
  }
  const nothing = (): HttpReply => ({ status: 404, body: `expected one of ${Object.keys(answers).join(', ')}` })
  return startHttpServer({ ...options, answer: ({ path }) => (Object.hasOwn(answers, path) ? (answers[path] ?? nothing) : nothing)() })
}

const replyOf = (problem: string | undefined): HttpReply =>
  problem === undefined ? { status: 200, body: 'OK' } : { status: 503, body: problem }
