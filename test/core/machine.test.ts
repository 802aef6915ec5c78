import { describe, expect, it } from 'vitest'
import { transition } from 'xstate'
import { type RolloutState, states } from '../../src/api/phases.ts'
import { eventTypes, type RolloutEvent, type RolloutEventType } from '../../src/core/events.ts'
import { rolloutMachine } from '../../src/core/machine.ts'
import { freshContext, type RolloutContext } from '../../src/core/rollout-context.ts'
import type { RolloutPlan } from '../../src/core/rollout-plan.ts'
import { fromStateValue, toStateValue } from '../../src/core/status-context.ts'
import { aRevision, epochMs } from '../support/builders.ts'

const plan: RolloutPlan = {
  strategy: 'canary',
  ladder: [10, 20],
  iterations: 0,
  mirror: false,
  weighs: true,
  returnStep: 0,
  threshold: 2,
  intervalMs: 10_000,
  slotMs: 0,
  lagMs: 0,
  deadlineMs: 60_000,
  skipAnalysis: false,
  startIsGated: false,
  mayBeCalledOff: false,
}

const revision = aRevision('2').pin
const verdict = { kind: 'fail', reason: 'MetricOutOfRange', message: 'success rate 50.00% < 99%' } as const

const eventOf = (type: RolloutEventType, change: Partial<RolloutPlan> = {}): RolloutEvent =>
  ({ type, nowMs: epochMs, plan: { ...plan, ...change }, revision, verdict, grants: [], message: 'stuck' }) as unknown as RolloutEvent

const run = (state: RolloutState, event: RolloutEvent, change: Partial<RolloutContext> = {}) => {
  const context = { ...freshContext(epochMs), analysed: revision, promoted: aRevision('1').pin, ...change }
  const [next, actions] = transition(rolloutMachine, rolloutMachine.resolveState({ value: toStateValue(state), context }), event)
  return { state: fromStateValue(next.value), context: next.context, actions: actions.map(action => action.type) }
}

type Row = Partial<Record<RolloutEventType, RolloutState>>

const starts: Row = {
  PRIMARY_LOST: 'Initializing.creating',
  REVISION_CHANGED: 'Progressing.scaling',
  CHECKS_PASSED: 'Progressing.scaling',
}
const running: Row = {
  TAKEN_OVER: 'Progressing.scaling',
  PRIMARY_LOST: 'Initializing.creating',
  PLAN_CHANGED: 'Progressing.scaling',
  REVISION_CHANGED: 'Progressing.scaling',
  RETURNED_TO_PROMOTED: 'Finalising.draining',
  CANARY_STUCK: 'Failed.returning',
  DEADLINE_EXCEEDED: 'Failed.returning',
  CHECKS_FATAL: 'Failed.returning',
}
const calledOff: Row = { CHECKS_FATAL: 'Failed.restoring' }
const promotionFails: Row = { PRIMARY_STUCK: 'Failed.returning', DEADLINE_EXCEEDED: 'Failed.returning', BOTH_STUCK: 'Failed.restoring' }

/** Where each event leads from each state, with the plan above. What is not listed leaves the state as it is. */
const table: Readonly<Record<RolloutState, Row>> = {
  'Initializing.creating': { CONVERGED: 'Initializing.switching' },
  'Initializing.switching': { CONVERGED: 'Initialized.parking', REVISION_CHANGED: 'Initializing.creating' },
  'Initialized.parking': { ...starts, CONVERGED: 'Initialized' },
  Initialized: starts,
  Waiting: {
    PRIMARY_LOST: 'Initializing.creating',
    CHECKS_PASSED: 'Progressing.scaling',
    CHECKS_FATAL: 'Failed.returning',
    RETURNED_TO_PROMOTED: 'Finalising.draining',
  },
  'Progressing.scaling': { ...running, CONVERGED: 'Progressing.starting' },
  'Progressing.starting': { ...running, REVISION_CHANGED: 'Progressing.scaling', CHECKS_PASSED: 'Progressing.analysing' },
  'Progressing.analysing': { ...running, REVISION_CHANGED: 'Progressing.scaling' },
  'Progressing.switching': { ...running, REVISION_CHANGED: 'Progressing.scaling', CHECKS_PASSED: 'Promoting.copying' },
  WaitingPromotion: { ...running, REVISION_CHANGED: 'Progressing.scaling', CHECKS_PASSED: 'Progressing.analysing' },
  'Promoting.copying': {
    ...calledOff,
    TAKEN_OVER: 'Promoting.sizing',
    CONVERGED: 'Promoting.sizing',
    PRIMARY_LOST: 'Initializing.creating',
    REVISION_CHANGED: 'Progressing.scaling',
    RETURNED_TO_PROMOTED: 'Finalising.draining',
    DEADLINE_EXCEEDED: 'Failed.returning',
  },
  'Promoting.sizing': { ...promotionFails, ...calledOff, CONVERGED: 'Promoting.settling' },
  'Promoting.shifting': { ...promotionFails, ...calledOff, CHECKS_PASSED: 'Promoting.settling' },
  'Promoting.settling': { ...promotionFails, ...calledOff, CONVERGED: 'Finalising.draining' },
  'Finalising.draining': {
    ...calledOff,
    PRIMARY_LOST: 'Initializing.creating',
    CONVERGED: 'Finalising.parking',
    PRIMARY_STUCK: 'Failed.returning',
    BOTH_STUCK: 'Failed.restoring',
    DEADLINE_EXCEEDED: 'Succeeded',
  },
  'Finalising.parking': { ...calledOff, CONVERGED: 'Succeeded', DEADLINE_EXCEEDED: 'Succeeded' },
  Succeeded: starts,
  'Failed.restoring': { ...promotionFails, BOTH_STUCK: 'Failed.returning', CONVERGED: 'Failed.returning' },
  'Failed.returning': { PRIMARY_LOST: 'Initializing.creating', CONVERGED: 'Failed.parking', DEADLINE_EXCEEDED: 'Failed.parking' },
  'Failed.parking': { ...starts, CONVERGED: 'Failed' },
  Failed: starts,
  'Terminating.reverting': { CONVERGED: 'Terminating.draining' },
  'Terminating.draining': {},
}

const pairs = states.flatMap(state => eventTypes.map(type => [state, type] as const))

describe('every pair of state and event', () => {
  it.each(pairs)('%s on %s', (state, type) => {
    const expected = type === 'DELETED' ? 'Terminating.reverting' : (table[state][type] ?? state)
    expect(run(state, eventOf(type)).state).toBe(expected)
  })

  it('never lets a weight leave 0..100', () => {
    for (const [state, type] of pairs) {
      for (const weight of [0, 10, 20, 100]) {
        const after = run(state, eventOf(type), { weight }).context.weight
        expect(after).toBeGreaterThanOrEqual(0)
        expect(after).toBeLessThanOrEqual(100)
      }
    }
  })

  it('has nothing to say where nothing changes', () => {
    const silent = pairs.filter(([state, type]) => type !== 'DELETED' && table[state][type] === undefined && !type.startsWith('CHECKS_'))
    expect(silent.flatMap(([state, type]) => (state === 'Initializing.creating' ? [] : run(state, eventOf(type)).actions))).toEqual([])
  })

  it('uses only actions that are data', () => {
    const types = new Set(pairs.flatMap(([state, type]) => run(state, eventOf(type)).actions))
    expect([...types].toSorted()).toEqual(['notice'])
  })
})

describe('guards', () => {
  it.each([
    {
      says: 'a failed check below the threshold stays',
      type: 'CHECKS_FAILED',
      context: { failedChecks: 0 },
      state: 'Progressing.analysing',
    },
    { says: 'a failed check at the threshold rolls back', type: 'CHECKS_FAILED', context: { failedChecks: 1 }, state: 'Failed.returning' },
    { says: 'the next weight stays in analysis', type: 'CHECKS_PASSED', context: { weight: 10 }, state: 'Progressing.analysing' },
    { says: 'the top of the ladder promotes', type: 'CHECKS_PASSED', context: { weight: 20 }, state: 'Promoting.copying' },
  ] as const)('$says', ({ type, context, state }) => {
    expect(run('Progressing.analysing', eventOf(type), context).state).toBe(state)
  })

  it('returns traffic step by step where a step is asked for', () => {
    const first = run('Promoting.sizing', eventOf('CONVERGED', { returnStep: 30 }), { weight: 50 })
    expect([first.state, first.context.weight]).toEqual(['Promoting.shifting', 20])
    const second = run('Promoting.shifting', eventOf('CHECKS_PASSED', { returnStep: 30 }), { weight: 20 })
    expect([second.state, second.context.weight]).toEqual(['Promoting.settling', 0])
  })

  it('rests without parking when the canary serves', () => {
    expect(run('Failed.returning', eventOf('CONVERGED'), { servingFrom: 'canary' }).state).toBe('Failed')
  })
})
