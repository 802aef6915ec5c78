import { describe, expect, it } from 'vitest'
import { createBatchExperience } from '../../src/metrics/batch-experience.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `q${at}`)
const minutes = (count: number): number => count * 60_000
const fine = names(2).map(query => ({ query, fits: true, atFault: false }))
const hour = minutes(60)

describe('how many queries a batch may have', () => {
  it('is 50 at first', () => expect(createBatchExperience().limit).toBe(50))

  it('is half of a slow one', () => {
    const experience = createBatchExperience()
    experience.answered(names(40), 251, 0)
    expect(experience.limit).toBe(20)
  })

  it('is never below five', () => {
    const experience = createBatchExperience()
    experience.answered(names(3), 900, 0)
    expect(experience.limit).toBe(5)
  })

  it('doubles after a quick one that was full', () => {
    const experience = createBatchExperience()
    experience.answered(names(40), 300, 0)
    experience.answered(names(20), 100, 0)
    expect(experience.limit).toBe(40)
  })

  it('stays after a quick one that was not full', () => {
    const experience = createBatchExperience()
    experience.answered(names(40), 300, 0)
    experience.answered(names(19), 10, 0)
    expect(experience.limit).toBe(20)
  })

  it('is never above 50', () => {
    const experience = createBatchExperience()
    experience.answered(names(50), 10, 0)
    expect(experience.limit).toBe(50)
  })
})

describe('a query of a slow batch', () => {
  it('stays out for five minutes', () => {
    const experience = createBatchExperience()
    experience.answered(['q'], 300, 0)
    expect([minutes(5) - 1, minutes(5)].map(nowMs => experience.mayBatch('q', nowMs))).toEqual([false, true])
  })

  it('comes back as soon as it is quick alone', () => {
    const experience = createBatchExperience()
    experience.answered(['q'], 300, 0)
    experience.asked({ query: 'q', fits: true, atFault: false }, 1)
    expect(experience.mayBatch('q', 1)).toBe(true)
  })

  it('stays out longer each time it is slow alone', () => {
    const experience = createBatchExperience()
    experience.answered(['q'], 300, 0)
    experience.asked({ query: 'q', fits: false, atFault: false }, minutes(4))
    expect(experience.mayBatch('q', minutes(8))).toBe(false)
  })
})

describe('a pause', () => {
  it('doubles as long as nothing gets better, up to an hour', () => {
    const experience = createBatchExperience()
    const pauses = [0, 1, 2, 3, 4, 5].map(turn => experience.failed(fine, turn * hour))
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60].map(minutes))
  })

  it('is short again after a batch that went well', () => {
    const experience = createBatchExperience()
    experience.failed(fine, 0)
    experience.answered(names(2), 10, hour)
    expect(experience.failed(fine, 2 * hour)).toBe(minutes(5))
  })

  it('is for all queries', () => {
    const experience = createBatchExperience()
    experience.failed(fine, 0)
    expect(experience.mayBatch('another', minutes(4))).toBe(false)
  })

  it('is not made when one query was the trouble', () => {
    const experience = createBatchExperience()
    expect(experience.failed([...fine, { query: 'bad', fits: false, atFault: false }], 0)).toBeUndefined()
  })
})

describe('what a failed batch teaches about its queries', () => {
  it('is nothing when none got through', () => {
    const experience = createBatchExperience()
    experience.failed([{ query: 'q', fits: false, atFault: false }], 0)
    expect(experience.mayBatch('q', 1)).toBe(true)
  })

  it('is something all the same when the answer blames one', () => {
    const experience = createBatchExperience()
    experience.failed([{ query: 'q', fits: false, atFault: true }], 0)
    expect(experience.mayBatch('q', 1)).toBe(false)
  })
})
