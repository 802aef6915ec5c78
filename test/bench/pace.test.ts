import { describe, expect, it } from 'vitest'
import { factsOf } from '../../bench/cluster/foreign-controller.ts'
import { createPace } from '../../bench/cluster/pace.ts'
import type { KubeObject } from '../../src/api/object.ts'

const canary = (status: object): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'app', uid: 'one' },
  status,
})

/** Weights of one Canary at these times. */
const paceOf = (times: readonly (readonly [atMs: number, weight: number])[]) => {
  const pace = createPace(10_000)
  let before = canary({ phase: 'Progressing', canaryWeight: 0 })
  for (const [atMs, canaryWeight] of times) {
    const after = canary({ phase: 'Progressing', canaryWeight })
    pace.status(after, before, atMs)
    before = after
  }
  return pace.take()
}

describe('the pace of a Canary', () => {
  it('is by how much each step came later than the interval', () =>
    expect(
      paceOf([
        [0, 10],
        [10_000, 20],
        [20_500, 30],
      ]),
    ).toEqual([0, 500]))

  it('does not count writes that move nothing', () =>
    expect(
      paceOf([
        [0, 10],
        [5000, 10],
        [11_000, 20],
      ]),
    ).toEqual([1000]))

  it('begins anew with each rollout', () => {
    const pace = createPace(10_000)
    const [start, step] = [canary({ phase: 'Progressing' }), canary({ phase: 'Progressing', canaryWeight: 10 })]
    pace.status(step, start, 0)
    pace.status(start, canary({ phase: 'Succeeded' }), 50_000)
    pace.status(step, start, 90_000)
    expect(pace.take()).toEqual([])
  })
})

it('reads what a process used from a line with brackets in the name of its program', () => {
  const fields = Array.from({ length: 50 }, (_, index) => index + 3) // the third field is the first after the name
  expect(factsOf(7, `7 (a (b) c) ${fields.join(' ')}`)).toEqual({ pid: 7, parent: 4, cpuMs: (14 + 15) * 10, rssBytes: 24 * 4096 })
})
