import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { arrowLines } from './arrows.ts'
import { needPrograms, type Verifier, withVerifier } from './spin.ts'
import { type Step, stepOf } from './steps.ts'
import { walked } from './walk.ts'

/*
 * `npm run model`: checks the models with spin, and holds src/core to every step that the model can take. With `--write` the arrows of the
 * model are written anew, for the tests that run without spin.
 */

const arrowsFile = join(resolve(import.meta.dirname, '../../models'), 'rollout.arrows')
const flaws: string[] = []

const say = (text: string, isFine = true): void => {
  if (!isFine) flaws.push(text)
  console.log(`${isFine ? 'ok   ' : 'FLAW '} ${text}`)
}

interface Suite {
  readonly properties: readonly string[]
  readonly expected: boolean
  readonly fair?: boolean
}

const checkAll =
  (model: string, { properties, expected, fair = false }: Suite) =>
  async (verifier: Verifier): Promise<void> => {
    for (const property of properties) {
      const { holds, states } = await verifier.check(property, { fair })
      say(`${model} ${property} ${holds ? 'holds' : 'is broken'} (${states} states)`, holds === expected)
    }
  }

const walkAll = (steps: readonly Step[]): void => {
  const apart = steps.filter(step => !isDeepStrictEqual(walked(step), step.after))
  for (const step of apart.slice(0, 5)) console.log(JSON.stringify({ ...step, code: walked(step) }))
  say(`src/core takes ${steps.length - apart.length} of ${steps.length} steps of the model as the model does`, apart.length === 0)
}

const compareArrows = (steps: readonly Step[]): void => {
  const text = `${arrowLines(steps).join('\n')}\n`
  if (process.argv.includes('--write')) writeFileSync(arrowsFile, text)
  say('models/rollout.arrows is what the model does (else: npm run model -- --write)', readFileSync(arrowsFile, 'utf8') === text)
}

await needPrograms()
const startMs = performance.now()
await Promise.all([
  withVerifier('rollout', {}, checkAll('rollout', { properties: ['S3_S4_S6_S7_S23'], expected: true })),
  withVerifier('rollout', { define: 'BOUNDED' }, checkAll('rollout', { properties: ['L1', 'L3', 'L4'], expected: true, fair: true })),
])
await withVerifier('field', {}, checkAll('field', { properties: ['S3', 'S6', 'L3'], expected: false, fair: true }))
await withVerifier('rollout', { define: 'STEPS', build: ['-DSAFETY', '-DNOCLAIM', '-DNOREDUCE'] }, async verifier => {
  const steps = (await verifier.lines()).map(stepOf)
  walkAll(steps)
  compareArrows(steps)
})
console.log(`${flaws.length === 0 ? 'all of it holds' : `${flaws.length} flaws`}, in ${Math.round((performance.now() - startMs) / 1000)}s`)
process.exitCode = flaws.length === 0 ? 0 : 1
