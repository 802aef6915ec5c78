import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podsFor, readyOf } from '../../src/core/capacity.ts'

const percent = fc.integer({ min: 1, max: 100 })
const pods = fc.integer({ min: 1, max: 2000 })

describe('the pods that a share of the traffic needs', () => {
  it('carry at least that share', () => fc.assert(fc.property(percent, pods, (share, all) => podsFor(share, all) * 100 >= share * all)))

  it('are not one more than it takes', () =>
    fc.assert(fc.property(percent, pods, (share, all) => podsFor(share, all) === 1 || (podsFor(share, all) - 1) * 100 < share * all)))

  it('are all pods for all of it', () => fc.assert(fc.property(pods, all => podsFor(100, all) === all)))

  it('never become fewer with the share or with the pods', () =>
    fc.assert(
      fc.property(percent, percent, pods, (a, b, all) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        return podsFor(less, all) <= podsFor(more, all) && podsFor(less, all) <= podsFor(less, all + 1)
      }),
    ))

  it('together with those of the other share never are fewer than serve today, nor more than one more', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), pods, (share, all) => {
        const both = podsFor(share, all) + podsFor(100 - share, all)
        return both >= all && both <= all + 1
      }),
    ))

  it('are none for no share', () => expect(podsFor(0, 10)).toBe(0))
})

describe('the pods of them that have to be ready', () => {
  it('are at least one, and never more than there are', () =>
    fc.assert(
      fc.property(
        pods,
        fc.integer({ min: 0, max: 100 }),
        (all, threshold) => readyOf(all, threshold) >= 1 && readyOf(all, threshold) <= all,
      ),
    ))
})
