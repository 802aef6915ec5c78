import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import { isIdle, phaseOf } from '../../src/api/phases.ts'
import { decide } from '../../src/core/decide.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { nextWeight } from '../../src/core/steps.ts'
import {
  aCanary,
  anObservation,
  answer,
  aRevision,
  epochMs,
  evidence,
  healthy,
  ready,
  sick,
  stuck,
  successRate,
  unreachable,
  waiting,
} from '../support/builders.ts'

const analyses = fc.oneof(
  fc.record({
    stepWeight: fc.integer({ min: 1, max: 100 }),
    maxWeight: fc.integer({ min: 1, max: 100 }),
    stepWeightPromotion: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({
    stepWeights: fc
      .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 })
      .map(list => list.toSorted((a, b) => a - b)),
  }),
  fc.record({ iterations: fc.integer({ min: 1, max: 5 }), mirror: fc.boolean() }),
)
const spec = fc.record({ skipAnalysis: fc.boolean() })
const tracks = fc.constantFrom(ready, waiting, stuck)
const answers = fc.subarray([
  answer('rollback', true),
  answer('rollback', false),
  answer('confirm-promotion', false),
  answer('confirm-promotion', true),
  answer('confirm-traffic-increase', false),
  answer('rollout', false),
])
const proofs = fc.oneof(
  { weight: 6, arbitrary: fc.constant(healthy) },
  fc.constantFrom(sick, evidence([unreachable]), evidence([successRate(undefined)]), evidence([successRate(Number.NaN)])),
  answers.map(list => evidence([successRate(100)], list)),
)
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        convergence: fc.constant('converged' as const),
        revision: fc.constantFrom('1', '2', '3'),
        canaryTrack: tracks,
        primaryTrack: tracks,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        evidence: proofs,
        revision: fc.constantFrom('2', '2', '2', '3'),
        canaryTrack: fc.constant(ready),
        primaryTrack: fc.constant(ready),
      }),
    },
    fc.record({ revision: fc.constantFrom('1', '2', '3'), canaryTrack: tracks, primaryTrack: tracks }),
  ),
  { maxLength: 40 },
)
type Step = (typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never) & { readonly evidence?: unknown }

/** Plays any sequence of looks and hands every decision to the judge. */
const judge = (canary: Canary, story: readonly Step[], check: (before: Canary, after: Canary, step: Step) => void): Canary => {
  let now = canary
  let nowMs = epochMs
  for (const step of story) {
    nowMs += 10_000
    const { revision, ...rest } = step
    const { status } = decide(anObservation(now, { nowMs, ...(rest as object), revision: aRevision(revision) }))
    const next = { ...now, status }
    check(now, next, step)
    now = next
  }
  return now
}

const canaries = fc.tuple(analyses, spec).map(([analysis, change]) => aCanary({ analysis, spec: change }))

describe('whatever it observes', () => {
  it('records weights from 0 to 100 that never rise by more than one step', () =>
    fc.assert(
      fc.property(canaries, steps, (canary, story) => {
        judge(canary, story, (before, after) => {
          const [from = 0, to = 0] = [before.status.canaryWeight, after.status.canaryWeight]
          expect(Number.isInteger(to) && to >= 0 && to <= 100).toBe(true)
          if (to <= from || after.status.phase !== 'Progressing') return
          const plan = anObservation(before).plan
          expect([nextWeight(plan.ladder, from), 100]).toContain(to)
        })
      }),
    ))

  it('promotes only a revision whose last evidence passed, unless the analysis is skipped', () =>
    fc.assert(
      fc.property(canaries, steps, (canary, story) => {
        judge(canary, story, (before, after, step) => {
          if (after.status.state !== 'Promoting.copying' || before.status.state === 'Promoting.copying') return
          expect(after.status.analysed).toEqual(before.status.analysed)
          expect(aRevision(step.revision).pin).toEqual(after.status.analysed)
          if (!canary.spec.skipAnalysis) expect(step.evidence).toBeDefined()
        })
      }),
    ))

  it('says why in every failed Canary', () =>
    fc.assert(
      fc.property(canaries, steps, (canary, story) => {
        judge(canary, story, (_, after) => {
          if (after.status.phase !== 'Failed') return
          expect(after.status.failure?.reason).toBeTruthy()
          expect(after.status.conditions?.every(condition => condition.message !== '')).toBe(true)
        })
      }),
    ))

  it('reads back what it wrote', () =>
    fc.assert(
      fc.property(canaries, steps, (canary, story) => {
        const end = judge(canary, story, () => {})
        const again = decide(
          anObservation(end, { nowMs: epochMs + 10_000 * (story.length + 1), obstacle: { reason: 'Suspended', message: 'suspended' } }),
        )
        expect(stateOf(again.status)).toBe(stateOf(end.status))
        expect(again.status.canaryWeight).toBe(end.status.canaryWeight ?? 0)
      }),
    ))

  it('comes to rest when all goes well from here on', () =>
    fc.assert(
      fc.property(canaries, steps, (canary, story) => {
        const messy = judge(canary, story, () => {})
        const calm = Array.from(
          { length: 260 },
          (_, index): Step =>
            index % 2 === 0
              ? ({ convergence: 'converged', revision: '2', canaryTrack: ready, primaryTrack: ready } as unknown as Step)
              : ({ evidence: healthy, revision: '2', canaryTrack: ready, primaryTrack: ready } as unknown as Step),
        )
        const end = judge(messy, calm, () => {})
        expect(isIdle(stateOf(end.status)) || phaseOf(stateOf(end.status)) === 'Waiting').toBe(true)
      }),
      { numRuns: 40 },
    ))
})
