import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface CommandOptions {
  readonly cwd?: string
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
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
export const runCommand = async (command: readonly string[], { env = {}, ...options }: CommandOptions = {}): Promise<string> => {
  const [file = '', ...args] = command
  try {
    const { stdout } = await promisify(execFile)(file, args, { ...options, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 })
    return stdout
  } catch (error) {
    const { stdout, stderr, message } = error as Failure
    throw new Error(`\`${command.join(' ')}\` failed:\n${lastLines(stderr || stdout || message)}`, { cause: error })
  }
}
