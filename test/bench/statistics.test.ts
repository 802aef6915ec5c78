import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latenciesOf, megabytes, percentile, ratio, rounded } from '../../bench/statistics.ts'

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)

describe('a percentile', () => {
  it.each([
    [0, 1],
    [1, 1],
    [50, 50],
    [99, 99],
    [100, 100],
  ])('%i of 1 to 100 is %i', (percent, value) => expect(percentile(hundred, percent)).toBe(value))

  it('of one value is that value', () => expect(percentile([7], 99)).toBe(7))
  it('of nothing is not a number', () => expect(percentile([], 50)).toBeNaN())

  it('is always one of the values', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), fc.integer({ min: 0, max: 100 }), (values, percent) => {
        expect(values).toContain(percentile(values, percent))
      }),
    ))

  it('never falls when more percent are asked for', () =>
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer({ min: 0, max: 99 }), (values, percent) => {
        expect(percentile(values, percent + 1)).toBeGreaterThanOrEqual(percentile(values, percent))
      }),
    ))
})

describe('figures', () => {
  it('are cut to two digits', () => expect(rounded(1.23456)).toBe(1.23))
  it.each([NaN, Infinity, -Infinity])('say nothing of %d', value => expect(rounded(value)).toBeNull())
  it('of a share without a whole say nothing', () => expect(ratio(3, 0)).toBeNull())
  it('of a share have three digits', () => expect(ratio(1, 3)).toBe(0.333))
  it('count megabytes in powers of two', () => expect(megabytes(110 * 1024 * 1024)).toBe(110))
  it('of latencies are median, tail and worst', () =>
    expect(latenciesOf(hundred)).toEqual({ p50Ms: 50, p99Ms: 99, maxMs: 100, samples: 100 }))
  it('of no latencies are empty', () => expect(latenciesOf([])).toEqual({ p50Ms: null, p99Ms: null, maxMs: null, samples: 0 }))
})
