import { storyOf, tell } from './run-seed.ts'

const [from = 1, count = 20] = process.argv.slice(2).map(Number)
const startedMs = performance.now()
let bad = 0
for (let seed = from; seed < from + count; seed += 1) {
  const one = performance.now()
  const outcome = await tell(storyOf(seed))
  if (outcome.violations.length > 0) {
    bad += 1
    console.log(`seed ${seed}: ${outcome.violations.join('; ')} (${(performance.now() - one).toFixed(0)}ms)`)
    if (count === 1) console.log(outcome.trace.join('\n'))
  } else if (count === 1) console.log(outcome.trace.join('\n'))
}
console.log(
  `${count} seeds, ${bad} bad, ${((performance.now() - startedMs) / count).toFixed(0)}ms each, cpu ${(process.cpuUsage().user / 1000 / count).toFixed(0)}ms`,
)
