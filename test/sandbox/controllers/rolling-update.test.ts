import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fencesOf, nextFresh, nextOld, type Rollout } from '../../../src/sandbox/controllers/rolling-update.ts'

describe('the fences of a rolling update', () => {
  it.each([
    [{ maxSurge: '25%', maxUnavailable: '25%' }, 10, { maxSurge: 3, maxUnavailable: 2 }],
    [{ maxSurge: 1, maxUnavailable: 0 }, 2, { maxSurge: 1, maxUnavailable: 0 }],
    [{ maxSurge: 0, maxUnavailable: 0 }, 4, { maxSurge: 0, maxUnavailable: 1 }],
    [{ maxSurge: '10%', maxUnavailable: '10%' }, 1, { maxSurge: 1, maxUnavailable: 0 }],
    [{ maxUnavailable: 5 }, 2, { maxSurge: 1, maxUnavailable: 2 }],
    [{}, 1, { maxSurge: 1, maxUnavailable: 0 }],
    [{}, 0, { maxSurge: 0, maxUnavailable: 0 }],
  ])('%j of %d replicas are %j', (rolling, replicas, fences) => expect(fencesOf(rolling, replicas)).toEqual(fences))
})

const rollout = (parts: Partial<Rollout>): Rollout => ({
  wanted: 4,
  fences: { maxSurge: 1, maxUnavailable: 1 },
  fresh: { replicas: 0, available: 0 },
  old: [],
  ...parts,
})

describe('a rolling update', () => {
  it('starts with as many new pods as the surge allows', () => expect(nextFresh(rollout({ old: [{ replicas: 4, available: 4 }] }))).toBe(1))

  it('starts with all pods when there is nothing old', () => expect(nextFresh(rollout({}))).toBe(4))

  it('asks for no more pods than wanted', () => expect(nextFresh(rollout({ fresh: { replicas: 6, available: 6 } }))).toBe(4))

  it('takes old pods away as far as others serve', () =>
    expect(nextOld(rollout({ fresh: { replicas: 1, available: 0 }, old: [{ replicas: 4, available: 4 }] }))).toEqual([3]))

  it('takes old pods that do not serve first', () =>
    expect(
      nextOld(
        rollout({
          fresh: { replicas: 1, available: 1 },
          old: [
            { replicas: 3, available: 3 },
            { replicas: 1, available: 0 },
          ],
        }),
      ),
    ).toEqual([2, 0]))

  it('leaves serving old pods alone while too few others serve', () =>
    expect(nextOld(rollout({ fresh: { replicas: 2, available: 0 }, old: [{ replicas: 3, available: 3 }] }))).toEqual([3]))
})

/** Plays a rollout to its end: one step, then some of the pods that do not serve yet become ready. */
const play = (first: Rollout, ready: readonly boolean[]): Rollout[] => {
  const seen = [first]
  let now = first
  for (let turn = 0; turn < 400; turn++) {
    const grown = nextFresh(now)
    const old = grown === now.fresh.replicas ? nextOld(now) : now.old.map(share => share.replicas)
    const comesUp = ready[turn % ready.length] ?? true
    now = {
      ...now,
      fresh: { replicas: grown, available: Math.min(grown, now.fresh.available + (comesUp ? 1 : 0)) },
      old: now.old.map((share, index) => ({ replicas: old[index] ?? 0, available: Math.min(share.available, old[index] ?? 0) })),
    }
    seen.push(now)
  }
  return seen
}

const rollouts = fc
  .record({
    wanted: fc.integer({ min: 1, max: 30 }),
    surge: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom('0%', '25%', '50%', '100%')),
    unavailable: fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom('0%', '25%', '50%', '100%')),
    ready: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }).filter(all => all.includes(true)),
  })
  .map(({ wanted, surge, unavailable, ready }) => ({
    start: rollout({
      wanted,
      fences: fencesOf({ maxSurge: surge, maxUnavailable: unavailable }, wanted),
      old: [{ replicas: wanted, available: wanted }],
    }),
    ready,
  }))

describe('any rolling update, whatever its fences and however slowly pods come up', () => {
  const sum = (states: Rollout, key: 'replicas' | 'available') =>
    states.fresh[key] + states.old.reduce((total, share) => total + share[key], 0)

  it('never asks for more pods than wanted and surge', () =>
    fc.assert(
      fc.property(rollouts, ({ start, ready }) =>
        play(start, ready).every(state => sum(state, 'replicas') <= state.wanted + state.fences.maxSurge),
      ),
    ))

  it('never lets fewer pods serve than the fence allows', () =>
    fc.assert(
      fc.property(rollouts, ({ start, ready }) =>
        play(start, ready).every(state => sum(state, 'available') >= state.wanted - state.fences.maxUnavailable),
      ),
    ))

  it('ends with new pods only', () =>
    fc.assert(
      fc.property(rollouts, ({ start, ready }) => {
        const last = play(start, ready).at(-1)
        expect(last?.fresh).toEqual({ replicas: start.wanted, available: start.wanted })
        expect(last?.old).toEqual([{ replicas: 0, available: 0 }])
      }),
    ))
})
