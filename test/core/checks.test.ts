import { describe, expect, it } from 'vitest'
import {
  advanceChecks,
  type CheckInput,
  canaryHasCapacity,
  canaryIsReady,
  evaluate,
  gatesAreOpen,
  hooksSucceed,
  metricsAnswer,
  metricsAreInRange,
  primaryIsReady,
  rollbackIsNotRequested,
} from '../../src/core/checks.ts'
import { answer, evidence, ready, stuck, successRate, unreachable, waiting } from '../support/builders.ts'

const untimed = { ...waiting, readyPods: 0, servingPods: 0, isUntimed: true } as const

const input = (change: Partial<CheckInput> = {}): CheckInput => ({
  canaryName: 'podinfo.test',
  evidence: evidence(),
  canaryTrack: ready,
  primaryTrack: ready,
  ...change,
})

describe('each check', () => {
  it.each([
    [
      'a rollback hook that says yes',
      rollbackIsNotRequested,
      { evidence: evidence([], [answer('rollback', true)]) },
      'fatal',
      'RollbackRequested',
    ],
    ['a rollback hook that says no', rollbackIsNotRequested, { evidence: evidence([], [answer('rollback', false)]) }, 'pass', undefined],
    ['a load test that fails', hooksSucceed, { evidence: evidence([], [answer('rollout', false)]) }, 'fail', 'HookFailed'],
    ['a metric below its minimum', metricsAreInRange, { evidence: evidence([successRate(98)]) }, 'fail', 'MetricOutOfRange'],
    ['a metric exactly at its minimum', metricsAreInRange, { evidence: evidence([successRate(99)]) }, 'pass', undefined],
    ['a metric without samples', metricsAnswer, { evidence: evidence([successRate(undefined)]) }, 'inconclusive', 'NoData'],
    ['a store that cannot be asked', metricsAnswer, { evidence: evidence([unreachable]) }, 'inconclusive', 'StoreUnreachable'],
    ['a closed gate', gatesAreOpen, { evidence: evidence([], [answer('confirm-promotion', false)]) }, 'wait', 'GateClosed'],
    ['a canary that is stuck', canaryIsReady, { canaryTrack: stuck }, 'fatal', 'ProgressDeadlineExceeded'],
    ['a canary that comes up', canaryIsReady, { canaryTrack: waiting }, 'wait', 'CanaryNotReady'],
    [
      'a canary with zero of zero pods',
      canaryIsReady,
      { canaryTrack: { ...ready, readyPods: 0, wantedPods: 0 } },
      'wait',
      'CanaryNotReady',
    ],
    [
      'a canary with too few pods for its next share',
      canaryHasCapacity,
      { shortage: { reason: 'CapacityMissing', message: 'waiting for 2 more ready pods' } },
      'wait',
      'CapacityMissing',
    ],
    ['a primary without pods', primaryIsReady, { primaryTrack: waiting }, 'wait', 'PrimaryNotReady'],
    ['a primary without any pod, nobody knows for how long', primaryIsReady, { primaryTrack: untimed }, 'pass', undefined],
    ['a primary that gave up without any pod', primaryIsReady, { primaryTrack: { ...stuck, servingPods: 0 } }, 'pass', undefined],
    [
      'a primary that gave up, whose old pods serve',
      primaryIsReady,
      { primaryTrack: { ...stuck, readyPods: 0, servingPods: 1 } },
      'wait',
      'PrimaryNotReady',
    ],
  ] as const)('%s', (...[, check, change, kind, reason]) => {
    const verdict = check(input(change))
    expect([verdict.kind, verdict.reason]).toEqual([kind, reason])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('a metric of %d is no evidence', value => {
    expect(evaluate(input({ evidence: evidence([successRate(value)]) })).kind).toBe('inconclusive')
  })
})

describe('the chain', () => {
  it('passes when nothing is asked and all is ready', () => {
    expect(evaluate(input()).kind).toBe('pass')
  })

  it('lets the gravest verdict decide, and its first check give the reason', () => {
    const all = evidence([successRate(50), unreachable], [answer('confirm-promotion', false), answer('rollout', false)])
    expect(evaluate(input({ evidence: all })).reason).toBe('HookFailed')
    expect(evaluate(input({ evidence: all, canaryTrack: stuck })).kind).toBe('fatal')
  })

  it('holds every check once', () => {
    expect(new Set(advanceChecks).size).toBe(8)
  })
})
