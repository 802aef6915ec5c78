import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isLongerThan } from '../../../src/sandbox/apiserver/text-length.ts'

it('is told of a JSON text to the character, also of a value that holds parts of one that was looked at before', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (part, other) => {
      for (const value of [part, { part, other, nothing: undefined }, [part, other, part]]) {
        const { length } = JSON.stringify(value)
        expect(isLongerThan(length, value)).toBe(false)
        expect(isLongerThan(length - 1, value)).toBe(true)
      }
    }),
  )
})
