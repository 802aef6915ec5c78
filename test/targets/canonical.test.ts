import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, contentHash, isComparable, uuidOf } from '../../src/targets/canonical.ts'
import { observedObject } from '../support/observed.ts'
import { specIn } from './world.ts'

const template = specIn(observedObject('1-initialized-deployments', 'app'))['template']

/** The same content with the keys of every map in another order. */
const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, field]) => [key, shuffled(field)] as const)
      .reverse(),
  )
}

describe('canonical JSON', () => {
  it('sorts keys', () => expect(canonicalJson({ b: 1, a: [{ d: 1, c: null }] })).toBe('{"a":[{"c":null,"d":1}],"b":1}'))

  it('leaves out what is undefined', () => expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}'))

  it('is JSON that means the same', () =>
    fc.assert(fc.property(fc.jsonValue(), value => canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value))))
})

describe('the identity of a template', () => {
  it('is a versioned hash', () => expect(contentHash(template)).toMatch(/^s1-[0-9a-f]{20}$/))

  // A change of this value is a new revision of every Canary in the world: give the algorithm a new prefix instead.
  it('never changes between versions of ours', () => expect(contentHash(template)).toBe('s1-a21ca3333755865af015'))

  it('does not depend on the order of keys', () => expect(contentHash(shuffled(template))).toBe(contentHash(template)))

  it('does not depend on the order of keys of anything', () =>
    fc.assert(fc.property(fc.jsonValue(), value => contentHash(shuffled(value)) === contentHash(value))))

  it.each([
    ['a null', { spec: { a: 1, b: null } }],
    ['an undefined field', { spec: { a: 1, b: undefined } }],
    ['an empty list', { spec: { a: 1, env: [] } }],
    ['empty labels', { metadata: { labels: {} }, spec: { a: 1 } }],
    ['empty resources', { spec: { a: 1, resources: { limits: {} } } }],
    ['an empty security context', { spec: { a: 1, securityContext: {} } }],
    ['a creation time that never was', { metadata: { creationTimestamp: null }, spec: { a: 1 } }],
  ])('does not depend on %s', (_what, value) => expect(contentHash(value)).toBe(contentHash({ spec: { a: 1 } })))

  it.each([
    ['an empty selector, which selects everything', { namespaceSelector: {} }, {}],
    ['an empty volume', { emptyDir: {} }, {}],
    ['the order of a list', { args: ['a', 'b'] }, { args: ['b', 'a'] }],
    ['an empty item of a list', { args: [''] }, { args: [] }],
    ['a number instead of its text', { port: 80 }, { port: '80' }],
    ['false instead of nothing', { enabled: false }, {}],
  ])('depends on %s', (_what, a, b) => expect(contentHash(a)).not.toBe(contentHash(b)))

  it('is comparable when it was made the same way', () => expect(isComparable(contentHash(template))).toBe(true))

  it.each(['4b9c5d6f78', 's2-0123456789abcdef0123', ''])('is not comparable with %j', hash => expect(isComparable(hash)).toBe(false))
})

describe('an id made from content', () => {
  it('is a UUID of version 8', () => expect(uuidOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/))

  it('is the same for the same content', () => expect(uuidOf('a')).toBe(uuidOf('a')))

  it('is another one for other content', () => expect(uuidOf('a')).not.toBe(uuidOf('b')))
})
