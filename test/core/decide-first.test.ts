import { describe, expect, it } from 'vitest'
import type { CanaryStatus } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import { decideFirst } from '../../src/core/decide-first.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, aRevision } from '../support/builders.ts'

const revision = aRevision('1')
const gateway = { routing: 'gatewayapi:v1', service: 'podinfo' }
const places: NonNullable<Observation['places']> = { asked: gateway, isTaken: true, left: [] }
const resting: CanaryStatus = {
  phase: 'Succeeded',
  stateSince: '2026-01-01T00:00:00.000Z',
  analysed: revision.pin,
  promoted: revision.pin,
  inventory: [gateway],
}

const seenIn = (status: CanaryStatus, change: Partial<Observation> = {}): Observation =>
  anObservation({ ...aCanary(), status }, { revision, places, ...change })

describe('what comes before the world is made to follow', () => {
  it('is nothing where all is as it was', () => expect(decideFirst(seenIn(resting))).toBeUndefined())

  it.each<[string, Partial<Observation>]>([
    ['a new revision', { revision: aRevision('2') }],
    ['an obstacle', { obstacle: { reason: 'Suspended', message: 'by its owner' } }],
    [
      'a place that nothing was written to yet',
      { places: { ...places, asked: { routing: 'istio', service: 'podinfo' }, left: [gateway] } },
    ],
    ['a size that somebody declares', { targetSize: { replicas: 3, declaredBy: 'kubectl-client-side-apply' } }],
  ])('is what is decided about %s', (_what, change) => {
    const seen = seenIn(resting, change)
    expect(decideFirst(seen)).toEqual(decide(seen))
    expect(decide(seen).changed).toBe(true)
  })

  it('is nothing but the way back of traffic, while that goes on', () => {
    const moved = { ...places, asked: { routing: 'istio', service: 'podinfo' }, left: [gateway] }
    expect(decideFirst(seenIn({ ...resting, phase: 'Failed', state: 'Failed.returning' }, { places: moved }))).toBeUndefined()
  })
})
