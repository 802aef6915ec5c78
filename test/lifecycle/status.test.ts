import { afterEach, describe, expect, it } from 'vitest'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const atWeight = async (weight: number): Promise<void> => {
  stage = await createStage({ objects: team() })
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === weight)
}

describe('lastTransitionTime', () => {
  it('says when the phase was entered, not when a step or a failed check was recorded', async () => {
    await atWeight(20)
    const { lastTransitionTime } = stage.status
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.failedChecks === 1)
    stage.state.measurements = []
    await stage.until(() => stage.weights[1] === 40)
    expect(stage.status.lastTransitionTime).toBe(lastTransitionTime)
  })
})

describe('the hashes', () => {
  it('of what is applied and promoted differ in mid-run, and meet at its end', async () => {
    await atWeight(20)
    const { lastAppliedSpec, lastPromotedSpec } = stage.status
    expect(lastAppliedSpec).not.toBe(lastPromotedSpec)
    await stage.untilRest('Succeeded')
    expect([stage.status.lastAppliedSpec, stage.status.lastPromotedSpec]).toEqual([lastAppliedSpec, lastAppliedSpec])
  })

  it('stay apart after a rollback', async () => {
    await atWeight(20)
    const before = stage.status
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(stage.status).toMatchObject({ lastAppliedSpec: before.lastAppliedSpec, lastPromotedSpec: before.lastPromotedSpec })
  })

  it('say after a failed promotion that the primary holds the new revision', async () => {
    stage = await createStage({ objects: team() })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect(stage.status.lastPromotedSpec).toBe(stage.status.lastAppliedSpec)
  })
})

describe('counters', () => {
  it('are back at zero once a run has failed', async () => {
    await atWeight(20)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(stage.status).toMatchObject({ canaryWeight: 0, failedChecks: 0, iterations: 0 })
  })
})

describe('a new revision', () => {
  it('is seen as soon as it is there, not an interval later', async () => {
    stage = await createStage({ objects: team({ analysis: { interval: '5m' } }) })
    await stage.untilRest('Initialized')
    stage.state.broken.add('podinfo podinfo:v2')
    await stage.release('v2')
    expect([stage.phase, stage.replicas('podinfo')]).toEqual(['Progressing', 2])
  })
})

describe('the history', () => {
  const told = () => (stage.status.history ?? []).map(({ reason, weight }) => `${reason} ${weight}`)

  it('tells a release that is promoted from its beginning', async () => {
    await atWeight(20)
    await stage.untilRest('Succeeded')
    const history = told()
    expect(
      history.slice(history.indexOf('RevisionDetected 0')).filter(text => !/Draining|NotReady|Route|AwaitingEvidence/.test(text)),
    ).toEqual([
      'RevisionDetected 0',
      'AnalysisStarted 0',
      'WeightAdvanced 20',
      'WeightAdvanced 40',
      'PromotionStarted 40',
      'TrafficReturning 0',
      'PromotionFinished 0',
    ])
  })

  it('does not grow while nothing is decided', async () => {
    await atWeight(20)
    await stage.untilRest('Succeeded')
    const history = told()
    await stage.pass(600)
    expect(told()).toEqual(history)
  })

  it('is kept when another process goes on', async () => {
    await atWeight(20)
    const history = told()
    await stage.restart()
    expect(told().slice(0, history.length)).toEqual(history)
  })
})
