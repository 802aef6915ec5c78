import fc from 'fast-check'
import { expect, it } from 'vitest'
import { textLength } from '../../../src/sandbox/apiserver/text-length.ts'

it('is the length of the JSON text, also of a value that holds parts of one that was measured before', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (part, other) => {
      for (const value of [part, { part, other, nothing: undefined }, [part, other, part]]) {
        expect(textLength(value)).toBe(JSON.stringify(value).length)
      }
    }),
  )
})
