import { describe, expect, it } from 'vitest'
import type { Canary } from '../../src/api/canary.ts'
import { phaseOf, type RolloutState, states } from '../../src/api/phases.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import type { Observation } from '../../src/core/observation.ts'
import { aCanary, anObservation, aRevision, epochMs } from '../support/builders.ts'
import { argoHealth, type KStatus, kstatus, kubectlWaitEnds } from '../support/health-rules.ts'

type Fields = Readonly<Record<string, unknown>>

const failure = { reason: 'MetricOutOfRange', message: 'failed checks threshold reached 2: success rate 50.00% < 99%' }

const stored = (state: RolloutState, change: CanaryStatus = {}): CanaryStatus => ({
  phase: phaseOf(state),
  state,
  canaryWeight: 0,
  analysed: aRevision('v2').pin,
  promoted: aRevision('v1').pin,
  stateSince: new Date(epochMs).toISOString(),
  ...(phaseOf(state) === 'Failed' ? { failure } : {}),
  ...change,
})

interface Look {
  readonly seen?: Partial<Observation>
  readonly metadata?: Fields
  readonly status?: CanaryStatus
}

/** A Canary in this state as it is after a look at it. */
const canaryIn = (state: RolloutState, { seen = {}, metadata = {}, status = {} }: Look = {}): Canary => {
  const canary = aCanary({ status: stored(state, status), metadata: { generation: 3, ...metadata } })
  return { ...canary, status: decide(anObservation(canary, seen)).status }
}

const answersOf = (canary: Canary) => [
  argoHealth(canary).health,
  kstatus(canary),
  kubectlWaitEnds(canary, 'Promoted') ? 'promoted' : '',
  kubectlWaitEnds(canary, 'Ready') ? 'ready' : '',
]

const table: Readonly<Record<RolloutState, readonly [string, KStatus, string, string]>> = {
  'Initializing.creating': ['Unknown', 'InProgress', '', ''],
  'Initializing.switching': ['Unknown', 'InProgress', '', ''],
  'Initialized.parking': ['Healthy', 'InProgress', 'promoted', ''],
  Initialized: ['Healthy', 'Current', 'promoted', 'ready'],
  Waiting: ['Unknown', 'InProgress', '', ''],
  'Progressing.scaling': ['Progressing', 'InProgress', '', ''],
  'Progressing.starting': ['Progressing', 'InProgress', '', ''],
  'Progressing.analysing': ['Progressing', 'InProgress', '', ''],
  'Progressing.switching': ['Progressing', 'InProgress', '', ''],
  WaitingPromotion: ['Unknown', 'InProgress', '', ''],
  'Promoting.copying': ['Progressing', 'InProgress', '', ''],
  'Promoting.sizing': ['Progressing', 'InProgress', '', ''],
  'Promoting.shifting': ['Progressing', 'InProgress', '', ''],
  'Promoting.settling': ['Progressing', 'InProgress', '', ''],
  'Finalising.draining': ['Progressing', 'InProgress', '', ''],
  'Finalising.parking': ['Progressing', 'InProgress', '', ''],
  Succeeded: ['Healthy', 'Current', 'promoted', 'ready'],
  'Failed.restoring': ['Degraded', 'InProgress', '', ''],
  'Failed.returning': ['Degraded', 'InProgress', '', ''],
  'Failed.parking': ['Degraded', 'InProgress', '', ''],
  Failed: ['Degraded', 'Failed', '', ''],
  'Terminating.reverting': ['Unknown', 'InProgress', '', ''],
  'Terminating.draining': ['Unknown', 'InProgress', '', ''],
}

describe('Argo CD, kstatus and kubectl wait', () => {
  it.each(states)('give the right answer in %s', state => expect(answersOf(canaryIn(state))).toEqual(table[state]))

  it.each(states)('give the same answer in %s while it holds', state => {
    const hold = { reason: 'RouteNotAccepted', message: 'the gateway has not taken it' } as const
    expect(answersOf(canaryIn(state, { seen: { convergence: hold } }))).toEqual(table[state])
  })

  it.each(states)('are told in %s that somebody has to do something', state => {
    const canary = canaryIn(state, { seen: { obstacle: { reason: 'InvalidSpec', message: 'spec.service.port: expected a number' } } })
    expect([kstatus(canary), kubectlWaitEnds(canary, 'Ready')]).toEqual(['Failed', false])
  })

  it.each(states)('do not wait in %s for one that is suspended, unless it was suspended in mid-run', state => {
    const seen = { obstacle: { reason: 'Suspended', message: 'the Canary is suspended' } } as const
    const [, atWork] = table[state]
    expect(kstatus(canaryIn(state, { seen }))).toBe(atWork)
  })

  it.each(states)('do not take the answer about the last spec for one about the spec that was changed in %s', state => {
    const canary = canaryIn(state)
    const edited = { ...canary, metadata: { ...canary.metadata, generation: 4 } }
    expect([kstatus(edited), kubectlWaitEnds(edited, 'Promoted'), kubectlWaitEnds(edited, 'Ready')]).toEqual(['InProgress', false, false])
  })

  it.each(states)('say in %s that it goes when it was deleted', state =>
    expect(kstatus(canaryIn(state, { metadata: { deletionTimestamp: new Date(epochMs).toISOString() } }))).toBe('Terminating'),
  )

  it.each(['Initializing.creating', 'Initializing.switching'] as const)('find a fault where %s takes longer than its deadline', state => {
    const since = new Date(epochMs - 61_000).toISOString()
    const hold = { reason: 'PrimaryNotReady', message: 'podinfo-primary.test not ready', since }
    expect(
      kstatus(canaryIn(state, { status: { hold }, seen: { convergence: { reason: 'PrimaryNotReady', message: hold.message } } })),
    ).toBe('Failed')
  })

  it('show why, of a Canary that failed', () => expect(argoHealth(canaryIn('Failed')).message).toContain('success rate 50.00% < 99%'))

  it('show why even when it was suspended after that', () => {
    const seen = { obstacle: { reason: 'Suspended', message: 'the Canary is suspended' } } as const
    expect(argoHealth(canaryIn('Failed', { seen })).message).toContain('success rate 50.00% < 99%')
  })
})
