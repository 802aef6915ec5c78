import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentReadiness } from '../../src/targets/deployment-readiness.ts'
import { epochMs } from '../support/builders.ts'
import { observedObject } from '../support/observed.ts'
import { aTarget } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const secondsAgo = (seconds: number): string => new Date(epochMs - seconds * 1000).toISOString()
const progressing = { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }
const unavailableFor = (seconds: number) => ({
  type: 'Available',
  status: 'False',
  reason: 'MinimumReplicasUnavailable',
  lastUpdateTime: secondsAgo(seconds),
})

const pods = (replicas: number, updatedReplicas: number, availableReplicas: number): Fields => ({
  replicas,
  updatedReplicas,
  availableReplicas,
})
const rule = { thresholdPercent: 100, deadlineMs: 60_000, nowMs: epochMs }
const seen = (wanted: number, status: Fields, change = {}) =>
  deploymentReadiness({ ...aTarget({ spec: { replicas: wanted } }), status: { observedGeneration: 1, ...status } }, { ...rule, ...change })

describe('a Deployment', () => {
  it('is ready when all pods are updated and available', () =>
    expect(seen(1, pods(1, 1, 1))).toEqual({ kind: 'ready', message: '', readyPods: 1, servingPods: 1, wantedPods: 1 }))

  it.each([
    ['ReplicaSet "app-7d9" has successfully progressed.', 'app-7d9-'],
    ['ReplicaSet "app-7d9" is progressing.', 'app-7d9-'],
    ['Created new replica set "app-7d9"', 'app-7d9-'],
    ['Found new replica set "app-7d9"', 'app-7d9-'],
    [`ReplicaSet "${'a'.repeat(60)}-7d9" is progressing.`, 'a'.repeat(58)],
  ])('whose controller says %j has pods that are called %s', (message, prefix) => {
    const conditions = [{ ...progressing, message, lastUpdateTime: secondsAgo(5) }]
    expect(seen(1, { ...pods(1, 1, 1), conditions }).newest).toEqual({ prefix, sinceMs: epochMs - 5000 })
  })

  it('of whose pods nobody says a name has no names', () =>
    expect(seen(1, { ...pods(1, 1, 1), conditions: [progressing] })).not.toHaveProperty('newest'))

  it('that was just made waits for its first status', () => expect(deploymentReadiness(aTarget(), rule).kind).toBe('waiting'))

  it.each([
    [
      'status of an older generation',
      1,
      { observedGeneration: 0, ...pods(1, 1, 1) },
      'observed deployment generation less than desired generation',
    ],
    ['pods of the old template', 2, pods(2, 1, 2), '1 out of 2 new replicas have been updated'],
    ['old pods that still run', 1, pods(2, 1, 2), '1 old replicas are pending termination'],
    ['too few available pods', 2, pods(2, 2, 1), '1 of 2 (readyThreshold 100%) updated replicas are available'],
  ])('waits because of %s', (...[, wanted, status, text]) =>
    expect(seen(wanted, status)).toMatchObject({ kind: 'waiting', message: `waiting for rollout to finish: ${text}` }),
  )

  it('says whether its pods may be those of an older template', () => {
    expect(seen(1, { observedGeneration: 0, ...pods(1, 1, 1) })).toMatchObject({ readyPods: 1, isUnseen: true })
    expect(seen(2, pods(2, 1, 2))).not.toHaveProperty('isUnseen')
  })

  it('whose pods the API server refuses says so, whatever the next one would have been called', () =>
    expect(
      seen(2, {
        ...pods(1, 1, 1),
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            reason: 'FailedCreate',
            message: 'pods "podinfo-5c9-x7k2q" is forbidden: exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4',
          },
        ],
      }).message,
    ).toBe(
      'waiting for rollout to finish: 1 out of 2 new replicas have been updated; pods cannot be created: forbidden: exceeded quota: team, requested: pods=1, used: pods=4, limited: pods=4',
    ))

  it('whose controller gave up is stuck', () =>
    expect(
      seen(2, { ...pods(2, 1, 1), conditions: [{ ...progressing, reason: 'ProgressDeadlineExceeded', status: 'False' }] }),
    ).toMatchObject({
      kind: 'stuck',
      message: 'deployment "podinfo" exceeded its progress deadline',
    }))

  it.each([
    ['stuck once the deadline is over', [progressing, unavailableFor(10)], 5000, 'stuck'],
    ['waiting before the deadline', [progressing, unavailableFor(10)], 15_000, 'waiting'],
    ['waiting when no rollout was begun', [unavailableFor(10)], 5000, 'waiting'],
    [
      'waiting when enough pods are available',
      [progressing, { ...unavailableFor(10), status: 'True', reason: 'MinimumReplicasAvailable' }],
      5000,
      'waiting',
    ],
    [
      'waiting when a new template was taken up since',
      [{ ...progressing, lastUpdateTime: secondsAgo(3) }, unavailableFor(10)],
      5000,
      'waiting',
    ],
    ['stuck when that is long ago as well', [{ ...progressing, lastUpdateTime: secondsAgo(7) }, unavailableFor(10)], 5000, 'stuck'],
    ['waiting when the condition has no time', [progressing, { ...unavailableFor(10), lastUpdateTime: undefined }], 5000, 'waiting'],
  ])('with too few pods is %s', (...[, conditions, deadlineMs, kind]) =>
    expect(seen(2, { ...pods(2, 2, 1), conditions }, { deadlineMs }).kind).toBe(kind),
  )

  it.each([
    [4, 50, 2, 'ready'],
    [4, 50, 1, 'waiting'],
    [10, 70, 7, 'ready'],
    [10, 70, 6, 'waiting'],
    [3, 50, 1, 'ready'],
    [1, 0, 0, 'ready'],
    [2, 150, 2, 'waiting'],
  ])('of %i pods with threshold %i percent and %i available is %s', (...[wanted, thresholdPercent, available, kind]) =>
    expect(seen(wanted, pods(wanted, wanted, available), { thresholdPercent }).kind).toBe(kind),
  )

  it('that nobody sized wants one pod', () =>
    expect(deploymentReadiness(aTarget({ spec: { replicas: undefined } }), rule).wantedPods).toBe(1))

  it('that is paused says so while it waits', () => {
    const object = aTarget({ spec: { replicas: 2, paused: true } })
    expect(deploymentReadiness({ ...object, status: { observedGeneration: 1, ...pods(2, 1, 2) } }, rule).message).toContain(
      '(the Deployment is paused)',
    )
  })
})

describe('pods that serve', () => {
  it('are none of a parked Deployment, although nothing is wrong with it', () =>
    expect(seen(0, {})).toEqual({ kind: 'ready', message: '', readyPods: 0, servingPods: 0, wantedPods: 0 }))

  it('are those last reported while the status speaks of an older generation', () =>
    expect(seen(2, { observedGeneration: 0, ...pods(2, 2, 2) })).toMatchObject({ kind: 'waiting', readyPods: 2 }))

  it('leave out pods of the old template, which serve all the same', () =>
    expect(seen(2, pods(3, 1, 3))).toMatchObject({ readyPods: 1, servingPods: 3 }))

  it('are those of the newest template at least', () => expect(seen(4, pods(5, 2, 3)).readyPods).toBe(0))

  it('are counted below a threshold of nothing too', () =>
    expect(seen(1, pods(1, 1, 0), { thresholdPercent: 0 })).toMatchObject({ kind: 'ready', readyPods: 0 }))

  it('are never more than there are new ones', () =>
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (old, updated, available) => {
        const total = old + updated
        return seen(updated, pods(total, updated, Math.min(total, available))).readyPods <= updated
      }),
    ))
})

describe('Deployments of a real cluster', () => {
  it.each([
    ['1-initialized-deployments', 'app-primary', { kind: 'ready', readyPods: 2, wantedPods: 2 }],
    ['1-initialized-deployments', 'app', { kind: 'ready', readyPods: 0, wantedPods: 0 }],
    ['3-promoting-deployments', 'app', { kind: 'ready', readyPods: 2, wantedPods: 2 }],
    [
      '3-promoting-deployments',
      'app-primary',
      { kind: 'waiting', readyPods: 1, message: 'waiting for rollout to finish: 1 old replicas are pending termination' },
    ],
    ['5-failed-deployments', 'app', { kind: 'ready', readyPods: 0, wantedPods: 0 }],
  ])('%s %s', (file, name, expected) =>
    expect(deploymentReadiness(observedObject(file, name), { ...rule, nowMs: Date.parse('2026-11-21T09:10:00Z') })).toMatchObject(expected),
  )
})
