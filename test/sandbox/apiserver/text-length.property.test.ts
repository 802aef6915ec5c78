import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withPartsOf } from '../../../src/kube/same-parts.ts'
import { lengthWithin, noteLength } from '../../../src/sandbox/apiserver/text-length.ts'

const anObject = fc.dictionary(fc.string(), fc.jsonValue())

it('is told of a JSON text to the character where it matters', () => {
  fc.assert(
    fc.property(anObject, object => {
      const { length } = JSON.stringify(object)
      expect(lengthWithin(length, object, undefined)).toBe(length)
      expect(lengthWithin(length - 1, object, undefined)).toBeUndefined()
    }),
  )
})

it('is never less than the text, however many versions came one from the other', () => {
  fc.assert(
    fc.property(fc.array(anObject, { minLength: 2, maxLength: 6 }), versions => {
      let before: object | undefined
      for (const next of versions) {
        const object = withPartsOf(before, { ...before, ...next })
        const length = lengthWithin(Number.POSITIVE_INFINITY, object, before) ?? 0
        expect(length).toBeGreaterThanOrEqual(JSON.stringify(object).length)
        noteLength(object, length)
        before = object
      }
    }),
  )
})

it('of a version that grew out of another one is told to the character where it matters', () => {
  fc.assert(
    fc.property(anObject, anObject, (before, added) => {
      noteLength(before, lengthWithin(Number.POSITIVE_INFINITY, before, undefined) ?? 0)
      const object = { ...before, ...added }
      const { length } = JSON.stringify(object)
      expect(lengthWithin(length, object, before)).toBe(length)
      expect(lengthWithin(length - 1, object, before)).toBeUndefined()
    }),
  )
})
