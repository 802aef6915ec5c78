import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOlderVersion } from '../../src/kube/resource-version.ts'

describe('isOlderVersion', () => {
  it('compares as whole numbers of any length', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        expect(isOlderVersion(String(a), String(b))).toBe(a < b)
      }),
    ))

  it.each([
    ['', '5'],
    ['5', ''],
    ['abc', '5'],
    [undefined, '5'],
    ['5', undefined],
  ])('never calls %j older than %j: what is not a number tells nothing', (next, current) =>
    expect(isOlderVersion(next, current)).toBe(false),
  )
})
