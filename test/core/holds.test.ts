import { describe, expect, it } from 'vitest'
import type { Hold } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import type { Evidence } from '../../src/core/evidence.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, answer, aRevision, epochMs, ready } from '../support/builders.ts'

const refused: Hold = { reason: 'DeferredWrite', message: 'apply HTTPRoute: denied', since: new Date(epochMs - 20_000).toISOString() }
const webhooks = [{ name: 'stop', type: 'rollback', url: 'http://gate/' }]
const goesOn: Evidence = { measurements: [], answers: [answer('rollback', false, 'stop')], isAppeal: true }

/** A step that a refused write holds, and what came of this. */
const heldAfter = (seen: Pick<Observation, 'evidence' | 'convergence'>): Hold | undefined => {
  const { pin } = aRevision('2')
  const canary = aCanary({
    analysis: { webhooks },
    status: {
      phase: 'Progressing',
      state: 'Progressing.analysing',
      canaryWeight: 20,
      analysed: pin,
      promoted: aRevision('1').pin,
      hold: refused,
    },
  })
  return decide(anObservation(canary, { revision: aRevision('2'), canaryTrack: ready, primaryTrack: ready, ...seen })).status.hold
}

describe('what holds a rollout', () => {
  it('does so all the same when nobody calls it off meanwhile, since when it did', () =>
    expect(heldAfter({ evidence: goesOn, convergence: 'pending' })).toEqual(refused))

  it('is over when all stands as recorded', () => expect(heldAfter({ convergence: 'converged' })).toBeUndefined())
})
