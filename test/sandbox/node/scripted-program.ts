import type { Program, ProgramContext, ProgramExit, RunningProgram } from '../../../src/sandbox/node/program.ts'

/** One run of a scripted program: ends when the test says so. */
export interface ScriptedRun {
  readonly context: ProgramContext
  /** What the node asked for so far. */
  readonly asked: readonly ('terminate' | 'kill')[]
  exit(exit: ProgramExit): void
}

export interface ScriptedProgram extends Program {
  readonly runs: readonly ScriptedRun[]
}

export interface Script {
  /** Ends by itself when asked to. Otherwise only killing helps. */
  readonly obeys?: boolean
  readonly exec?: NonNullable<RunningProgram['exec']>
}

/** A program that does nothing but remember what was asked of it. */
export const scriptedProgram = ({ obeys = true, exec }: Script = {}): ScriptedProgram => {
  const runs: ScriptedRun[] = []
  return {
    runs,
    start: context => {
      const exited = Promise.withResolvers<ProgramExit>()
      const asked: ('terminate' | 'kill')[] = []
      runs.push({ context, asked, exit: exited.resolve })
      return {
        exited: exited.promise,
        terminate: () => {
          asked.push('terminate')
          if (obeys) exited.resolve({ exitCode: 0 })
        },
        kill: () => {
          asked.push('kill')
          exited.resolve({ exitCode: 137 })
        },
        ...(exec ? { exec } : {}),
      }
    },
  }
}
