import fc from 'fast-check'
import { expect, it } from 'vitest'
import { proportionalSizes, type Scalable } from '../../../src/sandbox/controllers/proportional-scaling.ts'

const scalable = (name: string, replicas: number, maxReplicasThen: number): Scalable => ({
  name,
  replicas,
  maxReplicasThen,
  createdAt: name,
})

it('keeps the shares when it grows', () =>
  expect(Object.fromEntries(proportionalSizes([scalable('a', 8, 13), scalable('b', 5, 13)], { wanted: 15, maxSurge: 3 }))).toEqual({
    a: 11,
    b: 7,
  }))

it('keeps the shares when it shrinks', () =>
  expect(Object.fromEntries(proportionalSizes([scalable('a', 8, 12), scalable('b', 4, 12)], { wanted: 5, maxSurge: 1 }))).toEqual({
    a: 4,
    b: 2,
  }))

it('goes to nothing at 0', () =>
  expect(Object.fromEntries(proportionalSizes([scalable('a', 3, 4), scalable('b', 1, 4)], { wanted: 0, maxSurge: 0 }))).toEqual({
    a: 0,
    b: 0,
  }))

it('leaves what rounding asks too much of the largest to the next look', () => {
  const ones = ['a', 'b', 'c', 'd', 'e'].map(name => scalable(name, 1, 5))
  expect(Object.fromEntries(proportionalSizes(ones, { wanted: 3, maxSurge: 0 }))).toEqual({ a: 0, b: 1, c: 1, d: 1, e: 1 })
})

it('gives out exactly what the new size allows, unless the largest is down to nothing', () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 10 }),
      (replicas, wanted, maxSurge) => {
        const before = replicas.reduce((sum, one) => sum + one, 0)
        const sizes = [
          ...proportionalSizes(
            replicas.map((count, index) => scalable(`rs-${index}`, count, before)),
            { wanted, maxSurge },
          ).values(),
        ]
        const given = sizes.reduce((sum, one) => sum + one, 0)
        expect(sizes.every(size => size >= 0)).toBe(true)
        if (sizes[0] === 0) expect(given).toBeGreaterThanOrEqual(wanted + maxSurge)
        else expect(given).toBe(wanted + maxSurge)
      },
    ),
  ))
