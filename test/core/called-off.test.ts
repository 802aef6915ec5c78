import { describe, expect, it } from 'vitest'
import { phaseOf, type RolloutState, states } from '../../src/api/phases.ts'
import type { Pin } from '../../src/api/status.ts'
import { newsOf } from '../../src/core/news.ts'
import { appealOf } from '../../src/core/questions.ts'
import { contextOf } from '../../src/core/status-context.ts'
import { aCanary, anObservation, aRevision, epochMs, stuck } from '../support/builders.ts'

const [v1, v2] = ['1', '2'].map(version => aRevision(version).pin) as [Pin, Pin]
const webhooks = [{ name: 'stop', type: 'rollback', url: 'http://gate/' }]

const situation = (state: RolloutState, { analysed, promoted }: { readonly analysed: Pin; readonly promoted: Pin }) => {
  const [, step] = state.split('.')
  const canary = aCanary({
    analysis: { webhooks },
    status: { phase: phaseOf(state), ...(step ? { state } : {}), canaryWeight: 0, analysed, promoted },
  })
  const seen = anObservation(canary, { primaryTrack: stuck, revision: aRevision('2') })
  return { state, context: contextOf(canary.status, epochMs), plan: seen.plan, seen, revisionIsNew: false }
}

const lateStates = states.filter(state => ['Promoting', 'Finalising'].includes(phaseOf(state)))

/* The machine has no arrow for what is ruled out here. */
describe('a primary that runs what was promoted', () => {
  it.each(lateStates)('leaves nothing that could be called off in %s', state => {
    expect(appealOf(situation(state, { analysed: v1, promoted: v1 }))).toBeUndefined()
    expect(appealOf(situation(state, { analysed: v2, promoted: v1 }))).toMatchObject({ hooks: ['rollback'] })
  })

  it('fails no promotion when it gets stuck after a release was taken back', () => {
    expect(newsOf(situation('Finalising.draining', { analysed: v1, promoted: v1 }))).toBeUndefined()
    expect(newsOf(situation('Finalising.draining', { analysed: v2, promoted: v1 }))).toMatchObject({ type: 'PRIMARY_STUCK' })
  })
})
