import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const models = resolve(import.meta.dirname, '../../models')

/** How one verifier is made and asked. */
interface Making {
  /** Switches for the model's own preprocessor, such as `BOUNDED`. */
  readonly define?: string
  /** Switches of the verifier that spin writes, such as `-DNOREDUCE`. */
  readonly build?: readonly string[]
}

/** A verifier that spin wrote and the C compiler built. */
export interface Verifier {
  /** Whether a property holds, and in how many states. */
  check(property: string, options?: { readonly fair?: boolean }): Promise<{ readonly holds: boolean; readonly states: number }>
  /** Every line that the model prints on its way through all its states, each once. */
  lines(): Promise<readonly string[]>
}

const minutesMs = 240_000
const limits = { timeout: minutesMs, maxBuffer: 1 << 30 }
const deep = '-m2000000'

/** @throws {Error} when a program is missing: both are Debian packages */
export const needPrograms = async (): Promise<void> => {
  for (const [program, option] of [
    ['spin', '-V'],
    ['gcc', '--version'],
  ] as const) {
    await run(program, [option]).catch((cause: unknown) => {
      throw new Error(`expected ${program} on PATH to check the models with; apt-get install ${program}`, { cause })
    })
  }
}

/** Builds the verifier of `models/NAME.pml` in a folder of its own and hands it to `use`. */
export const withVerifier = async <T>(
  name: string,
  { define, build = [] }: Making,
  use: (verifier: Verifier) => Promise<T>,
): Promise<T> => {
  const cwd = await mkdtemp(join(tmpdir(), `serin-model-${name}-`))
  try {
    await run('spin', [...(define ? [`-D${define}`] : []), '-a', join(models, `${name}.pml`)], { cwd, ...limits })
    await run('gcc', ['-O1', '-w', '-DMEMLIM=2000', ...build, '-o', 'pan', 'pan.c'], { cwd, ...limits })
    return await use(verifierIn(cwd))
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

const verifierIn = (cwd: string): Verifier => ({
  check: async (property, { fair = false } = {}) => {
    const { stdout } = await run('./pan', ['-a', ...(fair ? ['-f'] : []), deep, '-N', property], { cwd, ...limits })
    const errors = numberIn(stdout, /errors: (\d+)/)
    const isCutShort = errors === 0 && /search depth too small|search not completed/i.test(stdout)
    if (errors === undefined || isCutShort) throw new Error(`expected ${property} to be searched to the end, got:\n${stdout}`)
    return { holds: errors === 0, states: numberIn(stdout, /(\d+) states, stored/) ?? 0 }
  },
  lines: async () => {
    const { stdout } = await run('./pan', [deep], { cwd, ...limits })
    if (numberIn(stdout, /errors: (\d+)/) !== 0) throw new Error(`expected a walk through all states, got:\n${stdout.slice(-2000)}`)
    return [...new Set(stdout.split('\n'))].filter(line => line.startsWith('STEP '))
  },
})

const numberIn = (text: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
