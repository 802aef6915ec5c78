import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Series } from '../../../src/sandbox/prometheus/storage/series.ts'

const everything = (series: Series): number[][] => {
  const { times, values } = series.window(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return [...times].map((timeMs, index) => [timeMs, values[index] ?? Number.NaN])
}

const seriesWith = (...samples: readonly (readonly [number, number])[]): Series => {
  const series = new Series([])
  for (const [timeMs, value] of samples) series.append(timeMs, value)
  return series
}

describe('a series', () => {
  it('refuses a sample older than its newest one', () => {
    expect(seriesWith([2000, 1]).append(1000, 5)).toBe(false)
  })

  it('refuses another value for the same instant', () => {
    expect(seriesWith([2000, 1]).append(2000, 5)).toBe(false)
  })

  it('takes the very same sample again without keeping it twice', () => {
    const series = seriesWith([2000, Number.NaN])
    expect([series.append(2000, Number.NaN), series.size]).toEqual([true, 1])
  })

  it('leaves the old end of a window out and takes the new end in', () => {
    const { times } = seriesWith([1000, 1], [2000, 2], [3000, 3]).window(1000, 3000)
    expect([...times]).toEqual([2000, 3000])
  })

  it('has no newest sample once it ended', () => {
    const series = seriesWith([1000, 1])
    series.markStale(2000)
    expect([series.latest(0, 1999)?.value, series.latest(0, 2000)]).toEqual([1, undefined])
  })

  it('lives again with the next sample', () => {
    const series = seriesWith([1000, 1])
    series.markStale(2000)
    series.append(3000, 7)
    expect([series.latest(0, 2500), series.latest(0, 3000)?.value]).toEqual([undefined, 7])
  })

  it('forgets samples before a limit and keeps the one at it', () => {
    const series = seriesWith([1000, 1], [2000, 2], [3000, 3])
    series.dropBefore(2000)
    expect(everything(series)).toEqual([
      [2000, 2],
      [3000, 3],
    ])
  })

  it('counts time anew when samples lie weeks apart', () => {
    const week = 604_800_000
    const series = seriesWith([0, 0], [week, 1], [6 * week, 6], [8 * week, 8])
    expect(everything(series)).toEqual([
      [week, 1],
      [6 * week, 6],
      [8 * week, 8],
    ])
  })

  it('gives back what was put in, whatever was dropped in between', () => {
    const steps = fc.array(fc.record({ gapMs: fc.integer({ min: 1, max: 100_000 }), value: fc.double(), drop: fc.boolean() }), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(steps, given => {
        const series = new Series([])
        let kept: number[][] = []
        let timeMs = 0
        for (const { gapMs, value, drop } of given) {
          timeMs += gapMs
          series.append(timeMs, value)
          kept.push([timeMs, value])
          if (!drop) continue
          const limitMs = timeMs - 200_000
          series.dropBefore(limitMs)
          kept = kept.filter(([atMs = 0]) => atMs >= limitMs)
        }
        expect(everything(series)).toEqual(kept)
      }),
    )
  })
})
