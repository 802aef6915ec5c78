import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reachablePods, unreachable } from '../../src/core/reach.ts'
import type { Readiness } from '../../src/core/readiness.ts'
import { ready } from '../support/builders.ts'

const changedMs = 1000
const track = (change: Partial<Readiness> = {}): Readiness => ({
  ...ready,
  readyPods: 2,
  servingPods: 2,
  wantedPods: 2,
  newest: { prefix: 'app-new-', sinceMs: changedMs },
  ...change,
})
const old = ['app-old-1', 'app-old-2']
const young = ['app-new-1', 'app-new-2']

describe('the pods that requests get to', () => {
  it.each<[string, readonly string[], Partial<Readiness>, number]>([
    ['those of the newest template', [...old, ...young], {}, 2],
    ['each once, in however many slices it is', [...young, ...young], {}, 2],
    ['none while all of them are old ones', old, {}, 0],
    ['as many as cannot be old, where names do not tell', ['app-1', 'app-2', 'app-3'], { newest: undefined, servingPods: 3 } as never, 2],
    ['never fewer than none', [], { newest: undefined, servingPods: 9 } as never, 0],
    [
      'all, where the names that were told are those of a template before this one',
      young,
      { newest: { prefix: 'app-old-', sinceMs: 999 } },
      2,
    ],
    ['all, where nobody said since when', young, { newest: { prefix: 'app-old-', sinceMs: Number.NaN } }, 2],
    ['those that are named, since whenever', [...old, ...young], { newest: { prefix: 'app-new-', sinceMs: 1 } }, 2],
  ])('are %s', (...[, endpoints, change, pods]) => expect(reachablePods(endpoints, track(change), changedMs)).toBe(pods))
})

describe('whatever is read', () => {
  const names = fc.array(fc.constantFrom(...old, ...young, 'stray'))
  const pods = fc.nat({ max: 4 })

  it('no more pods are reached than the Service leads to', () =>
    fc.assert(
      fc.property(names, fc.record({ readyPods: pods, servingPods: pods }), fc.boolean(), (endpoints, counts, isNamed) => {
        const { newest, ...nameless } = track(counts)
        const found = reachablePods(endpoints, isNamed && newest ? { ...nameless, newest } : nameless, changedMs)
        expect(found).toBeLessThanOrEqual(new Set(endpoints).size)
      }),
    ))

  it('no old pod counts as one of the newest template, where names tell', () =>
    fc.assert(
      fc.property(names, endpoints => {
        const isYoung = (name: string) => young.includes(name)
        expect(reachablePods(endpoints, track(), changedMs)).toBe(new Set(endpoints.filter(isYoung)).size)
      }),
    ))
})

describe('what is missing in the endpoints', () => {
  const reaching = (pods: number | undefined) => track({ reach: { service: 'app-canary', pods } })

  it.each([
    ['as many as are needed are there', reaching(2)],
    ['nobody says where the Service leads', track()],
  ])('is nothing when %s', (_, found) => expect(unreachable(found, 2)).toBeUndefined())

  it('is nothing for a track that needs no pods', () => expect(unreachable(reaching(undefined), 0)).toBeUndefined())

  it('is said with the Service', () =>
    expect(unreachable(reaching(1), 2)).toEqual({
      reason: 'EndpointsMissing',
      message: '1 of 2 needed pods are in the endpoints of Service app-canary (ready: 2)',
    }))

  it('is not known before the slices have come', () => expect(unreachable(reaching(undefined), 1)?.reason).toBe('EndpointsUnknown'))
})
