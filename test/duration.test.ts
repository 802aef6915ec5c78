import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DurationInvalid, formatDurationMs, parseDurationMs } from '../src/duration.ts'

describe('durations', () => {
  it.each([
    ['0', 0],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
  ])('%s is %d ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms))

  it.each(['', '10', '10sfoo', 's', '1 s', '-1s'])('%j is none', text => expect(() => parseDurationMs(text)).toThrow(DurationInvalid))

  it.each([
    [0, '0s'],
    [500, '500ms'],
    [1515, '1.515s'],
    [60_000, '1m0s'],
    [3_661_000, '1h1m1s'],
  ])('%d ms reads %s', (ms, text) => expect(formatDurationMs(ms)).toBe(text))

  it('reads back what it prints', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), ms => {
        expect(Math.abs(parseDurationMs(formatDurationMs(ms)) - ms)).toBeLessThan(1)
      }),
    ))
})
