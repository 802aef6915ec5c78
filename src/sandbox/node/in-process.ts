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
