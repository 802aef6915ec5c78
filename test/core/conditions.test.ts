import { describe, expect, it } from 'vitest'
import { entryStates, type Phase, phases, type RolloutState, states } from '../../src/api/phases.ts'
import { reasons } from '../../src/api/reasons.ts'
import type { Condition } from '../../src/api/status.ts'
import { conditionsOf } from '../../src/core/conditions.ts'
import { freshContext } from '../../src/core/rollout-context.ts'
import { aCanary, epochMs } from '../support/builders.ts'

type Scene = Parameters<typeof conditionsOf>[0]

const conditions = (change: Partial<Scene> = {}): readonly Condition[] =>
  conditionsOf({
    canary: aCanary(),
    state: 'Progressing.analysing',
    context: freshContext(epochMs),
    hold: undefined,
    obstacle: undefined,
    nowMs: epochMs,
    remarks: [],
    ...change,
  })

const find = (type: string, change: Partial<Scene> = {}) => conditions(change).find(condition => condition.type === type)

describe('the condition Promoted', () => {
  it.each<readonly [Phase, string, string]>([
    ['Initializing', 'Unknown', 'New Deployment detected, starting initialization.'],
    ['Initialized', 'True', 'Deployment initialization completed.'],
    ['Waiting', 'Unknown', 'Waiting for approval.'],
    ['Progressing', 'Unknown', 'New revision detected, progressing canary analysis.'],
    ['WaitingPromotion', 'Unknown', 'Waiting for approval.'],
    ['Promoting', 'Unknown', 'Canary analysis completed, starting primary rolling update.'],
    ['Finalising', 'Unknown', 'Canary analysis completed, routing all traffic to primary.'],
    ['Succeeded', 'True', 'Canary analysis completed successfully, promotion finished.'],
    ['Failed', 'False', 'Canary analysis failed, Deployment scaled to zero.'],
    ['Terminating', 'Unknown', 'New Deployment detected, starting initialization.'],
  ])('in %s is %s, in the words of the field', (phase, status, message) =>
    expect(find('Promoted', { state: entryStates[phase] })).toMatchObject({ status, reason: phase, message }),
  )

  it.each<readonly [RolloutState, string]>([
    ['Failed.restoring', 'Canary analysis failed, the primary gets back what was promoted before.'],
    ['Failed.returning', 'Canary analysis failed, routing all traffic to primary.'],
    ['Failed.parking', 'Canary analysis failed, scaling Deployment to zero.'],
    ['Failed', 'Canary analysis failed, Deployment scaled to zero.'],
  ])('in %s says nothing that is not so yet', (state, message) => expect(find('Promoted', { state })?.message).toBe(message))

  it('says after a failed promotion that the canary serves', () =>
    expect(find('Promoted', { state: 'Failed', context: { ...freshContext(epochMs), servingFrom: 'canary' } })?.message).toBe(
      'Promotion failed, Deployment podinfo serves all traffic.',
    ))
})

describe('the conditions', () => {
  it('all have a message in every state, because health checks of Argo CD read it', () => {
    const silent = states.filter(state => conditions({ state }).some(({ message }) => !message))
    expect(silent).toEqual([])
  })

  it('are one of each type', () => expect(conditions().map(({ type }) => type)).toEqual(['Promoted', 'Ready', 'Reconciling', 'Stalled']))

  it('speak of the generation that was looked at', () =>
    expect(conditions({ canary: aCanary({ metadata: { generation: 7 } }) }).map(condition => condition.observedGeneration)).toEqual([
      7, 7, 7, 7,
    ]))

  it.each(phases.filter(phase => !['Initialized', 'Succeeded', 'Failed'].includes(phase)))(
    'say Reconciling while something is to be done: %s',
    phase => expect(find('Reconciling', { state: entryStates[phase] })?.status).toBe('True'),
  )
})

describe('what the conditions say to people', () => {
  const failure = { reason: 'MetricOutOfRange', message: 'failed checks threshold reached 2: success rate 50.00% < 99%' } as const
  const failed = { state: 'Failed', context: { ...freshContext(epochMs), failure } } as const

  it.each(['Ready', 'Stalled'])('is, in %s of one that failed, what was measured and what to do next', type =>
    expect(find(type, failed)?.message).toBe(`${failure.message}. What to do: ${reasons.MetricOutOfRange.next}`),
  )

  it('is what to do while it holds', () => {
    const hold = { reason: 'GateClosed', message: 'waiting for approval gate', since: new Date(epochMs).toISOString() }
    expect(find('Ready', { hold })?.message).toBe(`waiting for approval gate. What to do: ${reasons.GateClosed.next}`)
  })

  it('has an end, whatever came from outside', () => {
    const obstacle = { reason: 'DeferredWrite', message: 'x'.repeat(50_000) } as const
    expect(conditions({ obstacle }).filter(({ message }) => message.length > 1024)).toEqual([])
  })
})

describe('the times of a condition', () => {
  const later = epochMs + 60_000
  const at = (ms: number) => new Date(ms).toISOString()
  const moved = (state: Scene['state'], next: Scene['state']) =>
    find('Promoted', { canary: aCanary({ status: { conditions: [...conditions({ state })] } }), state: next, nowMs: later })

  it('stay while status and reason stay', () =>
    expect(moved('Progressing.scaling', 'Progressing.analysing')).toMatchObject({
      lastUpdateTime: at(epochMs),
      lastTransitionTime: at(epochMs),
    }))

  it('say when the reason changed last', () =>
    expect(moved('Progressing.analysing', 'Promoting.copying')).toMatchObject({
      lastUpdateTime: at(later),
      lastTransitionTime: at(epochMs),
    }))

  it('say when the status changed last', () =>
    expect(moved('Finalising.parking', 'Succeeded')).toMatchObject({ lastUpdateTime: at(later), lastTransitionTime: at(later) }))
})
