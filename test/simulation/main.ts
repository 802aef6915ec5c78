import { parseArgs } from 'node:util'
import type { BrokenSeed } from './batch.ts'
import { coverageText, isComplete } from './coverage.ts'
import { momentText } from './incidents.ts'
import { ruleOf } from './outcome.ts'
import { storyOf, tell } from './run-seed.ts'
import { runSeeds, type Summary } from './run-seeds.ts'
import { setupText } from './setup.ts'
import { shrink } from './shrink.ts'

const usage = `usage: npm run sim -- [--seeds N] [--from N] [--workers N] [--json]
       npm run sim -- --seed N [--keep 0,3,4]
       npm run sim -- --mutants [--named PATTERN] [--workers N] [--json]
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    seed: { type: 'string' },
    keep: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    named: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
})

/** With fewer seeds than this, something rare may well not happen. */
const fewSeeds = 2000
/** Every rule that was broken is shown with the first seed that broke it, up to so many. */
const mostShown = 5

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const replay = async (seed: number, keep: readonly number[] | undefined): Promise<number> => {
  const outcome = await tell(storyOf(seed, keep))
  say(outcome.trace.join('\n'))
  for (const text of outcome.violations) say(`seed ${seed}: ${text}`)
  return outcome.violations.length === 0 ? 0 : 1
}

/** A broken seed with as little as it takes, in plain words. */
const explain = async ({ seed }: BrokenSeed): Promise<void> => {
  const { keep, outcome } = await shrink(await tell(storyOf(seed)))
  const story = storyOf(seed, keep)
  say(`\nseed ${seed} breaks ${ruleOf(outcome)}: ${setupText(story.setup)}`)
  for (const incident of story.incidents) say(`  ${momentText(incident)} ${incident.text}`)
  say(`  then all faults stop, and ${story.ending}`)
  for (const line of outcome.trace.slice(-25)) say(`    ${line}`)
  for (const text of outcome.violations) say(`  ${text}`)
  say(`  again: npm run sim -- --seed ${seed} --keep ${keep.join(',')}`)
}

const complain = (line: string): void => void process.stderr.write(`${line}\n`)

const note = (_done: number, broken: readonly BrokenSeed[]): void => {
  for (const { seed, violations } of broken) process.stderr.write(`seed ${seed}: ${violations[0]?.slice(0, 200)}\n`)
}

const firstOfEachRule = (broken: readonly BrokenSeed[]): readonly BrokenSeed[] => [
  ...new Map(broken.toReversed().map(one => [ruleOf(one), one])).values(),
]

const report = (summary: Summary, seconds: number): void => {
  const { seeds, broken } = summary
  const coverage = {
    states: coverageText(summary, 'states'),
    faults: coverageText(summary, 'faults'),
    transitions: coverageText(summary, 'transitions'),
  }
  const found = broken.length === 0 ? {} : { broken: broken.map(one => ({ seed: one.seed, rule: ruleOf(one) })) }
  if (values.json) say(JSON.stringify({ seeds, violations: broken.length, seconds, coverage, ...found }))
  else {
    say(`${seeds} seeds in ${seconds}s: ${broken.length} break a rule`)
    for (const [field, text] of Object.entries(coverage)) say(`${field}: ${text}`)
  }
}

const run = async (): Promise<number> => {
  const startedMs = performance.now()
  const [from, count, workers] = [values.from, values.seeds, values.workers].map(Number)
  const summary = await runSeeds({ from: from ?? 1, count: count ?? 0, workers: workers ?? 1, stopsAtFirst: values.first, onBatch: note })
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10 // of the search; to explain what it found takes as long again
  for (const one of firstOfEachRule(summary.broken).slice(0, mostShown)) await explain(one)
  report(summary, seconds)
  const isThin = summary.seeds >= fewSeeds && !isComplete(summary)
  return summary.broken.length > 0 || isThin ? 1 : 0
}

/** Each known way to break the controller has to be noticed: `--named` takes those whose names match. */
const runBroken = async (): Promise<number> => {
  const { runMutants } = await import('../mutants/run-mutants.ts')
  const counts = await runMutants({ named: values.named, workers: Number(values.workers), say: values.json ? complain : say })
  say(JSON.stringify(counts))
  return counts.caught === counts.mutants ? 0 : 1
}

const work = (): Promise<number> => {
  if (values.help) {
    say(usage)
    return Promise.resolve(0)
  }
  if (values.mutants) return runBroken()
  if (values.seed === undefined) return run()
  return replay(Number(values.seed), values.keep === undefined ? undefined : values.keep.split(',').filter(Boolean).map(Number))
}

process.exitCode = await work()
