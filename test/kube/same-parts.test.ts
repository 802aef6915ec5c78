import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { withPartsOf } from '../../src/kube/same-parts.ts'

const copy = <T>(value: T): T => structuredClone(value)

describe('a value made of the parts of an older one', () => {
  it('says what the newer one says, and changes neither', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const wanted = copy(after)
        expect(withPartsOf(deepFreeze(before), deepFreeze(after))).toEqual(wanted)
      }),
    ))

  it('is the older one where both say the same', () =>
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())), before => {
        expect(withPartsOf(before, copy(before))).toBe(before)
      }),
    ))

  it('keeps what did not change beside what did', () => {
    const before = { spec: { template: { image: 'a' } }, status: { replicas: 1 } }
    const after = withPartsOf(before, { spec: { template: { image: 'a' } }, status: { replicas: 2 } })
    expect([after.spec === before.spec, after.status.replicas]).toEqual([true, 2])
  })

  it('does not take an absent field for one that says nothing', () =>
    expect(withPartsOf({ a: 1, b: null }, { a: 1 } as object)).toStrictEqual({ a: 1 }))

  it.each([
    [[], {}],
    [{}, []],
    [[1], [1, 2]],
    [[1, 2], [1]],
    [null, {}],
    [{ 0: 'a' }, ['a']],
  ])('of %j and %j is the newer one', (before, after) => expect(withPartsOf<unknown>(before, after)).toStrictEqual(after))

  it('keeps a part whatever it is called', () => {
    const [before, after] = [JSON.parse('{"__proto__":{"a":1},"b":1}'), JSON.parse('{"__proto__":{"a":1},"b":2}')]
    const made = withPartsOf(before, after)
    expect(JSON.stringify(made)).toBe('{"__proto__":{"a":1},"b":2}')
    expect(Object.values(made)[0]).toBe(Object.values(before)[0])
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
  })

  it('takes names that JavaScript knows as well', () => {
    const value = JSON.parse('{"__proto__":{},"constructor":{},"b":[{}]}')
    const made = withPartsOf(JSON.parse('{"b":[{}]}'), value)
    expect(Object.values(made).map(part => part === Object.prototype)).toEqual([false, false, false])
  })
})
