import { describe, expect, it } from 'vitest'
import { decide } from '../../src/core/decide.ts'
import { aCanary, anObservation, answer, aRevision, epochMs, evidence } from '../support/builders.ts'

/** At rest on v1, with v2 in the target, and a gate before the next rollout; `lastAppliedSpec` got lost. */
const waiting = (isOpen: boolean) => {
  const [v1, v2] = [aRevision('v1'), aRevision('v2')]
  const webhooks = [{ name: 'gate', type: 'confirm-rollout', url: 'http://hooks.test/gate' }]
  const status = { phase: 'Succeeded', analysed: v1.pin, promoted: v1.pin, stateSince: new Date(epochMs).toISOString() } as const
  const canary = aCanary({ analysis: { webhooks }, status })
  const found = evidence([], [answer('confirm-rollout', isOpen, 'gate')])
  return decide(anObservation(canary, { revision: v2, evidence: found, convergence: 'converged' })).status
}

describe('the hash of what was applied last', () => {
  it('is not that of a revision which waits for its start', () =>
    expect([waiting(false).phase, waiting(false).lastAppliedSpec]).toEqual(['Waiting', undefined]))

  it('is that of a revision as soon as it is taken up', () =>
    expect(waiting(true)).toMatchObject({ phase: 'Progressing', lastAppliedSpec: aRevision('v2').pin.hash }))
})
