import { describe, expect, it } from 'vitest'
import { prometheus2 } from '../../../src/sandbox/prometheus/engine/semantics.ts'
import { ask, askWith, load } from './load.ts'

/** One series, sampled every 10 s from second 0 on. */
const counter = (words: string) => load(10, { x_total: words })
const only = (answer: unknown): unknown => Object.values(answer as object)[0]

describe('rate and increase', () => {
  // At 60 s the window (0, 60] holds 10..60: growth 50 in 50 s, both ends within 1.1 distances: stretched to 60 s.
  it('stretches to both ends of a window that is filled', () => {
    expect(only(ask(counter('0+10x6'), 'increase(x_total[1m])', 60))).toBeCloseTo(60, 12)
  })

  it('is per second of the whole window', () => {
    expect(only(ask(counter('0+10x6'), 'rate(x_total[1m])', 60))).toBeCloseTo(1, 12)
  })

  // Samples 30 40 50 60 (growth 30 in 30 s); the start of (0, 60] is 30 s away: more than 11 s, so only half a distance, 5 s, is added.
  it('adds half a distance where the series begins within the window', () => {
    expect(only(ask(counter('_ _ _ 100+10x3'), 'increase(x_total[1m])', 60))).toBeCloseTo(35, 12)
  })

  // Samples at 10 20 30 (growth 20 in 20 s): 10 s to the start, and 5 s to the end instead of 30 s.
  it('adds half a distance where the series ends within the window', () => {
    expect(only(ask(counter('100 110 120 130'), 'increase(x_total[1m])', 60))).toBeCloseTo(35, 12)
  })

  // Values 2 12 22 at 40 50 60: it was zero 2 s before the first, which is less than half a distance.
  it('does not stretch back beyond the moment at which the counter was zero', () => {
    expect(only(ask(counter('_ _ _ _ 2+10x2'), 'increase(x_total[1m])', 60))).toBeCloseTo(22, 12)
  })

  // Values 8 13 18 at 40 50 60: zero 16 s before the first; half a distance, 5 s, comes first in version 3.
  it('looks at the moment of zero after the distance', () => {
    expect(only(ask(counter('_ _ _ _ 4+5x2'), 'increase(x_total[1m])', 60))).toBeCloseTo(10 * (25 / 20), 12)
  })

  // The same in version 2: zero 8 s before the first is within 1.1 distances, so all of the 8 s count.
  it('looks at the moment of zero before the distance in version 2', () => {
    const answer = askWith({ semantics: prometheus2 })(counter('_ _ _ _ 4+5x2'), 'increase(x_total[1m])', 60)
    expect(only(answer)).toBeCloseTo(10 * (28 / 20), 12)
  })

  // 10 20 5 15 25 35: growth 10, then 5 since the restart, then 30: 45 in 50 s.
  it('counts on from zero after a reset', () => {
    expect(only(ask(counter('0 10 20 5 15 25 35'), 'increase(x_total[1m])', 60))).toBeCloseTo(45 * (60 / 50), 12)
  })

  // 10 3 2 4: growth 3, 2 and 2 in 30 s; 30 s from the start is far: 5 s are added, but zero was 10 s · 30/7 before.
  it('takes every drop for a reset', () => {
    expect(only(ask(counter('_ _ _ 10 3 2 4'), 'increase(x_total[1m])', 60))).toBeCloseTo(7 * (35 / 30), 12)
  })

  // Samples at 5 and 65 are 60 s apart; only with both in the window there is a rate.
  it('needs two samples', () => {
    const sparse = load(5, { x_total: '_ 1 _ _ _ _ _ _ _ _ _ _ _ 61' })
    expect([ask(sparse, 'rate(x_total[1m])', 65), only(ask(sparse, 'rate(x_total[61s])', 65))]).toEqual([{}, expect.closeTo(1, 12)])
  })

  it('leaves a sample at the old end of the window out', () => {
    expect(only(ask(counter('0+10x6'), 'count_over_time(x_total[1m])', 60))).toBe(6)
  })

  it('takes a sample at the old end of the window in with the semantics of version 2', () => {
    expect(only(askWith({ semantics: prometheus2 })(counter('0+10x6'), 'count_over_time(x_total[1m])', 60))).toBe(7)
  })

  it('is zero for a counter that stands still', () => {
    expect(only(ask(counter('7+0x6'), 'rate(x_total[1m])', 60))).toBe(0)
  })

  it('looks at the window that offset names', () => {
    expect(only(ask(counter('0+10x6 60+0x6'), 'increase(x_total[1m] offset 1m)', 120))).toBeCloseTo(60, 12)
  })

  it('looks at the window that @ names', () => {
    expect(only(ask(counter('0+10x6 60+0x6'), 'increase(x_total[1m] @ 60)', 120))).toBeCloseTo(60, 12)
  })
})

describe('functions of the same family', () => {
  // All at second 60.
  it.each<[query: string, words: string, value: number]>([
    // -20 in 20 s, stretched by 10 s: a gauge may fall.
    ['delta(x_total[30s])', '_ _ _ _ 40 30 20', -30],
    ['irate(x_total[1m])', '0 10 20 30 40 50 65', 1.5],
    // The last value alone after a reset.
    ['irate(x_total[1m])', '0 10 20 30 40 50 5', 0.5],
    ['idelta(x_total[1m])', '0 10 20 30 40 50 5', -45],
    ['resets(x_total[1m])', '9 8 8 9 3 4 1', 2],
    ['changes(x_total[1m])', '9 8 8 9 3 4 1', 4],
    ['changes(x_total[1m])', '1 NaN NaN NaN 1 1 1', 1],
    ['deriv(x_total[1m])', '0 20 40 60 80 100 120', 2],
    ['predict_linear(x_total[1m], 30)', '0 20 40 60 80 100 120', 180],
    ['deriv(x_total[1m])', '5+0x6', 0],
  ])('%s of %s is %d', (query, words, value) => {
    expect(only(ask(counter(words), query, 60))).toBeCloseTo(value, 10)
  })

  it('leaves out series with one sample where two are needed', () => {
    const one = counter('_ _ _ 5')
    expect(['irate', 'idelta', 'deriv', 'delta', 'increase'].map(name => ask(one, `${name}(x_total[1m])`, 60))).toEqual([
      {},
      {},
      {},
      {},
      {},
    ])
  })
})
