import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { weightedChoice } from '../../../src/sandbox/gateway/weighted-choice.ts'

const takeMany = (weights: readonly number[], times: number): number[] => {
  const choice = weightedChoice(weights.map((weight, index) => [index, weight] as const))
  const counts = weights.map(() => 0)
  for (let turn = 0; turn < times; turn++) {
    const chosen = choice.next()
    if (chosen !== undefined) counts[chosen] = (counts[chosen] ?? 0) + 1
  }
  return counts
}

const manyWeights = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 5 }).filter(all => all.some(weight => weight > 0))

describe('a weighted choice', () => {
  it.each([
    [[80, 20], 100, [80, 20]],
    [[99, 1], 100, [99, 1]],
    [[100, 0], 50, [50, 0]],
    [[1, 1, 1], 9, [3, 3, 3]],
    [[0, 0], 10, [0, 0]],
    [[], 10, []],
  ])('of weights %j in %i turns is %j', (weights, times, counts) => expect(takeMany(weights, times)).toEqual(counts))

  it('spreads the rare ones', () => {
    const choice = weightedChoice([
      ['a', 3],
      ['b', 1],
    ])
    expect(Array.from({ length: 8 }, () => choice.next()).join('')).toBe('aabaaaba')
  })

  it('never strays from its weights by a whole choice per candidate, however few turns there were', () =>
    fc.assert(
      fc.property(manyWeights, fc.integer({ min: 1, max: 500 }), (weights, times) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [index, count] of takeMany(weights, times).entries())
          expect(Math.abs(count - (times * (weights[index] ?? 0)) / total)).toBeLessThan(weights.length)
      }),
    ))

  it('never chooses what weighs nothing', () =>
    fc.assert(
      fc.property(manyWeights, weights => {
        const counts = takeMany(weights, 300)
        expect(weights.every((weight, index) => weight > 0 || counts[index] === 0)).toBe(true)
      }),
    ))
})
