import { runBatch } from '../simulation/batch.ts'

/*
 * Runs in a copy of the source that was broken on purpose: `node test/mutants/trial.ts FIRST COUNT RULES`. Says with one line of JSON which seed
 * was the first to break one of the rules, and how; where none did, what else was broken. FIRST is tried before the seeds from 1 on.
 */

const [first = 1, count = 1] = process.argv.slice(2, 4).map(Number)
const rules = (process.argv[4] ?? '').split(',')

const others: string[] = []
for (const seed of [first, ...Array.from({ length: count }, (_, index) => index + 1)]) {
  const { broken } = await runBatch([seed])
  const violations = broken.flatMap(one => one.violations)
  const found = violations.find(text => rules.includes(text.split(':')[0] ?? ''))
  if (found) {
    console.log(JSON.stringify({ seed, found }))
    process.exit(0)
  }
  others.push(...violations.slice(0, 1).map(text => `${seed} ${text.slice(0, 200)}`))
}
console.log(JSON.stringify({ others }))
process.exit(0)
