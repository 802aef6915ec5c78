import { describe, expect, it } from 'vitest'
import type { CanaryStatus } from '../../src/api/status.ts'
import { capacityAfter } from '../../src/core/capacity.ts'
import { contextOf } from '../../src/core/status-context.ts'
import { aCanary, anObservation, epochMs, ready } from '../support/builders.ts'

/** At 20 %, with the size for the next 40 % asked for this long ago, and a scaler that leaves the target two pods. */
const sizingAfter = (agoMs: number, status: CanaryStatus = {}, scalers = { canary: 20, primary: 20 }) => {
  const since = new Date(epochMs - agoMs).toISOString()
  const state = 'Progressing.analysing' as const
  const canary = aCanary({
    analysis: { stepWeight: 20, maxWeight: 60 },
    status: {
      phase: 'Progressing',
      state,
      canaryWeight: 20,
      capacity: { primary: 10, canary: { share: 40, pods: 4, since } },
      ...status,
    },
  })
  const place = { state, context: contextOf(canary.status, epochMs) }
  const seen = anObservation(canary, {
    scalers,
    canaryTrack: ready,
    primaryTrack: { ...ready, readyPods: 10, servingPods: 10, wantedPods: 10 },
  })
  return capacityAfter({ before: place, after: place, seen })
}

describe('a scaler that takes pods away as soon as they are asked for', () => {
  it('is overruled for half a minute', () => expect(sizingAfter(29_000)?.canary?.sized).toBeUndefined())

  it('has its will after that, and limits the step', () =>
    expect(sizingAfter(30_000)).toMatchObject({ canary: { pods: 4, sized: true }, limited: true }))

  it('is not taken for what refused the pods where the API server does', () => {
    const hold = { reason: 'DeferredWrite', message: 'quota', since: new Date(epochMs).toISOString() }
    expect(sizingAfter(300_000, { hold })?.canary?.sized).toBeUndefined()
  })
})

describe('a rollout', () => {
  it('is limited where the scaler of the primary allows fewer pods than it had', () =>
    expect(sizingAfter(0, {}, { canary: 20, primary: 6 })?.limited).toBe(true))

  it('is not where both scalers allow what is right', () => expect(sizingAfter(0)?.limited).toBeUndefined())
})
