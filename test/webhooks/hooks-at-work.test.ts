import { afterEach, describe, expect, it } from 'vitest'
import { answer, sick, successRate } from '../support/builders.ts'
import { createOutsideWorld } from '../support/outside-world.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const hook = (type: string, change: Fields = {}) => ({ name: type || 'untyped', type, url: `http://hooks.test/${type}`, ...change })

interface Start extends StageOptions {
  readonly analysis?: Fields
  readonly answers?: Stage['state']['hooks']
}

const released = async (types: readonly string[], { analysis = {}, answers = {}, ...options }: Start = {}) => {
  stage = await createStage({ objects: team({ analysis: { webhooks: types.map(type => hook(type)), ...analysis } }), ...options })
  await stage.untilRest('Initialized')
  stage.state.hooks = answers
  await stage.release('v2')
}

const refuse = (type: Parameters<typeof answer>[0]) => ({ ...answer(type, false, type), message: 'not today' })
const callsOf = (name: string) => stage.calls.filter(call => call.hook.name === name).length

describe('a hook without a type', () => {
  it('is called at every step that is analysed, as a load test is', async () => {
    await released([''])
    await stage.untilRest('Succeeded')
    expect(callsOf('untyped')).toBe(2)
  })
})

describe('a load test that fails', () => {
  it('is one failed check, even where a metric fails beside it', async () => {
    await released(['rollout'])
    await stage.until(() => stage.weights[1] === 20)
    stage.state.hooks = { rollout: refuse('rollout') }
    stage.state.measurements = sick.measurements
    await stage.until(() => (stage.status.failedChecks ?? 0) > 0)
    expect([stage.phase, stage.status.failedChecks]).toEqual(['Progressing', 1])
  })

  it('keeps the weight where it is', async () => {
    await released(['rollout'])
    await stage.until(() => stage.weights[1] === 20)
    stage.state.hooks = { rollout: refuse('rollout') }
    await stage.until(() => stage.status.failedChecks === 1)
    expect(stage.weights).toEqual([80, 20])
  })
})

describe('a preparation that fails as often as the threshold says', () => {
  it('ends the rollout, and those who wait for its end hear that it failed', async () => {
    await released(['pre-rollout', 'post-rollout'], { answers: { 'pre-rollout': refuse('pre-rollout') } })
    await stage.untilRest('Failed')
    await stage.pass(2)
    expect(callsOf('pre-rollout')).toBe(2)
    expect(stage.sent.filter(({ channel }) => channel === 'hook')).toMatchObject([{ receiver: 'post-rollout', phase: 'Failed' }])
  })
})

describe('a closed traffic gate in the middle of a run', () => {
  const held = async () => {
    await released(['confirm-traffic-increase', 'rollout'])
    await stage.until(() => stage.weights[1] === 20)
    stage.state.hooks = { 'confirm-traffic-increase': answer('confirm-traffic-increase', false, 'confirm-traffic-increase') }
    await stage.pass(35)
  }

  it('holds the weight and counts nothing', async () => {
    await held()
    expect([stage.status.failedChecks, ...stage.weights]).toEqual([0, 80, 20])
  })

  it('does not keep load tests from running', async () => {
    await held()
    const before = callsOf('rollout')
    await stage.pass(20)
    expect(callsOf('rollout')).toBe(before + 2)
  })

  it('does not keep a failing metric from rolling back', async () => {
    await held()
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect(stage.weights).toEqual([100, 0])
  })
})

describe('a traffic gate', () => {
  it.each([
    ['blue/green', { iterations: 2, stepWeight: undefined, maxWeight: undefined }],
    ['A/B', { iterations: 2, stepWeight: undefined, maxWeight: undefined, match: [{ headers: { cookie: { exact: 'vip' } } }] }],
  ])('is never asked in a run of %s', async (_strategy, analysis) => {
    await released(['confirm-traffic-increase', 'rollout'], { analysis })
    await stage.untilRest('Succeeded')
    expect([callsOf('confirm-traffic-increase'), callsOf('rollout') > 0]).toEqual([0, true])
  })
})

describe('a closed promotion gate', () => {
  it('does not keep load tests from running', async () => {
    const closed = answer('confirm-promotion', false, 'confirm-promotion')
    await released(['confirm-promotion', 'rollout'], { answers: { 'confirm-promotion': closed } })
    await stage.until(() => stage.phase === 'WaitingPromotion')
    const before = callsOf('rollout')
    await stage.pass(30)
    expect([stage.phase, callsOf('rollout')]).toEqual(['WaitingPromotion', before + 3])
  })
})

describe('a rollback hook that nobody answers', () => {
  it('does not stop the run', async () => {
    const world = createOutsideWorld()
    world.state.hook = 'hang'
    await released(['rollback'], { tools: world.tools })
    await stage.untilRest('Succeeded')
    expect(stage.image('podinfo-primary')).toBe('podinfo:v2')
  })
})

describe('a receiver of events that is out of reach', () => {
  it('does not stop the run', async () => {
    await released(['event'])
    stage.state.chatIsDown = true
    stage.state.measurements = [successRate(100)]
    await stage.untilRest('Succeeded')
    expect(stage.status.outbox?.some(({ channel }) => channel === 'event')).toBe(true)
  })
})
