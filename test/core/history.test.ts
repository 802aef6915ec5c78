import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CanaryStatus, HistoryEntry } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import { historyAfter, historyLimit } from '../../src/core/history.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, answer, aRevision, epochMs, evidence, healthy, sick, successRate } from '../support/builders.ts'

/** A rollout at 10 %, and what each look after it decides. */
const story = (...looks: readonly Partial<Observation>[]): readonly HistoryEntry[] => {
  const revision = aRevision('v2')
  const begun: CanaryStatus = {
    phase: 'Progressing',
    state: 'Progressing.analysing',
    canaryWeight: 10,
    analysed: revision.pin,
    promoted: aRevision('v1').pin,
    nextEvidenceAt: new Date(epochMs).toISOString(),
    stateSince: new Date(epochMs).toISOString(),
  }
  const end = looks.reduce((status, look, at) => {
    const canary = aCanary({ status, analysis: { threshold: 3 } })
    return decide(anObservation(canary, { nowMs: epochMs + at * 10_000, revision, ...look })).status
  }, begun)
  return end.history ?? []
}
const gate = evidence([successRate(100)], [answer('confirm-traffic-increase', false, 'gate')])

describe('the history', () => {
  it('has for each step when, which weight, why, and what was measured', () =>
    expect(story({ evidence: healthy })).toEqual([
      {
        at: '2026-01-01T00:00:00.000Z',
        state: 'Progressing.analysing',
        weight: 20,
        verdict: 'pass',
        reason: 'WeightAdvanced',
        measured: ['request-success-rate: 100.00%, at least 99%'],
      },
    ]))

  it('has each failed check with its numbers', () =>
    expect(
      story({ evidence: sick }, { evidence: evidence([successRate(60)]) }).map(({ verdict, measured }) => [verdict, measured]),
    ).toEqual([
      ['fail', ['request-success-rate: 50.00%, at least 99%']],
      ['fail', ['request-success-rate: 60.00%, at least 99%']],
    ]))

  it('says why a rollout ended', () =>
    expect(story({ evidence: sick }, { evidence: sick }, { evidence: sick }).at(-1)).toMatchObject({
      state: 'Failed.returning',
      weight: 0,
      verdict: 'fail',
      reason: 'FailedChecksThreshold',
      message: 'Halt podinfo.test advancement success rate 50.00% < 99%',
    }))

  it('says what each hook answered', () =>
    expect(story({ evidence: gate })[0]?.measured).toEqual(['request-success-rate: 100.00%, at least 99%', 'gate: no']))

  it('has a gate that stays closed once, with how often it was asked', () =>
    expect(story({ evidence: gate }, { evidence: gate }, { evidence: gate })).toEqual([
      expect.objectContaining({
        reason: 'GateClosed',
        verdict: 'wait',
        since: '2026-01-01T00:00:00.000Z',
        at: '2026-01-01T00:00:20.000Z',
        times: 3,
      }),
    ]))

  it('has what a rollout holds for', () => {
    const convergence = { reason: 'RouteNotAccepted', message: 'the gateway has not taken it' } as const
    expect(story({ convergence }, { convergence })).toEqual([expect.objectContaining({ ...convergence, weight: 10 })])
  })

  it('has nothing of a look that decides nothing', () => expect(story({ convergence: 'converged' }, {})).toEqual([]))

  it('says that a store gave no number', () =>
    expect(story({ evidence: evidence([successRate(undefined)]) })[0]?.measured).toEqual(['request-success-rate: nothing, at least 99%']))
})

describe('the history has an end', () => {
  const holding = (history: readonly HistoryEntry[] | undefined, reason: string, message: string) => {
    const { status, ...rest } = { status: { history: [...(history ?? [])] }, evidence: undefined, event: undefined, nowMs: epochMs }
    const context = { weight: 0 } as never
    const place = { state: 'Progressing.scaling', context, notices: [] } as const
    return historyAfter({ ...rest, old: status, before: place, after: place, hold: { reason, message, since: '' } })
  }

  it('after twenty decisions', () => {
    const reasons = Array.from({ length: 50 }, (_, at) => `Reason${at}`)
    const history = reasons.reduce<readonly HistoryEntry[] | undefined>((known, reason) => holding(known, reason, 'text'), undefined) ?? []
    expect(history.map(({ reason }) => reason)).toEqual(reasons.slice(-20))
  })

  it('in bytes, whatever was answered', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string({ unit: 'grapheme', maxLength: 2000 })), { maxLength: 40 }), holds => {
        const history = holds.reduce<readonly HistoryEntry[] | undefined>(
          (known, [reason, text]) => holding(known, reason, text),
          undefined,
        )
        expect(new TextEncoder().encode(JSON.stringify(history ?? [])).length).toBeLessThanOrEqual(historyLimit.bytes)
      }),
    ))
})
