import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { messageOf } from '../../errors.ts'
import type { Command, CommandResult, Program, ProgramContext, ProgramExit } from './program.ts'

export interface ChildProcessOptions {
  readonly commandOf: (context: ProgramContext) => Command
  /** What a command that a probe or a hook names really is; without it, the file of that name. */
  readonly find?: (file: string) => string
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
const followOutput = (child: ChildProcessByStdio<null, Readable, Readable>, { log }: ProgramContext): readonly string[] => {
  const lastLines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', line => {
      lastLines.push(line)
      if (lastLines.length > keptLines) lastLines.shift()
      log.debug({ line }, 'container output')
    })
  return lastLines
}

/** Runs a command to its end; when the signal aborts, it is killed. */
const runOnce = ({ file, args }: Command, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<CommandResult> =>
  new Promise(resolve => {
    const child = execFile(file, [...args], { env, signal, killSignal: 'SIGKILL' }, (_, stdout, stderr) =>
      resolve({ exitCode: exitCodeOf(child.exitCode, child.signalCode), output: `${stdout}${stderr}`.trim() }),
    )
  })

/** Runs a program as a process of its own, in a process group of its own, so that whatever it starts goes with it. */
export const childProcess = ({ commandOf, find = file => file, baseEnv = {} }: ChildProcessOptions): Program => ({
  start: context => {
    const { inside } = context
    const command = commandOf(context)
    const { file, args } = inside ? inside(command) : command
    const env = { ...baseEnv, ...context.env }
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
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
    return {
      exited: exit.promise,
      terminate: () => send('SIGTERM'),
      kill: () => send('SIGKILL'),
      ...(child.pid === undefined ? {} : { processGroup: child.pid }),
      // Without a view of its own the paths in such a command would mean something else.
      ...(inside ? { exec: ([name = '', ...rest], signal) => runOnce(inside({ file: find(name), args: rest }), env, signal) } : {}),
    }
  },
})
