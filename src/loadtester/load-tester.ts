import type { Clock } from '../clock.ts'
import type { LoadtesterConfig } from '../config/loadtester-config.ts'
import type { Logger } from '../io.ts'
import { startHttpServer } from '../telemetry/http-server.ts'
import { answerOf } from './answers.ts'
import { Gates } from './gates.ts'
import { TaskRunner } from './task-runner.ts'
import { createTesterMetrics } from './tester-metrics.ts'

export interface LoadTesterOptions {
  readonly config: LoadtesterConfig
  readonly clock: Clock
  readonly log: Logger
}

export interface LoadTester {
  readonly url: string
  readonly port: number
  /**
   * Ends background tasks at once, lets requests in flight (and the commands they wait for) finish for `graceMs`, then ends those too.
   * When it resolves no command, socket or timer is left.
   */
  stop(graceMs?: number): Promise<void>
}

const defaultGraceMs = 60_000

/** Serves gates and tasks to the webhooks of canaries. @throws {ListenFailed} terminal: the address cannot be listened on */
export const startLoadTester = async ({ config, clock, log }: LoadTesterOptions): Promise<LoadTester> => {
  const metrics = createTesterMetrics()
  const runner = new TaskRunner({ clock, log, signal: new AbortController().signal }, metrics)
  const tester = {
    gates: new Gates(),
    runner,
    metrics,
    tasks: { ...config, onSample: metrics.requestEnded },
    namespaceRegexp: config.namespaceRegexp,
  }
  const server = await startHttpServer({ ...config, clock, log, answer: request => answerOf(request, tester) })
  log.info({ port: server.port, url: server.url }, 'load tester started')
  return {
    url: server.url,
    port: server.port,
    stop: async (graceMs = defaultGraceMs) => {
      await Promise.all([runner.stop(), server.stop(graceMs)])
      log.info({}, 'load tester stopped')
    },
  }
}
