import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharesOf } from '../../src/routing/shares.ts'

const weight = fc.integer({ min: 0, max: 1_000_000 })

describe('shares of relative weights', () => {
  it('are what they are where they sum to 100', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), canary => {
        expect(sharesOf({ primary: 100 - canary, canary })).toEqual({ primary: 100 - canary, canary })
      }),
    ))

  it('are whole percentages that sum to 100', () =>
    fc.assert(
      fc.property(weight, weight, (primary, canary) => {
        fc.pre(primary + canary > 0)
        const shares = sharesOf({ primary, canary })
        expect(Number.isInteger(shares?.canary)).toBe(true)
        expect((shares?.primary ?? 0) + (shares?.canary ?? 0)).toBe(100)
      }),
    ))

  it('never call a track idle that gets requests, nor busy when it gets none', () =>
    fc.assert(
      fc.property(weight, weight, (primary, canary) => {
        fc.pre(primary + canary > 0)
        const shares = sharesOf({ primary, canary })
        expect([(shares?.primary ?? 0) > 0, (shares?.canary ?? 0) > 0]).toEqual([primary > 0, canary > 0])
      }),
    ))

  it('round half up', () => expect(sharesOf({ primary: 7, canary: 1 })).toEqual({ primary: 87, canary: 13 }))

  it('take a negative weight for none', () => expect(sharesOf({ primary: -5, canary: 1 })).toEqual({ primary: 0, canary: 100 }))

  it('are none where nobody gets requests', () => expect(sharesOf({ primary: 0, canary: 0 })).toBeUndefined())
})
