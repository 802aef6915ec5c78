import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind, deploymentKind } from '../../src/api/kinds.ts'
import { sick, successRate, unreachable } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'
import { phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (analysis: Fields = {}, spec: Fields = {}): Promise<void> => {
  stage = await createStage({ objects: team({ analysis, spec }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
}

const atWeight = async (weight: number, analysis: Fields = {}): Promise<void> => {
  await initialized(analysis)
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

describe('the phases and weights of a run', () => {
  it.each([
    [
      'one step, and traffic back in two',
      { stepWeight: 100, maxWeight: 100, stepWeightPromotion: 50 },
      ['Progressing 0', 'Progressing 100', 'Promoting 100', 'Promoting 50', 'Promoting 0', 'Finalising 0', 'Succeeded 0'],
    ],
    [
      'a last step that would go beyond the maximum',
      { stepWeight: 20, maxWeight: 50 },
      ['Progressing 0', 'Progressing 20', 'Progressing 40', 'Progressing 50', 'Promoting 50', 'Promoting 0', 'Finalising 0', 'Succeeded 0'],
    ],
    [
      'a ladder that goes beyond 100',
      { stepWeight: undefined, maxWeight: undefined, stepWeights: [1, 2, 10, 200] },
      [
        'Progressing 0',
        'Progressing 1',
        'Progressing 2',
        'Progressing 10',
        'Progressing 100',
        'Promoting 100',
        'Promoting 0',
        'Finalising 0',
        'Succeeded 0',
      ],
    ],
  ] as const)('%s', async (_what, analysis, expected) => {
    await initialized(analysis)
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toEqual(expected)
  })

  it('send all traffic to the primary before the target is parked', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.phase === 'Finalising')
    expect([stage.weights, stage.replicas('podinfo')]).toEqual([[100, 0], 2])
    await stage.untilRest('Succeeded')
    expect(stage.replicas('podinfo')).toBe(0)
  })
})

describe('weights that somebody sets by hand', () => {
  it('are set back to what is recorded', async () => {
    await atWeight(20)
    const route = stage.object(httpRouteKind, 'podinfo')
    const text = JSON.stringify(route['spec']).replace('"weight":80', '"weight":60').replace('"weight":20', '"weight":40')
    stage.api.put({ ...route, spec: JSON.parse(text) })
    await stage.calm()
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('checks that fail', () => {
  it('count up to the threshold, and the rollback comes with the one that reaches it', async () => {
    await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.pass(11)
    expect([stage.phase, stage.status.failedChecks, ...stage.weights]).toEqual(['Progressing', 1, 80, 20])
    await stage.pass(10)
    expect([stage.phase, ...stage.weights]).toEqual(['Failed', 100, 0])
  })

  it('are not forgotten by one that passes', async () => {
    await atWeight(20, { maxWeight: 100 })
    for (const measurements of [sick.measurements, [successRate(100)], sick.measurements]) {
      stage.state.measurements = measurements
      await stage.pass(10)
    }
    await stage.until(() => stage.phase === 'Failed', 15)
  })

  it('roll back with the first one where the threshold is 1', async () => {
    await atWeight(20, { threshold: 1 })
    stage.state.measurements = sick.measurements
    await stage.pass(11)
    expect([stage.phase, ...stage.weights]).toEqual(['Failed', 100, 0])
  })

  it('roll back when the threshold is lowered to what they reach', async () => {
    await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    stage.state.measurements = [successRate(100)]
    await stage.editAnalysis({ threshold: 1 })
    await stage.until(() => stage.phase === 'Failed', 15)
    expect(stage.status.failure?.reason).toBe('FailedChecksThreshold')
  })

  it('are none where the store is out of reach, and the run goes on when it is back', async () => {
    await atWeight(20)
    stage.state.measurements = [unreachable]
    await stage.pass(45)
    expect([stage.phase, stage.status.failedChecks, ...stage.weights]).toEqual(['Progressing', 0, 80, 20])
    stage.state.measurements = [successRate(100)]
    await stage.untilRest('Succeeded')
  })
})

describe('a Canary that failed', () => {
  beforeEach(async () => {
    await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    stage.state.measurements = [successRate(100)]
  })

  it('tries the same revision no second time, and writes nothing', async () => {
    await stage.pass(10)
    stage.api.forgetRequests()
    const before = stage.object(canaryKind, 'podinfo').metadata.resourceVersion
    await stage.pass(60)
    expect(stage.phase).toBe('Failed')
    expect(stage.object(canaryKind, 'podinfo').metadata.resourceVersion).toBe(before)
  })

  it('starts no rollout when the target goes back to what is promoted', async () => {
    await stage.release('v1')
    await stage.pass(60)
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Failed', 0])
  })

  it('tries the next revision', async () => {
    await stage.release('v3')
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('tries the same revision again when its template is annotated', async () => {
    const found = stage.object(deploymentKind, 'podinfo')
    const annotated = { ...template('v2'), metadata: { labels: { app: 'podinfo' }, annotations: { try: 'again' } } }
    stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), template: annotated } })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })

  it('keeps the time at which it failed', async () => {
    const { lastTransitionTime } = stage.status
    await stage.editAnalysis({ threshold: 3 })
    await stage.pass(30)
    expect(stage.status.lastTransitionTime).toBe(lastTransitionTime)
  })

  it('parks the target again when somebody scales it up', async () => {
    await stage.scale('podinfo', 3)
    await stage.pass(5)
    expect(stage.replicas('podinfo')).toBe(0)
  })
})

describe('a parked target', () => {
  it('gets no traffic, although zero of zero pods are ready', async () => {
    await initialized()
    stage.state.readyPods = { podinfo: 0 }
    await stage.release('v2')
    await stage.pass(40)
    expect([stage.phase, ...stage.weights]).toEqual(['Progressing', 100, 0])
  })

  it('is scaled up to what the primary has, and not counted as a change', async () => {
    await initialized()
    await stage.scale('podinfo-primary', 5)
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    expect(stage.replicas('podinfo')).toBe(5)
  })

  it('that is scaled in mid-run is no new revision', async () => {
    await atWeight(20)
    await stage.scale('podinfo', 3)
    await stage.calm()
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('the time between two steps', () => {
  it.each([
    ['3s', 10],
    ['10sfoo', 60],
    ['15s', 15],
  ] as const)('with the interval %s is %i s', async (interval, seconds) => {
    await atWeight(20, { interval })
    await stage.pass(seconds - 1)
    expect(stage.weights).toEqual([80, 20])
    await stage.pass(2)
    expect(stage.weights).toEqual([60, 40])
  })

  it('does not become shorter by restarts of the controller', async () => {
    await atWeight(20)
    for (let second = 0; second < 9; second += 1) {
      await stage.restart()
      await stage.pass(1)
    }
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('a step that is not one', () => {
  it.each([
    ['stepWeight of 0', { stepWeight: 0 }],
    ['a ladder that falls', { stepWeight: undefined, stepWeights: [40, 20] }],
  ])('such as %s, starts nothing and is named', async (_what, analysis) => {
    stage = await createStage({ objects: team({ analysis }) })
    await stage.pass(30)
    expect(stage.condition('Stalled')).toMatchObject({ status: 'True', reason: 'InvalidSpec' })
    expect(stage.replicas('podinfo')).toBe(2)
  })

  it('is not met by a maximum above 100, which counts as 100', async () => {
    await initialized({ stepWeight: 50, maxWeight: 300 })
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toContain('Promoting 100')
  })
})
