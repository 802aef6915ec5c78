import { type ChildProcess, fork } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import type { Answered } from './answers.ts'
import type { ProbeQuestions, Reading } from './probe.ts'

type Argument<F> = F extends (argument: infer A) => unknown ? A : never
type Answer<F> = F extends (argument: never) => infer A ? Awaited<A> : never

/** A process of its own, with the probe in it. */
export interface Child<Q extends object = object> {
  readonly name: string
  /** @throws when the child cannot answer, or ends before it does */
  ask<N extends keyof (Q & ProbeQuestions) & string>(
    question: N,
    argument: Argument<(Q & ProbeQuestions)[N]>,
  ): Promise<Answer<(Q & ProbeQuestions)[N]>>
  /** Milliseconds since it was started. @throws when it has ended */
  ageMs(): number
  /** Asks it to end (SIGTERM), after a while makes it; answers with how long that took. */
  stop(): Promise<number>
  /** What it has printed so far. */
  output(): Promise<string>
}

/** A process that can be measured; what it has to say besides does not matter. */
export interface Measured extends Pick<Child, 'ageMs' | 'stop'> {
  ask(question: 'probe', options: { readonly gc: boolean }): Promise<Reading>
}

export interface ChildOptions {
  readonly name: string
  readonly file: URL
  readonly argv?: readonly string[]
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[]
}

export interface Children {
  start<Q extends object>(options: ChildOptions): Child<Q>
  /** A directory that goes with the children. */
  readonly directory: string
}

const graceMs = 10_000

/** Runs `work` with children; all are gone when it settles, and their output with them. An interrupt makes every open question fail. */
export const withChildren = async <T>(signal: AbortSignal, work: (children: Children) => Promise<T>): Promise<T> => {
  const directory = await mkdtemp(join(tmpdir(), 'serin-bench-'))
  const probeFile = await writeProbe(directory)
  const started: Child[] = []
  const stopAll = () => Promise.all(started.map(child => child.stop()))
  const interrupt = () => void stopAll()
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    signal.throwIfAborted()
    const start = <Q extends object>(options: ChildOptions): Child<Q> => {
      signal.throwIfAborted()
      const child = startChild<Q>(options, { probeFile, logFile: join(directory, `${started.length}-${options.name}.log`) })
      started.push(child)
      return child
    }
    return await work({ start, directory })
  } finally {
    signal.removeEventListener('abort', interrupt)
    await stopAll()
    await rm(directory, { recursive: true, force: true })
  }
}

/** The probe as JavaScript, so that the processes it goes into carry no compiler of types. */
const writeProbe = async (directory: string): Promise<string> => {
  const text = await readFile(new URL('./probe.ts', import.meta.url), 'utf8')
  const file = join(directory, 'probe.mjs')
  await writeFile(file, transformSync(text, { loader: 'ts' }).code)
  return file
}

interface Place {
  readonly logFile: string
  readonly probeFile: string
}

const forkWithProbe = ({ file, argv = [], nodeFlags = [] }: ChildOptions, { logFile, probeFile }: Place): ChildProcess => {
  const log = openSync(logFile, 'w')
  try {
    const execArgv = ['--expose-gc', '--import', probeFile, ...nodeFlags]
    return fork(file, argv, { execArgv, serialization: 'advanced', stdio: ['ignore', log, log, 'ipc'] })
  } finally {
    closeSync(log)
  }
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n')

const startChild = <Q extends object>(options: ChildOptions, place: Place): Child<Q> => {
  const { name } = options
  const { logFile } = place
  const process = forkWithProbe(options, place)
  const pending = new Map<number, Pending>()
  const output = () => readFile(logFile, 'utf8')
  const ended = new Promise<void>(resolve => {
    process.once('exit', code => {
      const error = new Error(`${name} ended with code ${code}; it said last: ${lastLines(logFile)}`)
      for (const { reject } of pending.values()) reject(error)
      pending.clear()
      resolve()
    })
  })
  process.on('message', (answered: Answered) => {
    const asked = pending.get(answered.id)
    pending.delete(answered.id)
    if ('error' in answered) asked?.reject(new Error(`${name}: ${answered.error}`))
    else asked?.resolve(answered.value)
  })
  const startedMs = performance.now()
  let questions = 0
  const checkAlive = () => {
    if (!process.connected) throw new Error(`${name} has ended; it said last: ${lastLines(logFile)}`)
  }
  return {
    name,
    output,
    ageMs: () => {
      checkAlive()
      return performance.now() - startedMs
    },
    ask: (question, argument) =>
      new Promise((resolve, reject) => {
        const id = questions++
        checkAlive()
        pending.set(id, { resolve: value => resolve(value as Answer<(Q & ProbeQuestions)[typeof question]>), reject })
        process.send({ id, question, argument })
      }),
    stop: async () => {
      const sinceMs = performance.now()
      if (process.exitCode === null && process.signalCode === null) process.kill('SIGTERM')
      const force = setTimeout(() => process.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(force)
      return performance.now() - sinceMs
    },
  }
}
