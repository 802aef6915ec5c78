import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import { advanceWeight } from '../../src/core/rollout-changes.ts'
import { freshContext } from '../../src/core/rollout-context.ts'
import { rolloutPlan } from '../../src/core/rollout-plan.ts'
import { aCanary, anObservation, epochMs } from '../support/builders.ts'

const can = { weigh: true, mirror: true, mirrorIterations: true }
const planWith = (slotShare: number) => rolloutPlan(aCanary(), can, { minIntervalMs: 10_000, slotShare })

/** When the next step is due, of one that was due at `dueMs` and is judged at `nowMs`. */
const nextAfter = (nowMs: number, { slotShare = 0.1, dueMs }: { readonly slotShare?: number; readonly dueMs?: number } = {}): number => {
  const context = { ...freshContext(epochMs), ...(dueMs === undefined ? {} : { nextEvidenceAtMs: dueMs }) }
  const event = { type: 'CHECKS_PASSED', nowMs, plan: planWith(slotShare), grants: [] } as const
  return advanceWeight({ context, event }).nextEvidenceAtMs ?? 0
}

describe('the time of the next step', () => {
  it('is one interval from now while nobody else is judged', () =>
    expect(nextAfter(epochMs + 123, { slotShare: 0 })).toBe(epochMs + 10_123))

  it('is the next slot after the interval where many are', () => expect(nextAfter(epochMs + 123)).toBe(epochMs + 11_000))

  it('is one interval after the time when the step was due, where it was judged a little late', () =>
    expect(nextAfter(epochMs + 200, { dueMs: epochMs })).toBe(epochMs + 10_000))

  it('makes up for nothing where it was judged much later', () =>
    expect(nextAfter(epochMs + 300, { dueMs: epochMs })).toBe(epochMs + 11_000))

  it('keeps the slots of those that were judged together together, and the shorter ones within the longer', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 240 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1e7 }), (late, power, at) => {
        const dueMs = nextAfter(epochMs + at, { slotShare: 0.1 })
        const slotShare = 0.1 / 2 ** power
        expect(nextAfter(dueMs + late / 2 ** power, { slotShare, dueMs })).toBe(dueMs + 10_000)
      }),
    ))

  it('never makes a step shorter than its interval but for our own lateness, nor longer than by a slot', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e8 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 6 }),
        (at, late, power) => {
          const [dueMs, nowMs, slotMs] = [epochMs + at, epochMs + at + late, 1000 / 2 ** power]
          const stepMs = nextAfter(nowMs, { slotShare: 0.1 / 2 ** power, dueMs }) - (late <= slotMs / 4 ? dueMs : nowMs)
          expect(stepMs).toBeGreaterThan(10_000 - 1)
          expect(stepMs).toBeLessThanOrEqual(10_000 + slotMs)
        },
      ),
    ))

  it('is not taken for one that a clock pushed far away', () => {
    const plan = planWith(1)
    const status = {
      phase: 'Progressing',
      state: 'Progressing.analysing',
      canaryWeight: 10,
      nextEvidenceAt: new Date(epochMs + 20_000).toISOString(),
    } as const
    const seen = anObservation(aCanary({ status }), { plan })
    expect(decide({ ...seen, nowMs: epochMs }).event?.type).not.toBe('STEP_DELAYED')
  })
})
