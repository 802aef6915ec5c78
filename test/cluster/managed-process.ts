import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProcessSpec {
  readonly name: string
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Its output goes here, each start after the one before. */
  readonly logFile: string
  /** Whether it does its duty now. */
  readonly isReady: () => Promise<boolean>
}

/** A process that can be taken away and given back. Each call resolves when it is done; in the wrong state each is harmless. */
export interface ManagedProcess {
  readonly name: string
  /** Rejects when it ends without having been asked to, with the end of its log. */
  readonly died: Promise<never>
  /** Starts it and waits until it is ready. */
  start(): Promise<void>
  /** Asks it to end, and insists after three seconds. */
  stop(): Promise<void>
  /** Leaves it there, but lets it do nothing: connections stay open and silent. */
  freeze(): void
  thaw(): void
  /** Ends it at once. */
  kill(): Promise<void>
}

const readyWithinMs = 120_000
/** The API server and etcd would wait up to a minute for streams to end that never do. */
const stopWithinMs = 3000
const pollMs = 100

/** The last lines of a log, for the error that its writer's death causes. */
const tailOf = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '(no log)')
  return text.trimEnd().split('\n').slice(-15).join('\n')
}

const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child?.pid !== undefined && child.exitCode === null && child.signalCode === null

const spawnLogging = ({ command, env, logFile }: ProcessSpec): ChildProcess => {
  const [file = '', ...args] = command
  const log = openSync(logFile, 'a')
  try {
    return spawn(file, args, { env, stdio: ['ignore', log, log] })
  } finally {
    closeSync(log)
  }
}

export const manageProcess = (spec: ProcessSpec): ManagedProcess => {
  const death = Promise.withResolvers<never>()
  death.promise.catch(() => {}) // whoever races it hears of it; nobody has to
  let child: ChildProcess | undefined
  let wanted = false

  const die = async (how: string): Promise<void> => {
    wanted = false
    death.reject(new Error(`${spec.name} ${how}; its log ends with:\n${await tailOf(spec.logFile)}`))
  }

  const launch = (): void => {
    wanted = true
    const started = spawnLogging(spec)
    child = started
    started.once('error', error => void die(`could not be started: ${error.message}`))
    started.once('exit', (code, signal) => void (wanted && child === started && die(`ended by itself (${code ?? signal})`)))
  }

  const becomesReady = async (): Promise<void> => {
    const deadline = performance.now() + readyWithinMs
    while (!(await spec.isReady())) {
      if (performance.now() > deadline)
        throw new Error(`${spec.name} is not ready after ${readyWithinMs / 1000} s; its log ends with:\n${await tailOf(spec.logFile)}`)
      await sleep(pollMs)
    }
  }

  const end = async (signals: readonly NodeJS.Signals[]): Promise<void> => {
    wanted = false
    const ending = child
    if (!isRunning(ending)) return
    const ended = new Promise<void>(resolve => ending.once('exit', () => resolve()))
    for (const signal of signals) ending.kill(signal)
    const insist = setTimeout(() => ending.kill('SIGKILL'), stopWithinMs)
    await ended
    clearTimeout(insist)
  }

  return {
    name: spec.name,
    died: death.promise,
    start: async () => {
      if (!isRunning(child)) launch()
      await Promise.race([becomesReady(), death.promise])
    },
    // A frozen process hears SIGTERM only once it runs again.
    stop: () => end(['SIGCONT', 'SIGTERM']),
    kill: () => end(['SIGKILL']),
    freeze: () => void (isRunning(child) && child.kill('SIGSTOP')),
    thaw: () => void (isRunning(child) && child.kill('SIGCONT')),
  }
}
