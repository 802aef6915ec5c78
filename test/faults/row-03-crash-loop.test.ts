import { expect, it } from 'vitest'
import type { Stage, StageOptions } from '../support/stage.ts'
import { team } from '../support/stage.ts'
import { initialized, promoted, standing } from './on-stage.ts'

const interval = 10

/** Eight steps of ten seconds. */
const options: StageOptions = { objects: team({ analysis: { stepWeight: 5, maxWeight: 40 }, spec: { progressDeadlineSeconds: 600 } }) }

/** Releases v2 and looks every second: which shares the canary got, and for how many seconds each. */
const schedule = async (
  stage: Stage,
  eachSecond: () => Promise<void>,
): Promise<readonly (readonly [weight: number, seconds: number])[]> => {
  const seen: [number, number][] = []
  await stage.release('v2')
  for (let second = 0; second < 300 && stage.phase !== 'Succeeded'; second += 1) {
    await eachSecond()
    await stage.pass(1)
    const weight = stage.weights[1] ?? 0
    const last = seen.at(-1)
    if (last?.[0] === weight) last[1] += 1
    else seen.push([weight, 1])
  }
  return seen
}

const ramp = [5, 10, 15, 20, 25, 30, 35, 40]

it('a process that is killed and started again every second climbs the same steps, none of them faster', async () => {
  const undisturbed = await schedule(await initialized(options), async () => {})
  const stage = await initialized(options)
  const disturbed = await schedule(stage, () => stage.restart())
  expect(undisturbed.map(([weight]) => weight).filter(weight => weight > 0)).toEqual(ramp)
  expect(disturbed.map(([weight]) => weight).filter(weight => weight > 0)).toEqual(ramp)
  const steps = disturbed.filter(([weight]) => weight > 0)
  expect(Math.min(...steps.map(([, seconds]) => seconds))).toBeGreaterThanOrEqual(interval - 1)
  expect(Math.max(...steps.map(([, seconds]) => seconds))).toBeLessThanOrEqual(interval + 2)
  await stage.untilRest('Succeeded')
  expect(standing(stage)).toEqual(promoted)
})

it('a process that dies sixty times, a second apart, while nothing runs writes nothing', async () => {
  const stage = await initialized(options)
  await stage.pass(60)
  stage.api.forgetRequests()
  for (let life = 0; life < 60; life += 1) {
    await stage.restart()
    await stage.pass(1)
  }
  expect(stage.api.requests.filter(({ verb }) => !['list', 'watch', 'get'].includes(verb))).toEqual([])
})
