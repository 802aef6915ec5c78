import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/loadtester/latency-histogram.ts'

const histogramOf = (latencies: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram()
  for (const latency of latencies) histogram.add(latency)
  return histogram
}

/** The smallest latency that at least `percent` of all do not exceed. */
const exactPercentile = (latencies: readonly number[], percent: number): number =>
  latencies.toSorted((a, b) => a - b)[Math.max(0, Math.ceil((percent / 100) * latencies.length) - 1)] ?? 0

const someLatencies = fc.array(fc.double({ min: 0.01, max: 60_000, noNaN: true }), { minLength: 1 })

describe('a latency histogram', () => {
  it('is all zero without requests', () => {
    const empty = new LatencyHistogram()
    expect([empty.count, empty.fastestMs, empty.slowestMs, empty.averageMs, empty.percentileMs(99)]).toEqual([0, 0, 0, 0, 0])
  })

  it('keeps the fastest, the slowest and the average exactly', () => {
    const { fastestMs, slowestMs, averageMs } = histogramOf([3, 1, 8])
    expect({ fastestMs, slowestMs, averageMs }).toEqual({ fastestMs: 1, slowestMs: 8, averageMs: 4 })
  })

  it('knows every percentile to one percent', () =>
    fc.assert(
      fc.property(someLatencies, fc.constantFrom(10, 25, 50, 75, 90, 95, 99), (latencies, percent) => {
        const exact = exactPercentile(latencies, percent)
        const found = histogramOf(latencies).percentileMs(percent)
        expect(found).toBeGreaterThanOrEqual(exact * 0.999999)
        expect(found).toBeLessThanOrEqual(exact * 1.0101)
      }),
    ))

  it('draws every request into exactly one bar', () =>
    fc.assert(
      fc.property(someLatencies, latencies => {
        const drawn = histogramOf(latencies)
          .bars(10)
          .reduce((sum, { count }) => sum + count, 0)
        expect(drawn).toBe(latencies.length)
      }),
    ))
})
