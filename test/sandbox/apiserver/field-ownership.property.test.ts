import fc from 'fast-check'
import { expect, it } from 'vitest'
import { differenceOf, fieldsOf, mergeValues } from '../../../src/sandbox/apiserver/field-ownership.ts'
import { difference, type FieldSet, intersection, isEmptySet, pathsOf, union } from '../../../src/sandbox/apiserver/field-set.ts'
import type { JsonObject } from '../../../src/sandbox/apiserver/json-value.ts'
import type { Schema } from '../../../src/sandbox/apiserver/schema.ts'
import { aCluster, applierOf, at, configMaps } from './a-cluster.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    map: { type: 'object', additionalProperties: { type: 'string' } },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', 'x-kubernetes-preserve-unknown-fields': true },
    keyed: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, a: { type: 'integer' }, b: { type: 'integer' } } },
    },
    names: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    plain: { type: 'array', items: { type: 'integer' } },
    number: { type: 'integer' },
  },
}

const key = fc.constantFrom('x', 'y', 'z')
const item = fc.record({ name: key, a: fc.nat(3), b: fc.nat(3) }, { requiredKeys: ['name'] })
const aValue = fc.record(
  {
    map: fc.dictionary(key, fc.constantFrom('1', '2'), { minKeys: 1 }),
    whole: fc.dictionary(key, fc.nat(2), { minKeys: 1 }),
    keyed: fc.uniqueArray(item, { selector: ({ name }) => name }),
    names: fc.uniqueArray(key),
    plain: fc.array(fc.nat(2), { maxLength: 2 }),
    number: fc.nat(3),
  },
  { requiredKeys: [] },
)

const setOf = (value: object): FieldSet => fieldsOf(value as JsonObject, schema)
const same = (left: FieldSet, right: FieldSet): boolean => JSON.stringify(pathsOf(left)) === JSON.stringify(pathsOf(right))

it('sets of fields obey the laws of sets', () =>
  fc.assert(
    fc.property(aValue, aValue, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)]
      expect(same(union(a, b), union(b, a))).toBe(true)
      expect(same(intersection(a, b), difference(a, difference(a, b)))).toBe(true)
      expect(same(union(difference(a, b), intersection(a, b)), a)).toBe(true)
      expect(isEmptySet(difference(a, a))).toBe(true)
    }),
  ))

it('a set to which nothing new is added, or from which nothing is taken, is the very same set', () =>
  fc.assert(
    fc.property(aValue, aValue, (left, right) => {
      const [a, b] = [setOf(left), setOf(right)]
      expect(union(a, intersection(a, b))).toBe(a)
      expect(difference(a, difference(b, a))).toBe(a)
    }),
  ))

it('a value differs in nothing from itself', () =>
  fc.assert(
    fc.property(aValue, value => {
      expect(differenceOf(value, structuredClone(value), schema)).toEqual({ changed: {}, removed: {} })
    }),
  ))

it('a key that is called like something every object inherits is added, changed and removed like any other', () => {
  const without = { map: { x: '1' } }
  const one = { map: { x: '1', constructor: '1' } }
  const two = { map: { x: '1', constructor: '2' } }
  const set = { 'f:map': { 'f:constructor': {} } }
  expect(differenceOf(without, one, schema)).toEqual({ changed: set, removed: {} })
  expect(differenceOf(one, two, schema)).toEqual({ changed: set, removed: {} })
  expect(differenceOf(two, without, schema)).toEqual({ changed: {}, removed: set })
})

it('merging a configuration twice is merging it once', () =>
  fc.assert(
    fc.property(aValue, aValue, (live, config) => {
      const once = mergeValues(live, config, schema)
      expect(mergeValues(once, config, schema)).toEqual(once)
    }),
  ))

it('what was merged says everything that the configuration says', () =>
  fc.assert(
    fc.property(aValue, aValue, (live, config) => {
      const merged = mergeValues(live, config, schema)
      expect(isEmptySet(difference(setOf(config), setOf(merged as object)))).toBe(true)
    }),
  ))

const data = fc.dictionary(key, fc.constantFrom('1', '2'))
const step = fc.record({ manager: fc.constantFrom('git', 'serin', 'kubectl'), data })

it('after any number of forced applies, every manager that was not robbed finds what it last said', () =>
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), steps => {
      const { api } = aCluster()
      const apply = applierOf(api, configMaps)
      for (const { manager, data: wanted } of steps) {
        apply(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: wanted },
          { manager, force: true },
        )
      }
      const last = steps.at(-1)
      const live = api.get(configMaps, at('a'))
      expect(live['data'] ?? {}).toMatchObject(last?.data ?? {})
      const owned = (live.metadata.managedFields ?? []).map(entry => (entry.fieldsV1 ?? {}) as FieldSet).reduce(union, {})
      const fields = Object.keys((live['data'] ?? {}) as object).map(field => `.data.${field}`)
      expect(pathsOf(owned)).toEqual(expect.arrayContaining(fields))
    }),
  ))
