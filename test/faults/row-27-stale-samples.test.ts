import { describe, expect, it } from 'vitest'
import { answering, createOutsideWorld } from '../support/outside-world.ts'
import { atWeight, isTold, rolledBack, standing } from './on-stage.ts'
import { createSamples, scrapes } from './samples.ts'

/** A minute of scrapes of a canary without an error, and nothing after it. */
const silentSince60s = () => {
  const samples = createSamples()
  for (const [at, seconds] of scrapes(1).entries()) samples.count(seconds, at * 100)
  return samples
}

describe('a store whose last sample is old', () => {
  it.each([121, 180, 300, 360])('at second %i answers nothing: the window of the query is a minute', async seconds => {
    const found = await silentSince60s().successRate(seconds)
    expect([found?.value, found?.silence?.kind]).toEqual([undefined, 'no-data'])
  })

  it('answers while the window still has two samples', async () => {
    expect((await silentSince60s().successRate(100))?.value).toBe(100)
  })

  it('of a pod that ended answers what it counted, as long as the window reaches', async () => {
    const samples = silentSince60s()
    samples.end(61)
    expect((await samples.successRate(70))?.value).toBe(100)
    expect((await samples.successRate(180))?.value).toBeUndefined()
  })
})

describe('a release of which nothing is known any more', () => {
  it('is held, then rolled back with the reason NoEvidence', async () => {
    const world = createOutsideWorld()
    const stage = await atWeight(20, { tools: world.tools })
    world.state.store = answering({ status: 'success', data: { resultType: 'vector', result: [] } })
    await stage.until(() => isTold(stage, 'no values found'))
    expect([stage.weights, stage.status.failedChecks]).toEqual([[80, 20], 0])
    await stage.untilRest('Failed')
    expect([stage.status.failure?.reason, standing(stage)]).toEqual(['NoEvidence', rolledBack])
  })
})
