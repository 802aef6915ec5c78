import { describe, expect, it } from 'vitest'
import type { Bucket } from '../../../src/sandbox/prometheus/engine/histogram.ts'
import { bucketQuantile } from '../../../src/sandbox/prometheus/engine/histogram.ts'
import { ask, load } from './load.ts'

const { POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number

const buckets = (counts: Readonly<Record<string, number>>): Bucket[] =>
  Object.entries(counts).map(([le, count]) => ({ upperBound: le === '+Inf' ? inf : Number(le), count }))

const usual = { '0.1': 10, '0.5': 30, 1: 40, '+Inf': 50 }

describe('a quantile of buckets', () => {
  it.each<{ name: string; q: number; counts: Readonly<Record<string, number>>; value: number }>([
    // Rank 20 is 10 of the 20 between 0.1 and 0.5.
    { name: 'lies between the bounds of its bucket', q: 0.4, counts: usual, value: 0.3 },
    { name: 'starts at zero in the lowest bucket', q: 0.1, counts: usual, value: 0.05 },
    { name: 'is the highest finite bound when it falls beyond', q: 0.9, counts: usual, value: 1 },
    { name: 'is a bound when the rank is exactly its count', q: 0.6, counts: usual, value: 0.5 },
    { name: 'of 0 is the start of the lowest bucket', q: 0, counts: usual, value: 0 },
    { name: 'of 1 is the highest finite bound', q: 1, counts: usual, value: 1 },
    { name: 'below 0 is an infinity', q: -0.1, counts: usual, value: minusInf },
    { name: 'above 1 is an infinity', q: 1.1, counts: usual, value: inf },
    { name: 'is the lowest bound when that is not above zero', q: 0.2, counts: { '-1': 10, 1: 20, '+Inf': 20 }, value: -1 },
    // Rank 12: 2 of the 10 between -1 and 1.
    { name: 'can be negative further up', q: 0.6, counts: { '-1': 10, 1: 20, '+Inf': 20 }, value: -0.6 },
    // 8 after 10 counts as 10, so rank 15 lies in the last bucket.
    { name: 'takes a falling count for the one before', q: 0.75, counts: { 1: 10, 2: 8, '+Inf': 20 }, value: 2 },
  ])('$name', ({ q, counts, value }) => {
    expect(bucketQuantile(q, buckets(counts), 1e-12)).toBeCloseTo(value, 12)
  })

  it.each<{ name: string; q: number; counts: Readonly<Record<string, number>> }>([
    { name: 'for a share that is NaN', q: Number.NaN, counts: usual },
    { name: 'of nothing observed', q: 0.5, counts: { 1: 0, '+Inf': 0 } },
    { name: 'without the +Inf bucket', q: 0.5, counts: { 1: 5, 2: 6 } },
    { name: 'with the +Inf bucket alone', q: 0.5, counts: { '+Inf': 6 } },
  ])('is NaN $name', ({ q, counts }) => {
    expect(bucketQuantile(q, buckets(counts), 1e-12)).toBeNaN()
  })

  it('does not mind buckets out of order', () => {
    expect(bucketQuantile(0.4, buckets(usual).reverse(), 1e-12)).toBeCloseTo(0.3, 12)
  })

  it('adds up buckets with the same bound', () => {
    expect(bucketQuantile(0.5, [...buckets({ 1: 5, '+Inf': 20 }), { upperBound: 1, count: 5 }], 1e-12)).toBe(1)
  })

  it('takes a count that hardly rises for the one before', () => {
    const hardly = buckets({ 1: 10, 2: 10 + 1e-13, '+Inf': 10 + 1e-13 })
    expect(bucketQuantile(1, hardly, 1e-12)).toBe(1)
  })
})

describe('histogram_quantile', () => {
  const store = load(10, {
    'd_bucket{pod="a",le="0.1"}': '0+1x6',
    'd_bucket{pod="a",le="1"}': '0+3x6',
    'd_bucket{pod="a",le="+Inf"}': '0+4x6',
    'd_bucket{pod="b",le="0.1"}': '0+2x6',
    'd_bucket{pod="b",le="1"}': '0+2x6',
    'd_bucket{pod="b",le="+Inf"}': '0+2x6',
    'd_bucket{pod="c",le="many"}': '1',
    'd_bucket{pod="c"}': '1',
  })

  it('answers per histogram, without name', () => {
    expect(ask(store, 'histogram_quantile(0.5, rate(d_bucket{pod=~"a|b"}[1m]))', 60)).toEqual({
      '{pod="a"}': expect.closeTo(0.55, 12),
      '{pod="b"}': expect.closeTo(0.05, 12),
    })
  })

  // Together 3, 5, 6 per step: rank 3 is the whole lowest bucket.
  it('answers for histograms that were added up', () => {
    expect(ask(store, 'histogram_quantile(0.5, sum by (le) (rate(d_bucket[1m])))', 60)).toEqual({ '{}': expect.closeTo(0.1, 12) })
  })

  it('passes over series whose le is no number', () => {
    expect(ask(store, 'histogram_quantile(0.5, d_bucket{pod="c"})', 0)).toEqual({})
  })
})
