import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { runBatch } from '../simulation/batch.ts'
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
const mostSeeds = 240
const limitMs = 900_000

type Finding = Pick<Trial, 'found' | 'others'>

const tryMutant = async (mutant: Mutant): Promise<Trial> => {
  const startMs = performance.now()
  const dir = await mkdtemp(join(tmpdir(), 'serin-mutant-'))
  try {
    await broken(mutant, dir)
    const finding = await findingIn(dir, mutant)
    return { mutant, ...finding, seconds: Math.round((performance.now() - startMs) / 100) / 10 }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const findingIn = async (dir: string, { shownBy = 1, breaks }: Mutant): Promise<Finding> => {
  const args = [join(dir, 'test/mutants/trial.ts'), String(shownBy), String(mostSeeds), breaks.join(',')]
  const stdout = await run(process.execPath, args, { cwd: dir, timeout: limitMs, maxBuffer: 1 << 26 }).then(
    told => told.stdout,
    (error: unknown) => {
      if (isTimeOut(error)) return '{"others":["it took too long"]}'
      throw error
    },
  )
  const { seed, found = '', others = [] } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Said
  if (seed === undefined) return { found: undefined, others }
  return (await isBrokenAnyway(seed))
    ? { found: undefined, others: [`seed ${seed} breaks a rule without it too`] }
    : { found: { seed, text: found }, others }
}

interface Said {
  readonly seed?: number
  readonly found?: string
  readonly others?: readonly string[]
}

/** What the source as it is breaks as well says nothing about a mutant. */
const isBrokenAnyway = async (seed: number): Promise<boolean> => (await runBatch([seed])).broken.length > 0

const isTimeOut = (error: unknown): boolean => typeof error === 'object' && error !== null && 'killed' in error && error.killed === true

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
