import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { Program, ProgramContext, ProgramExit, RunningProgram } from './program.ts'

/** How an in-process program learns that it should end. */
export interface ProgramSignals {
  /** Aborts with SIGTERM: finish what is going on, then return. */
  readonly stop: AbortSignal
  /** Aborts with SIGKILL: drop everything. The pod counts as gone whether or not the program obeys. */
  readonly kill: AbortSignal
}

/** A program as a function: it runs until its promise settles. A number is the exit code, nothing is 0, a rejection is 1. */
export type InProcessProgram = (context: ProgramContext, signals: ProgramSignals) => Promise<number | undefined>

const killedExit: ProgramExit = { exitCode: 137 }

/** Runs a program inside this process: fast, and without a heap of its own. */
export const inProcess = (run: InProcessProgram, exec?: RunningProgram['exec']): Program => ({
  start: context => {
    const stop = new AbortController()
    const kill = new AbortController()
    const killed = Promise.withResolvers<ProgramExit>()
    const finished = run(context, { stop: stop.signal, kill: kill.signal }).then(
      code => ({ exitCode: code ?? 0 }),
      (error: unknown) => ({ exitCode: 1, message: messageOf(error) }),
    )
    return {
      exited: Promise.race([finished, killed.promise]),
      terminate: () => stop.abort(),
      kill: () => {
        stop.abort()
        kill.abort()
        killed.resolve(killedExit)
      },
      ...(exec ? { exec } : {}),
    }
  },
})

export interface ChildCommand {
  readonly file: string
  readonly args: readonly string[]
}

export interface ChildProcessOptions {
  readonly commandOf: (context: ProgramContext) => ChildCommand
  /** What the process gets besides the container's own environment, such as PATH. */
  readonly baseEnv?: Readonly<Record<string, string>>
}

const keptLines = 10

/** Exit code as a shell reports it: 128 and the signal's number. */
const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number => code ?? (signal === 'SIGTERM' ? 143 : 137)

/** Sends a signal to a whole process group. */
const signalGroup = (leader: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-leader, signal)
  } catch (error) {
    // ESRCH: it went between the question and the signal, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Hands each line of the output to the log; answers with the last ones. */
const followOutput = (
  child: ChildProcessByStdio<null, Readable, Readable>,
  { log, namespace, podName }: ProgramContext,
): readonly string[] => {
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => {
      lastLines.push(line)
      if (lastLines.length > keptLines) lastLines.shift()
      log.debug({ pod: `${namespace}/${podName}`, line }, 'container output')
    })
  return lastLines
}

/** Runs a program as a process of its own, in a process group of its own, so that whatever it starts goes with it. */
export const childProcess = ({ commandOf, baseEnv = {} }: ChildProcessOptions): Program => ({
  start: context => {
    const { file, args } = commandOf(context)
    const child = spawn(file, args, { env: { ...baseEnv, ...context.env }, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const lastLines = followOutput(child, context)
    const exit = Promise.withResolvers<ProgramExit>()
    child.once('error', error => exit.resolve({ exitCode: 127, message: messageOf(error) }))
    // When a container's first process ends, the rest of it ends too.
    child.once('exit', () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'))
    child.once('close', (code, signal) => exit.resolve({ exitCode: exitCodeOf(code, signal), message: lastLines.join('\n') }))
    const send = (signal: NodeJS.Signals) => {
      const runs = child.exitCode === null && child.signalCode === null
      if (runs && child.pid !== undefined) signalGroup(child.pid, signal)
    }
    return { exited: exit.promise, terminate: () => send('SIGTERM'), kill: () => send('SIGKILL') }
  },
})
