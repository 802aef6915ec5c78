import { afterEach, describe, expect, it } from 'vitest'
import { endpointSliceKind, serviceKind } from '../../src/api/kinds.ts'
import { silentObserver } from '../../src/controller/observer.ts'
import { largeStage, scaledStage } from '../support/scaled-team.ts'
import { createStage, type Stage, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const lateFor = (name: string): void => {
  stage.state.endpoints = { [name]: 'late' }
}
const nobodyIsLate = (): void => {
  stage.state.endpoints = {}
}
const holdOf = () => stage.status.hold

describe('a canary whose pods are not in the endpoints of its Service', () => {
  it('gets no requests, however ready its pods are', async () => {
    stage = await largeStage()
    lateFor('podinfo-canary')
    await stage.release('v2')
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([100, 0, 'EndpointsMissing'])
    expect(holdOf()?.message).toContain('0 of 2 needed pods are in the endpoints of Service podinfo-canary (ready: 10)')
    nobodyIsLate()
    await stage.untilRest('Succeeded')
  })

  it('gets no more requests than it has, when the pods for more of them are missing there', async () => {
    stage = await scaledStage()
    stage.state.readyPods = { podinfo: 2 }
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.readyPods = {}
    lateFor('podinfo-canary')
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([80, 20, 'EndpointsMissing'])
    expect(holdOf()?.message).toContain('2 of 4 needed pods')
    nobodyIsLate()
    await stage.until(() => stage.weights[1] === 40, 30)
  })

  it('keeps its share, and takes no step, when all of them vanish from there in mid-run', async () => {
    stage = await largeStage()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.endpoints = { 'podinfo-canary': 'none' }
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([80, 20, 'EndpointsMissing'])
    nobodyIsLate()
    await stage.untilRest('Succeeded')
  })

  it('is rolled back when the deadline is over', async () => {
    stage = await largeStage()
    lateFor('podinfo-canary')
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect(stage.status.failure).toMatchObject({ reason: 'ProgressDeadlineExceeded', message: expect.stringContaining('podinfo-canary') })
  })

  it('is not looked at where the capacity rules are off', async () => {
    stage = await largeStage({ spec: { skipCapacity: true } })
    lateFor('podinfo-canary')
    await stage.release('v2')
    await stage.untilRest('Succeeded')
  })

  it.each(['DaemonSet', 'Deployment'] as const)('as a %s holds its newer revision as well', async kind => {
    stage = await createStage({ objects: team({ kind }) })
    await stage.untilRest('Initialized')
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.endpoints = { 'podinfo-canary': 'none' }
    await stage.release('v3')
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([100, 0, 'EndpointsMissing'])
    nobodyIsLate()
    await stage.untilRest('Succeeded')
  })
})

describe('a primary that was promoted', () => {
  it('gets no traffic back before its new pods are in the endpoints of its Service, however many old ones are', async () => {
    stage = await largeStage()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 40)
    lateFor('podinfo-primary')
    await stage.until(() => stage.image('podinfo-primary') === 'podinfo:v2')
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([60, 40, 'EndpointsMissing'])
    expect(holdOf()?.message).toContain('0 of 10 needed pods')
    nobodyIsLate()
    await stage.untilRest('Succeeded')
    expect(stage.weights).toEqual([100, 0])
  })

  it('gets no more of it back when they vanish from there on the way', async () => {
    stage = await largeStage({ analysis: { stepWeight: 40, maxWeight: 80, stepWeightPromotion: 40 } })
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.shifting' && stage.weights[1] === 40)
    stage.state.endpoints = { 'podinfo-primary': 'none' }
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([60, 40, 'EndpointsMissing'])
    nobodyIsLate()
    await stage.untilRest('Succeeded')
  })

  it('is given up at the deadline, and the canary serves', async () => {
    stage = await largeStage()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 40)
    lateFor('podinfo-primary')
    await stage.untilRest('Failed')
    expect([stage.status.failure?.reason, ...stage.weights]).toEqual(['PromotionFailed', 0, 100])
  })
})

describe('a first primary', () => {
  it('takes over from the target once requests get to it', async () => {
    stage = await createStage({ objects: [] })
    lateFor('podinfo-primary')
    for (const object of team()) stage.api.put(object)
    await stage.pass(20)
    expect([stage.phase, holdOf()?.reason]).toEqual(['Initializing', 'EndpointsMissing'])
    nobodyIsLate()
    await stage.untilRest('Initialized')
  })
})

describe('blue/green without a mesh', () => {
  it('waits for the endpoints of the new primary too', async () => {
    stage = await createStage({ objects: team({ spec: { provider: 'kubernetes' }, analysis: { iterations: 1, stepWeight: 0 } }) })
    await stage.untilRest('Initialized')
    lateFor('podinfo-primary')
    await stage.release('v2')
    await stage.pass(45)
    expect([stage.phase, holdOf()?.reason]).toEqual(['Promoting', 'EndpointsMissing'])
    nobodyIsLate()
    await stage.untilRest('Succeeded')
  })
})

describe('slices that cannot be read for want of a right', () => {
  it('hold a rollout with the right that is missing, and nothing else', async () => {
    stage = await largeStage()
    const grant = stage.api.fault({ verb: 'list', kind: 'EndpointSlice', with: 'Forbidden', times: Number.POSITIVE_INFINITY })
    await stage.restart()
    await stage.release('v2')
    await stage.pass(30)
    expect([...stage.weights, holdOf()?.reason]).toEqual([100, 0, 'EndpointsUnknown'])
    expect(stage.condition('Ready')?.message).toContain('`endpointslices`')
    grant()
    await stage.untilRest('Succeeded')
  })
})

describe('a Canary at rest', () => {
  it('is not looked at again because pods come and go', async () => {
    let looks = 0
    stage = await createStage({ objects: team(), observer: { ...silentObserver, seen: () => void looks++ } })
    await stage.untilRest('Initialized')
    await stage.pass(5)
    const before = looks
    stage.state.endpoints = { 'podinfo-primary': 'none' }
    await stage.pass(2)
    const slice = stage.object(endpointSliceKind, 'podinfo-primary-1')
    expect([slice['endpoints'], looks]).toEqual([[], before])
  })
})

describe('a Service of a track', () => {
  it('that lost its mark gets it back, so that its slices are seen', async () => {
    stage = await largeStage()
    const { labels, ...metadata } = stage.object(serviceKind, 'podinfo-canary').metadata
    stage.api.put({ ...stage.object(serviceKind, 'podinfo-canary'), metadata: { ...metadata, labels: { app: 'podinfo-canary' } } })
    await stage.pass(1)
    expect(stage.object(serviceKind, 'podinfo-canary').metadata.labels).toEqual(labels)
    await stage.release('v2')
    await stage.untilRest('Succeeded')
  })
})
