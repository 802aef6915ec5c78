import { describe, expect, it } from 'vitest'
import { createSamples, scrapes } from './samples.ts'

/** Two minutes of a canary that fails so many of a hundred requests; the primary is counted as `primary` says, or not at all. */
const measured = async (bad: number, primary?: number) => {
  const samples = createSamples()
  for (const [at, seconds] of scrapes(2).entries()) {
    samples.count(seconds, at * (100 - bad))
    if (bad > 0) samples.count(seconds, at * bad, { code: '500' })
    if (primary !== undefined) samples.count(seconds, at * primary, { code: '500', workload: 'podinfo-primary' })
  }
  return samples.successRate(120)
}

/*
 * What is judged today is absolute: the canary by its own numbers. A judge that compares it with the primary does not exist yet; the first
 * one to come has to say in status that it is off when the primary has no numbers.
 */
describe('the success rate of a canary', () => {
  it.each([0, 5])('with %i % of bad requests is measured where the primary has no series', async bad => {
    expect((await measured(bad))?.value).toBeCloseTo(100 - bad)
  })

  it('is the same whatever the primary is counted with', async () => {
    expect((await measured(5, 100))?.value).toBeCloseTo(95)
  })

  it('is not made up where the canary has no series and the primary has', async () => {
    const samples = createSamples()
    for (const [at, seconds] of scrapes(2).entries()) samples.count(seconds, at * 100, { workload: 'podinfo-primary' })
    const found = await samples.successRate(120)
    expect([found?.value, found?.silence?.kind]).toEqual([undefined, 'no-data'])
  })
})
