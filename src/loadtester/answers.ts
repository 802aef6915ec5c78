import type { HttpReply, HttpRequest } from '../telemetry/http-server.ts'
import type { GateKind, Gates } from './gates.ts'
import { type Payload, readPayload } from './payload.ts'
import { readTask, type TaskSettings } from './task.ts'
import type { TaskRunner } from './task-runner.ts'
import type { TesterMetrics } from './tester-metrics.ts'

/** What the answers are made of. */
interface Tester {
  readonly gates: Gates
  readonly runner: TaskRunner
  readonly metrics: TesterMetrics
  readonly tasks: TaskSettings
  /** Namespaces that may use gates and tasks; all when absent. */
  readonly namespaceRegexp: RegExp | undefined
}

type Answer = (request: HttpRequest, tester: Tester) => HttpReply | Promise<HttpReply>

const ok: HttpReply = { status: 200, body: 'OK' }
const approved: HttpReply = { status: 200, body: 'Approved' }
const accepted: HttpReply = { status: 202, body: '' }
const badRequest = (reason: string): HttpReply => ({ status: 400, body: reason })
const forbidden: HttpReply = { status: 403, body: 'Forbidden' }

/** An answer that needs a payload of a namespace that is allowed here. The namespace is what the caller says it is. */
const forCanary =
  (answer: (canary: Payload, tester: Tester, request: HttpRequest) => HttpReply | Promise<HttpReply>): Answer =>
  (request, tester) => {
    const payload = readPayload(request.body)
    if (payload === undefined) return badRequest('')
    const { namespaceRegexp } = tester
    return namespaceRegexp === undefined || namespaceRegexp.test(payload.namespace) ? answer(payload, tester, request) : forbidden
  }

const gateAnswers = (path: string, kind: GateKind): Readonly<Record<string, Answer>> => ({
  [`${path}/check`]: forCanary((canary, { gates }) => (gates.isOpen(kind, canary) ? approved : forbidden)),
  [`${path}/open`]: forCanary((canary, { gates }) => {
    gates.open(kind, canary)
    return accepted
  }),
  [`${path}/close`]: forCanary((canary, { gates }) => {
    gates.close(kind, canary)
    return accepted
  }),
})

const task = forCanary(async (canary, { runner, tasks }, { signal }) => {
  const reading = readTask(canary, tasks)
  if (!reading.ok) return badRequest(reading.reason)
  if (reading.task.background) {
    runner.launch(reading.task)
    return accepted
  }
  const { output, failure } = await runner.run(reading.task, signal)
  if (failure !== undefined) return { status: 500, body: `command ${reading.task.command} failed: ${output}: ${failure}` }
  return { status: 200, body: reading.task.returnOutput ? output : '' }
})

const answers: ReadonlyMap<string, Answer> = new Map<string, Answer>(
  Object.entries({
    '/healthz': () => ok,
    '/metrics': async (_request, { metrics }) => ({ status: 200, body: await metrics.text(), type: metrics.contentType }),
    '/gate/approve': () => ok,
    '/gate/halt': () => forbidden,
    ...gateAnswers('/gate', 'approval'),
    ...gateAnswers('/rollback', 'rollback'),
  } satisfies Readonly<Record<string, Answer>>),
)

/** Answers by exact path, whatever the method; every path that is not in the table is the task endpoint. */
export const answerOf: Answer = (request, tester) => (answers.get(request.path) ?? task)(request, tester)
