import { describe, expect, it } from 'vitest'
import type { MatchOp } from '../../../src/sandbox/prometheus/storage/matcher.ts'
import { matcherOf } from '../../../src/sandbox/prometheus/storage/matcher.ts'
import type { Storage } from '../../../src/sandbox/prometheus/storage/storage.ts'
import { createStorage } from '../../../src/sandbox/prometheus/storage/storage.ts'

const threePods = (): Storage => {
  const storage = createStorage({ retentionMs: 10_000 })
  storage.append({ __name__: 'up', pod: 'a', code: '200' }, 1000, 1)
  storage.append({ __name__: 'up', pod: 'b', code: '500' }, 1000, 1)
  storage.append({ __name__: 'up', pod: 'c' }, 1000, 1)
  return storage
}

const podsWhere = (storage: Storage, ...conditions: readonly (readonly [string, MatchOp, string])[]): (string | undefined)[] =>
  storage.select(conditions.map(condition => matcherOf(...condition))).map(({ labels }) => labels.find(([name]) => name === 'pod')?.[1])

describe('the store', () => {
  it.each<{ where: readonly [string, MatchOp, string]; pods: readonly string[] }>([
    { where: ['pod', '=', 'b'], pods: ['b'] },
    { where: ['pod', '!=', 'b'], pods: ['a', 'c'] },
    { where: ['code', '=~', '5..'], pods: ['b'] },
    { where: ['code', '!~', '5..'], pods: ['a', 'c'] },
    { where: ['code', '=', ''], pods: ['c'] },
    { where: ['code', '!=', ''], pods: ['a', 'b'] },
    { where: ['code', '=~', '.*'], pods: ['a', 'b', 'c'] },
    { where: ['nothing', '=', 'x'], pods: [] },
  ])('finds $pods where $where', ({ where, pods }) => {
    expect(podsWhere(threePods(), where)).toEqual(pods)
  })

  it('finds only series that fulfil all conditions', () => {
    expect(podsWhere(threePods(), ['__name__', '=', 'up'], ['code', '!=', ''], ['pod', '!=', 'a'])).toEqual(['b'])
  })

  it('takes labels in any order for the same series', () => {
    const storage = threePods()
    storage.append({ code: '200', pod: 'a', __name__: 'up' }, 2000, 1)
    expect(storage.seriesCount).toBe(3)
  })

  it('takes an empty label for an absent one', () => {
    const storage = threePods()
    storage.append({ __name__: 'up', pod: 'c', code: '' }, 2000, 1)
    expect(storage.seriesCount).toBe(3)
  })

  it('keeps a label that is called like a property of every object', () => {
    const storage = createStorage()
    storage.append([['__proto__', 'x']], 1000, 1)
    expect(storage.select([matcherOf('__proto__', '=', 'x')]).length).toBe(1)
  })

  it('forgets samples that are older than the retention as newer ones arrive', () => {
    const storage = threePods()
    storage.append({ __name__: 'up', pod: 'c' }, 11_001, 1)
    expect(storage.sampleCount).toBe(3)
  })

  it('forgets series that have no samples left', () => {
    const storage = threePods()
    storage.append({ __name__: 'up', pod: 'c' }, 5000, 1)
    storage.dropBefore(2000)
    expect([storage.seriesCount, podsWhere(storage, ['__name__', '=', 'up'])]).toEqual([1, ['c']])
  })
})
