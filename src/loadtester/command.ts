import { type ChildProcess, spawn } from 'node:child_process'
import { formatDurationMs } from '../duration.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'

/** What a task came to. `failure` is absent when it went well. */
export interface Outcome {
  /** Standard output and standard error as they came. */
  readonly output: string
  readonly failure?: string
}

/** A program to run: never through a shell, unless the program is one. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

/** Output beyond this is dropped, and the end of the output says so. */
const mostOutputBytes = 1024 * 1024

/** Time between asking a command to end and killing it. */
const killGraceMs = 1000

/**
 * Runs a command to its end. It leads a process group of its own; at the time-out, when the signal aborts, and when the command has ended, the whole
 * group is ended, so that nothing it started is left. Never rejects: a program that cannot be started is a failure too.
 */
export const runCommand = (command: Command, { clock, signal }: Io): Promise<Outcome> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve({ output: '', failure: messageOf(signal.reason) })
    const child = spawn(command.program, command.args, { env: { ...command.env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = collectOutput(child)
    let why: string | undefined
    let cancelKill = () => {}
    const end = (reason: string) => {
      why ??= reason
      killGroup(child, 'SIGTERM')
      cancelKill = clock.schedule(killGraceMs, () => {
        killGroup(child, 'SIGKILL')
        // A process that left the group may hold the pipes for ever; nobody waits for it.
        child.stdout.destroy()
        child.stderr.destroy()
      })
    }
    const onAbort = () => end(messageOf(signal.reason))
    const cancelTimeout = clock.schedule(command.timeoutMs, () => end(`timed out after ${formatDurationMs(command.timeoutMs)}`))
    signal.addEventListener('abort', onAbort, { once: true })
    const finish = (failure: string | undefined) => {
      cancelTimeout()
      cancelKill()
      signal.removeEventListener('abort', onAbort)
      killGroup(child, 'SIGKILL')
      resolve({ output: output(), ...(failure === undefined ? {} : { failure }) })
    }
    child.once('error', error => finish(messageOf(error)))
    child.once('close', (code, killedBy) => finish(why ?? exitText(code, killedBy)))
  })

const exitText = (code: number | null, killedBy: NodeJS.Signals | null): string | undefined => {
  if (killedBy !== null) return `signal: ${killedBy}`
  return code === 0 ? undefined : `exit status ${code}`
}

const collectOutput = (child: ChildProcess): (() => string) => {
  const chunks: Buffer[] = []
  let bytes = 0
  const keep = (chunk: Buffer) => {
    if (bytes < mostOutputBytes) chunks.push(chunk.subarray(0, mostOutputBytes - bytes))
    bytes += chunk.byteLength
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => {
    const text = Buffer.concat(chunks).toString('utf8')
    return bytes > mostOutputBytes ? `${text}\n[${bytes - mostOutputBytes} more bytes dropped]\n` : text
  }
}

/** A group outlives its leader as long as it has members. None left is what we want, and those that changed their user are not ours to end. */
const killGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (thrown) {
    if (!['ESRCH', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
  }
}
