import type { Io } from '../io.ts'
import type { Outcome } from './command.ts'
import { commandForLog } from './command-text.ts'
import type { Task } from './task.ts'

/** Hears of tasks as they begin and end. */
export interface TaskObserver {
  taskStarted(task: Task): void
  taskEnded(task: Task, outcome: Outcome): void
}

/** Runs tasks and remembers which run, so that a hook called again while its command runs starts no second one. */
export class TaskRunner {
  readonly #io: Io
  readonly #observer: TaskObserver
  readonly #stopping = new AbortController()
  readonly #running = new Map<string, Promise<Outcome>>()

  constructor(io: Io, observer: TaskObserver) {
    this.#io = io
    this.#observer = observer
  }

  /** Starts a task and does not wait for it. The same command for the same canary runs once at a time. */
  launch(task: Task): void {
    const key = JSON.stringify([task.canary, task.type, task.command])
    const fields = { canary: task.canary, command: commandForLog(task.command) }
    if (this.#stopping.signal.aborted) this.#io.log.warn(fields, 'task not started because the load tester stops')
    else if (this.#running.has(key)) this.#io.log.info(fields, 'task is already running')
    else this.#keep(key, this.run(task, this.#stopping.signal))
  }

  #keep(key: string, run: Promise<Outcome>): void {
    this.#running.set(
      key,
      run.finally(() => this.#running.delete(key)),
    )
  }

  /** Runs a task to its end. Never rejects. */
  async run(task: Task, signal: AbortSignal): Promise<Outcome> {
    const log = this.#io.log.child({ canary: task.canary, type: task.type, command: commandForLog(task.command) })
    log.info({}, 'task started')
    this.#observer.taskStarted(task)
    const outcome = await task.run({ ...this.#io, signal })
    this.#observer.taskEnded(task, outcome)
    const output = task.logOutput || outcome.failure !== undefined ? { output: outcome.output } : {}
    if (outcome.failure === undefined) log.info(output, 'task finished')
    else log.error({ ...output, error: outcome.failure }, 'task failed')
    return outcome
  }

  /** Ends what `launch` started; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the load tester stops'))
    await Promise.allSettled(this.#running.values())
  }
}
