import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { mutants as allMutants } from './all.ts'
import { edited, type Mutant } from './mutant.ts'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '../..')

/** What came of one mutant. */
interface Trial {
  readonly mutant: Mutant
  /** The first seed that broke the rule, and what it says; undefined when nothing noticed. */
  readonly found: { readonly seed: number; readonly text: string } | undefined
  readonly seconds: number
  /** What was noticed beside that. */
  readonly others: readonly string[]
}

/** What a run of the simulation is made of. */
const parts = ['src', 'crds', 'package.json', 'test/simulation', 'test/support', 'test/mutants'] as const

/** A copy of the source, broken. */
const broken = async (mutant: Mutant, dir: string): Promise<void> => {
  for (const part of parts) await cp(join(root, part), join(dir, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'))
  for (const edit of mutant.edits) {
    const path = join(dir, 'src', edit.file)
    await writeFile(path, edited(await readFile(path, 'utf8'), edit))
  }
}

/** By then a mutant has shown itself, or nothing looks where it does harm. */
const mostSeeds = 120
const limitMs = 240_000

const tryMutant = async (mutant: Mutant): Promise<Trial> => {
  const startMs = performance.now()
  const dir = await mkdtemp(join(tmpdir(), 'serin-mutant-'))
  try {
    await broken(mutant, dir)
    const args = [join(dir, 'test/mutants/trial.ts'), String(mutant.shownBy ?? 1), String(mostSeeds), mutant.breaks.join(',')]
    const { stdout } = await run(process.execPath, args, { cwd: dir, timeout: limitMs, maxBuffer: 1 << 26 })
    const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { seed?: number; found?: string; others?: readonly string[] }
    const found = said.seed === undefined ? undefined : { seed: said.seed, text: said.found ?? '' }
    return { mutant, found, seconds: secondsSince(startMs), others: said.others ?? [] }
  } catch (error) {
    if (!isTimeOut(error)) throw error
    return { mutant, found: undefined, seconds: secondsSince(startMs), others: ['it took too long'] }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const isTimeOut = (error: unknown): boolean => typeof error === 'object' && error !== null && 'killed' in error && error.killed === true

const secondsSince = (startMs: number): number => Math.round((performance.now() - startMs) / 100) / 10

const lineOf = ({ mutant, found, seconds, others }: Trial): string =>
  found
    ? `caught  ${mutant.name}: seed ${found.seed}, ${found.text.slice(0, 120)} (${seconds}s)`
    : `MISSED  ${mutant.name}: expected ${mutant.breaks.join(' or ')} (${seconds}s)${others
        .slice(0, 3)
        .map(text => `\n        beside: ${text}`)
        .join('')}`

export interface MutantRun {
  /** A pattern that the names of those that are tried match; all when it is empty. */
  readonly named: string
  readonly workers: number
  say(line: string): void
}

/** Breaks the controller in every known way and sees whether the simulation notices. */
export const runMutants = async ({ named, workers, say }: MutantRun): Promise<{ readonly mutants: number; readonly caught: number }> => {
  const waiting = allMutants.filter(({ name }) => new RegExp(named).test(name))
  const mutants = waiting.length
  let caught = 0
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const trial = await tryMutant(mutant)
      if (trial.found) caught += 1
      say(lineOf(trial))
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return { mutants, caught }
}
