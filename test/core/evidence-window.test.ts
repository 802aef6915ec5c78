import { describe, expect, it } from 'vitest'
import type { CanaryStatus } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import { askableMetrics } from '../../src/core/evidence-window.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, aRevision, epochMs, healthy, successRate } from '../support/builders.ts'

const at = (seconds: number): string => new Date(epochMs + seconds * 1000).toISOString()
const metric = (interval: string) => ({ name: 'request-success-rate', interval, thresholdRange: { min: 99 } })

const canaryWith = (analysis: Readonly<Record<string, unknown>> = {}, status: CanaryStatus = { evidenceSince: at(0) }) =>
  aCanary({ analysis: { metrics: [metric('1m')], ...analysis }, status })

/** The windows that are asked for so many seconds after the evidence began. */
const windows = (seconds: number, analysis: Readonly<Record<string, unknown>> = {}) =>
  askableMetrics(canaryWith(analysis), epochMs + seconds * 1000).metrics.map(({ interval }) => interval)

describe('the window of a metric', () => {
  it.each([60, 61, 3600])('is the one that the spec asks for when the evidence is %i seconds old', seconds => {
    expect(windows(seconds)).toEqual(['1m'])
  })

  it.each([
    [30, '30s'],
    [45.9, '45s'],
    [59.99, '59s'],
  ])('begins with the evidence when that is %f seconds old', (seconds, window) => {
    expect(windows(seconds)).toEqual([window])
  })

  it.each([-10, 0, 1, 29])('is not asked for when the evidence is %i seconds old: it would hold too little', seconds => {
    expect(windows(seconds)).toEqual([])
  })

  it('is that of the spec where nobody knows since when the evidence is there', () => {
    expect(askableMetrics(canaryWith({}, {}), epochMs).metrics.map(({ interval }) => interval)).toEqual(['1m'])
  })

  it('keeps away from the requests of the revision before for as long as the store may learn of them', () => {
    expect([40, 50, 80].flatMap(seconds => windows(seconds, { evidenceDelay: '20s' }))).toEqual(['30s', '1m'])
  })

  it('is worked out for each metric by itself', () => {
    expect(windows(20, { metrics: ['1m', '30s', '10s'].map(metric) })).toEqual(['20s', '10s'])
  })
})

describe('a metric that says nothing', () => {
  const silenceAfter = (seconds: number) => {
    const { metrics, complete } = askableMetrics(canaryWith(), epochMs + seconds * 1000)
    return complete(metrics.map(() => successRate(undefined))).map(({ silence }) => silence?.reason)
  }

  it.each([0, 29, 30, 59])('is waited for while its window is short, here %i seconds', seconds => {
    expect(silenceAfter(seconds)).toEqual(['AwaitingEvidence'])
  })

  it('has no data once its window is whole', () => {
    expect(silenceAfter(60)).toEqual(['NoData'])
  })

  it('is told with the same words for as long as it is waited for', () => {
    const words = [1, 11, 21].flatMap(seconds => askableMetrics(canaryWith(), epochMs + seconds * 1000).complete([]))
    expect(new Set(words.map(({ silence }) => silence?.message)).size).toBe(1)
  })

  it('counts all the same when it could be measured', () => {
    expect(askableMetrics(canaryWith(), epochMs + 40_000).complete([successRate(50)])).toEqual([successRate(50)])
  })
})

const pins = { promoted: aRevision('v1').pin, analysed: aRevision('v2').pin }

const decided = (status: CanaryStatus, seen: Partial<Observation>) => {
  const canary = canaryWith({}, { ...pins, startedAt: at(-100), ...status })
  return decide(anObservation(canary, { revision: aRevision('v2'), ...seen })).status
}

describe('the time since when evidence counts', () => {
  const resting = ['Succeeded', 'Failed', 'Initialized', 'Waiting'] as const

  it.each(resting)('is the time since which the canary is left out, where a rollout begins in %s', phase => {
    const passes = phase === 'Waiting' ? { evidence: healthy } : {}
    const status = { phase, stateSince: at(-500), canaryWeight: 0, evidenceSince: at(-490) }
    const { evidenceSince, phase: next } = decided(status, { revision: aRevision('v3'), ...passes })
    expect([next, evidenceSince]).toEqual(['Progressing', at(-490)])
  })

  it('is known from when a rollout ends with a route that leaves the canary out', () => {
    const status = { phase: 'Finalising', state: 'Finalising.parking', canaryWeight: 0 } as const
    const { phase, evidenceSince } = decided(status, { convergence: 'converged', routeIsTaken: true })
    expect([phase, evidenceSince]).toEqual(['Succeeded', at(0)])
  })

  it('is not known where a rollout ended by its deadline, and the route still leads to the canary', () => {
    const hold = { reason: 'PrimaryNotReady', message: 'it has no pod', since: at(-1000) } as const
    const status = { phase: 'Finalising', state: 'Finalising.draining', canaryWeight: 0, hold } as const
    const { phase, evidenceSince } = decided(status, { routeIsTaken: false, routeIsBehind: true, convergence: hold })
    expect([phase, evidenceSince]).toEqual(['Succeeded', undefined])
  })

  it('begins when the route leaves the canary out at last', () => {
    expect(decided({ phase: 'Succeeded', stateSince: at(-500), canaryWeight: 0 }, { routeIsTaken: true }).evidenceSince).toBe(at(0))
  })

  it('is no longer known once the route leads to the canary again', () => {
    const status = { phase: 'Succeeded', stateSince: at(-500), canaryWeight: 0, evidenceSince: at(-490) } as const
    expect(decided(status, { routeIsTaken: false, routeIsBehind: true }).evidenceSince).toBeUndefined()
  })

  it('stays where the layer is about to take a route that leaves the canary out as before', () => {
    const status = { phase: 'Succeeded', stateSince: at(-500), canaryWeight: 0, evidenceSince: at(-490) } as const
    expect(decided(status, { routeIsTaken: false, routeIsBehind: false }).evidenceSince).toBe(at(-490))
  })

  it('is not known yet where a newer revision comes in mid-run', () => {
    const status = { phase: 'Progressing', state: 'Progressing.analysing', canaryWeight: 20, evidenceSince: at(-50) } as const
    const { state, evidenceSince } = decided(status, { revision: aRevision('v3') })
    expect([state, evidenceSince]).toEqual(['Progressing.scaling', undefined])
  })

  it('is not known yet where the canary serves after a failed promotion', () => {
    const status = { phase: 'Failed', servingFrom: 'canary', canaryWeight: 100, stateSince: at(-500) } as const
    expect(decided(status, { revision: aRevision('v3') }).evidenceSince).toBeUndefined()
  })

  it('is then the time at which all pods of the canary are of the new revision', () => {
    const status = { phase: 'Progressing', state: 'Progressing.scaling', canaryWeight: 0 } as const
    expect(decided(status, { convergence: 'converged' }).evidenceSince).toBe(at(0))
  })

  it('does not move when pods are scaled that were of one revision all along', () => {
    const status = { phase: 'Progressing', state: 'Progressing.scaling', canaryWeight: 0, evidenceSince: at(-500) } as const
    expect(decided(status, { convergence: 'converged' }).evidenceSince).toBe(at(-500))
  })

  it('does not move with a step', () => {
    const status = { phase: 'Progressing', state: 'Progressing.analysing', canaryWeight: 20, evidenceSince: at(-50) } as const
    const { canaryWeight, evidenceSince } = decided(status, { convergence: 'converged', evidence: healthy })
    expect([canaryWeight, evidenceSince]).toEqual([30, at(-50)])
  })

  it('is no later than now, also where the clock was set back', () => {
    const status = { phase: 'Progressing', state: 'Progressing.analysing', canaryWeight: 20, evidenceSince: at(3600) } as const
    expect(decided(status, { convergence: 'converged' }).evidenceSince).toBe(at(0))
  })

  it('is forgotten with the end of the analysis', () => {
    const status = { phase: 'Progressing', state: 'Progressing.analysing', canaryWeight: 50, evidenceSince: at(-50) } as const
    const { phase, evidenceSince } = decided(status, { convergence: 'converged', evidence: healthy })
    expect([phase, evidenceSince]).toEqual(['Promoting', undefined])
  })
})

describe('a rollout that waits for evidence', () => {
  const early = askableMetrics(canaryWith(), epochMs + 1000).complete([])
  const holding = { phase: 'Progressing', state: 'Progressing.analysing', canaryWeight: 20, evidenceSince: at(-1) } as const

  it('holds its step without counting anything', () => {
    const { canaryWeight, failedChecks, unanswered, hold } = decided(holding, { evidence: { measurements: early, answers: [] } })
    expect([canaryWeight, failedChecks, unanswered, hold?.reason]).toEqual([20, 0, undefined, 'AwaitingEvidence'])
  })

  it('is looked at again an interval later', () => {
    expect(decided(holding, { evidence: { measurements: early, answers: [] } }).nextEvidenceAt).toBe(at(10))
  })
})
