import { describe, expect, it } from 'vitest'
import { createSamples, scrapes } from './samples.ts'

/** Ninety good requests and ten bad ones between two scrapes, through two minutes, told to the store as `tell` likes. */
const rateOf = async (tell: (samples: ReturnType<typeof createSamples>, seconds: number, at: number) => void) => {
  const samples = createSamples()
  for (const [at, seconds] of scrapes(2).entries()) tell(samples, seconds, at)
  return samples.successRate(120)
}

const both = (samples: ReturnType<typeof createSamples>, seconds: number, from: number): void => {
  samples.count(seconds, from * 90)
  samples.count(seconds, from * 10, { code: '500' })
}

describe('a success rate of 90 %', () => {
  it('is 90 % where nothing is uneven', async () => {
    expect((await rateOf(both))?.value).toBeCloseTo(90)
  })

  it('is 90 % although the counters begin anew in the window', async () => {
    const found = await rateOf((samples, seconds, at) => both(samples, seconds, at < 9 ? at : at - 9))
    expect(found?.value).toBeGreaterThan(85)
    expect(found?.value).toBeLessThan(95)
  })

  it('is 90 % although a pod is new in the window', async () => {
    const found = await rateOf((samples, seconds, at) => {
      both(samples, seconds, at)
      if (at < 9) return
      samples.count(seconds, (at - 9) * 90, { pod: 'b' })
      samples.count(seconds, (at - 9) * 10, { pod: 'b', code: '500' })
    })
    expect(found?.value).toBeCloseTo(90)
  })

  it('is 90 % although every third scrape is missing', async () => {
    const found = await rateOf((samples, seconds, at) => {
      if (at % 3 !== 0) both(samples, seconds, at)
    })
    expect(found?.value).toBeCloseTo(90)
  })

  it('is 90 % although every sample comes twice', async () => {
    const found = await rateOf((samples, seconds, at) => {
      both(samples, seconds, at)
      both(samples, seconds, at)
    })
    expect(found?.value).toBeCloseTo(90)
  })

  it('is 90 % although a sample of the past comes late: the store refuses it', async () => {
    const refused: boolean[] = []
    const found = await rateOf((samples, seconds, at) => {
      both(samples, seconds, at)
      if (at === 10) refused.push(samples.count(seconds - 30, 1))
    })
    expect(refused).toEqual([false])
    expect(found?.value).toBeCloseTo(90)
  })
})

describe('a success rate', () => {
  it('of one scrape alone is no number, and says so', async () => {
    const found = await rateOf((samples, seconds, at) => {
      if (at === 11) both(samples, seconds, at)
    })
    expect([found?.value, found?.silence?.kind]).toEqual([undefined, 'no-data'])
  })
})
