import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface CommandOptions {
  readonly cwd?: string
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** What the program reads from its standard input. */
  readonly input?: string
}

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-20).join('\n')

interface Failure extends Error {
  readonly stdout?: string
  readonly stderr?: string
}

/**
 * Runs a program to its end; what it wrote to its standard output.
 * @throws {Error} it could not be started or did not end with 0; the message has its last words, `cause` the original
 */
export const runCommand = async (
  command: readonly string[],
  { env = {}, input = '', ...options }: CommandOptions = {},
): Promise<string> => {
  const [file = '', ...args] = command
  try {
    const running = promisify(execFile)(file, args, { ...options, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 })
    running.child.stdin?.on('error', () => {}) // it may end before it has read everything; its exit code tells
    running.child.stdin?.end(input)
    const { stdout } = await running
    return stdout
  } catch (error) {
    const { stdout, stderr, message } = error as Failure
    throw new Error(`\`${command.join(' ')}\` failed:\n${lastLines(stderr || stdout || message)}`, { cause: error })
  }
}
