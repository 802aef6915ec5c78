import { afterEach, describe, expect, it } from 'vitest'
import { answer, sick } from '../support/builders.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'
import { asked, iterations, phases, told } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const released = async (analysis: Fields, spec: Fields = {}, options: StageOptions = {}): Promise<void> => {
  stage = await createStage({ ...options, objects: team({ analysis: { stepWeight: 0, ...analysis }, spec }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
  await stage.release('v2')
}

const eventHook = { name: 'event', type: 'event', url: 'http://hooks.test/event' }
const promotionGate = { name: 'gate', type: 'confirm-promotion', url: 'http://hooks.test/gate' }

describe('a blue/green run', () => {
  it('counts its iterations, sends all traffic to the canary once, then promotes', async () => {
    await released({ iterations: 2 })
    await stage.untilRest('Succeeded')
    expect(iterations(stage)).toEqual([
      'Progressing 0',
      'Progressing 1',
      'Progressing 2',
      'Progressing 3',
      'Promoting 3',
      'Finalising 3',
      'Succeeded 0',
    ])
    expect(phases(stage)).toEqual(['Progressing 0', 'Progressing 100', 'Promoting 100', 'Promoting 0', 'Finalising 0', 'Succeeded 0'])
  })

  it('moves no live traffic before that', async () => {
    await released({ iterations: 3 })
    await stage.until(() => stage.status.iterations === 3)
    expect(stage.weights).toEqual([100, 0])
  })

  it('is told in the words of the field', async () => {
    await released({ iterations: 1, webhooks: [eventHook] })
    await stage.untilRest('Succeeded')
    await stage.pass(1)
    expect(told(stage)).toEqual(
      expect.arrayContaining([
        'Progressing: Advance podinfo.test canary iteration 1/1',
        'Progressing: Routing all traffic to canary',
        'Promoting: Routing all traffic to primary',
      ]),
    )
  })

  it('asks its promotion gate in every interval, and not again once all traffic is on the canary', async () => {
    await released({ iterations: 1, webhooks: [promotionGate] })
    stage.state.hooks = { gate: answer('confirm-promotion', false, 'gate') }
    await stage.until(() => stage.phase === 'WaitingPromotion')
    const before = asked(stage).length
    await stage.pass(30)
    expect(asked(stage).length - before).toBe(3)
    expect([stage.status.iterations, ...stage.weights]).toEqual([1, 100, 0])
    stage.state.hooks = {}
    await stage.until(() => stage.weights[1] === 100)
    stage.state.hooks = { gate: answer('confirm-promotion', false, 'gate') }
    await stage.untilRest('Succeeded')
  })

  it('goes back to the primary when the last analysis fails, with all traffic on the canary', async () => {
    await released({ iterations: 1 })
    await stage.until(() => stage.weights[1] === 100)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    expect([...stage.weights, stage.image('podinfo-primary')]).toEqual([100, 0, 'podinfo:v1'])
  })

  it('is not stuck when its iterations are lowered below those that are done', async () => {
    await released({ iterations: 5 })
    await stage.until(() => stage.status.iterations === 3)
    await stage.editAnalysis({ iterations: 2 })
    await stage.untilRest('Succeeded')
  })
})

describe('a blue/green run that mirrors', () => {
  it('copies requests through all its iterations, and stops when all traffic moves', async () => {
    await released({ iterations: 2, mirror: true, webhooks: [eventHook] })
    await stage.until(() => stage.status.iterations === 1)
    expect([stage.status.mirrored, ...stage.weights]).toEqual([true, 100, 0])
    await stage.until(() => stage.weights[1] === 100)
    expect(stage.status.mirrored).toBeUndefined()
    await stage.untilRest('Succeeded')
    await stage.pass(1)
    expect(told(stage)).toContain('Progressing: Stop traffic mirroring and route all traffic to canary')
  })
})

describe('a run where nothing can weigh', () => {
  it('runs ten iterations in place of steps, and never moves the Service', async () => {
    await released({ stepWeight: 10 }, { provider: 'kubernetes' })
    const selectors = new Set<string>()
    await stage.until(() => {
      selectors.add(JSON.stringify(stage.selector('podinfo')))
      return stage.phase === 'Succeeded'
    })
    expect(iterations(stage)).toContain('Progressing 10')
    expect(iterations(stage)).not.toContain('Progressing 11')
    expect([...selectors]).toEqual(['{"app":"podinfo-primary"}'])
  })

  it('says nothing of traffic that returns, because none was away', async () => {
    await released({ iterations: 1, webhooks: [eventHook] }, { provider: 'kubernetes' })
    await stage.untilRest('Succeeded')
    await stage.pass(1)
    expect(told(stage).filter(text => text.includes('Routing'))).toEqual([])
  })
})
