import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, aRevision, epochMs, healthy } from '../support/builders.ts'

const time = (ms: number): string => new Date(epochMs + ms).toISOString()

/** At 20 %, with the next look due in so many milliseconds. */
const atTwenty = (dueInMs: number, change: Partial<Observation>) =>
  decide(
    anObservation(
      aCanary({
        analysis: { interval: '60s', stepWeight: 20, maxWeight: 60 },
        status: {
          phase: 'Progressing',
          state: 'Progressing.analysing',
          canaryWeight: 20,
          analysed: aRevision('v2').pin,
          promoted: aRevision('v1').pin,
          stateSince: time(-60_000),
          nextEvidenceAt: time(dueInMs),
        },
      }),
      { revision: aRevision('v2'), ...change },
    ),
  ).status

describe('good evidence', () => {
  it('takes the step when the world is as recorded', () =>
    expect(atTwenty(0, { evidence: healthy, convergence: 'converged' }).canaryWeight).toBe(40))

  it.each([
    ['something is left to write', 'pending'],
    ['the route is not taken', { reason: 'RouteNotAccepted', message: 'the gateway has not taken it' }],
  ] as const)('takes none where %s: it speaks of another world', (_, convergence) =>
    expect(atTwenty(0, { evidence: healthy, convergence }).canaryWeight).toBe(20),
  )
})

describe('a step', () => {
  it('has its whole interval from when its route, which was late, can say what was recorded', () =>
    expect(atTwenty(30_000, { routeIsBehind: true }).nextEvidenceAt).toBe(time(60_000)))

  it('is left alone where its route is late by little', () =>
    expect(atTwenty(59_000, { routeIsBehind: true }).nextEvidenceAt).toBe(time(59_000)))
})
