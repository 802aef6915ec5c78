import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { duplicateFields } from '../../../src/sandbox/apiserver/duplicate-fields.ts'

describe('fields that stand twice', () => {
  it('are not found where every field stands once', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(duplicateFields(JSON.stringify(value, null, indent))).toEqual([])
      }),
    ))

  it('are found behind any other value', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(duplicateFields(`{"before": ${JSON.stringify(value)}, "x": [{"a": 1, "a": 2}]}`)).toEqual(['x[0].a'])
      }),
    ))

  it('are named once', () => {
    expect(duplicateFields('{"a":1,"a":2,"a":3}')).toEqual(['a'])
  })

  it('are not mistaken for texts that look like fields', () => {
    expect(duplicateFields(String.raw`{"a":"\"a\":1","b":"\\","c":"a"}`)).toEqual([])
  })
})
