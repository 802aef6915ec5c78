import { describe, expect, it } from 'vitest'
import { boundMs, growth, readScrape, sampleOf } from '../../bench/passes/exposition.ts'

const scrapeWith = (fast: number, all: number) =>
  readScrape(
    [
      '# HELP late how late',
      '# TYPE late histogram',
      `late_bucket{le="0.005"} ${fast}`,
      `late_bucket{le="0.25",kind="a,b"} ${all}`,
      `late_bucket{le="+Inf"} ${all}`,
      'late_sum 3.5',
      `late_count ${all}`,
      'passes_total{outcome="done"} 40',
      'passes_total{outcome="retry"} 2',
      '',
    ].join('\n'),
  )

describe('a scrape', () => {
  it('sums a metric over its labels', () => expect(sampleOf(scrapeWith(1, 2), 'passes_total')).toBe(42))
  it('counts what is not there as nothing', () => expect(sampleOf(scrapeWith(1, 2), 'absent')).toBe(0))
  it('tells how much a counter grew', () => expect(growth('late_count', scrapeWith(1, 2), scrapeWith(1, 9))).toBe(7))
})

describe('the bound of a histogram', () => {
  const between = [scrapeWith(100, 100), scrapeWith(190, 200)] as const

  it('is the bucket that holds so many percent', () =>
    expect([boundMs('late', 50, between), boundMs('late', 90, between), boundMs('late', 99, between)]).toEqual([5, 5, 250]))

  it('is no number when nothing was observed', () => expect(boundMs('late', 50, [scrapeWith(1, 2), scrapeWith(1, 2)])).toBeNaN())
})
