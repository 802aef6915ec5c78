import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { type Exposition, exposition } from '../telemetry/exposition.ts'
import type { Outcome } from './command.ts'
import type { Sample } from './load-report.ts'
import type { Task } from './task.ts'
import type { TaskObserver } from './task-runner.ts'

/** What the load tester exposes about itself. */
export interface TesterMetrics extends TaskObserver, Exposition {
  /** Counts a request of the embedded load generator. */
  requestEnded(sample: Sample): void
}

export const createTesterMetrics = (): TesterMetrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const running = new Gauge({ name: 'serin_loadtester_tasks_running', help: 'Tasks that run now', labelNames: ['type'], registers })
  const tasks = new Counter({ name: 'serin_loadtester_tasks_total', help: 'Tasks that ended', labelNames: ['type', 'result'], registers })
  const requests = new Counter({
    name: 'serin_loadtester_requests_total',
    help: 'Requests of the embedded load generator; code is "error" where no answer came',
    labelNames: ['code'],
    registers,
  })
  return {
    taskStarted: ({ type }: Task) => running.inc({ type }),
    taskEnded: ({ type }: Task, { failure }: Outcome) => {
      running.dec({ type })
      tasks.inc({ type, result: failure === undefined ? 'succeeded' : 'failed' })
    },
    requestEnded: sample => requests.inc({ code: sample.kind === 'answered' ? String(sample.status) : 'error' }),
    ...exposition(registry),
  }
}
