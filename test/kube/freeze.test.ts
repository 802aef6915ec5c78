import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deepFreeze } from '../../src/kube/freeze.ts'

const isFrozenDown = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozenDown))

describe('a frozen value', () => {
  it('says what it said', () =>
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const wanted = structuredClone(value)
        expect(deepFreeze(value)).toEqual(wanted)
      }),
    ))

  it('is frozen all the way down', () => fc.assert(fc.property(fc.jsonValue(), value => isFrozenDown(deepFreeze(value)))))

  it('is the one that was handed in', () => {
    const value = { a: [1] }
    expect(deepFreeze(value)).toBe(value)
  })

  it('shares empty parts with all others', () => {
    const [one, other] = [deepFreeze({ 'f:spec': {}, list: [] as unknown[] }), deepFreeze({ 'f:status': {}, items: [] as unknown[] })]
    expect([one['f:spec'] === other['f:status'], one.list === other.items]).toEqual([true, true])
  })

  it('shares parts that say the same with values frozen before', () => {
    const one = deepFreeze({ name: 'one', template: { env: [{ name: 'A', value: '1' }], count: 3 } })
    const other = deepFreeze({ name: 'other', template: { env: [{ name: 'A', value: '1' }], count: 3 } })
    expect(other.template).toBe(one.template)
  })

  it('shares what it can of parts that differ', () => {
    const one = deepFreeze({ template: { env: [{ name: 'B', value: '1' }], count: 3 } })
    const other = deepFreeze({ template: { env: [{ name: 'B', value: '1' }], count: 4 } })
    expect([other.template.env === one.template.env, other.template.count]).toEqual([true, 4])
  })

  it.each([
    ['a number and a text', { a: 1 }, { a: '1' }],
    ['a list and a map of its indexes', ['a'], { 0: 'a' }],
    ['fields in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['nothing and the word for it', { a: null }, { a: 'null' }],
  ])('keeps %s apart', (_, one, other) => {
    const kept = [one, other].map(part => JSON.stringify(deepFreeze({ part }).part))
    expect(kept).toEqual([one, other].map(part => JSON.stringify(part)))
  })

  it('stays right when more parts come than are remembered', () => {
    const parts = Array.from({ length: 50_000 }, (_, index) => ({ index, even: index % 2 === 0 }))
    expect(deepFreeze(structuredClone(parts))).toEqual(parts)
  })

  it('keeps an empty list apart from an empty object', () => {
    const { list, fields } = deepFreeze({ list: [] as unknown[], fields: {} })
    expect([Array.isArray(list), Array.isArray(fields)]).toEqual([true, false])
  })

  it('takes names that JavaScript knows as well', () => {
    const value = deepFreeze(JSON.parse('{"__proto__":{"a":{}}}'))
    expect([Object.keys(value), Object.getPrototypeOf(value)]).toEqual([['__proto__'], Object.prototype])
  })

  it('stays right when more texts come than are remembered', () => {
    const texts = Array.from({ length: 50_000 }, (_, index) => `text ${index % 30_000}`)
    expect(deepFreeze([...texts])).toEqual(texts)
  })

  it('takes no two things for one that hold more than their fields say', () => {
    const [first, second] = [deepFreeze({ seen: new Map([['a', 1]]) }), deepFreeze({ seen: new Map([['b', 2]]) })]
    expect([first.seen.get('a'), second.seen.get('b')]).toEqual([1, 2])
  })
})
