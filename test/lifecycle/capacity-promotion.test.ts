import { afterEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { atWeight, largeStage, scaledStage, twinOf } from '../support/scaled-team.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

describe('a primary that is promoted', () => {
  interface Applied {
    readonly replicas: number
    readonly strategy?: { readonly rollingUpdate?: { readonly maxUnavailable: number | string } }
  }
  const applied = (): readonly Applied[] =>
    stage.api.requests
      .filter(({ verb, kind }) => verb === 'apply' && kind === deploymentKind.kind)
      .map(({ body }) => (body as { spec: Applied }).spec)
  const unavailable = (): readonly unknown[] => applied().map(({ strategy }) => strategy?.rollingUpdate?.maxUnavailable)

  it('has as many pods as both tracks together before traffic comes back, where the canary was scaled up for its share', async () => {
    stage = await scaledStage()
    await atWeight(stage, 40)
    stage.state.load = { 'podinfo-primary': 6, podinfo: 12 }
    stage.state.readyPods = { 'podinfo-primary': 15 }
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await stage.pass(20)
    expect([...stage.weights, stage.replicas('podinfo-primary'), twinOf(stage).minReplicas]).toEqual([60, 40, 18, 18])
    stage.state.readyPods = {}
    await stage.untilRest('Succeeded')
    await stage.pass(2)
    expect([twinOf(stage).minReplicas, stage.replicas('podinfo-primary')]).toEqual([2, 6])
  })

  it('is rolled without missing a pod that its share of the traffic needs', async () => {
    stage = await largeStage({ analysis: { stepWeight: 10, maxWeight: 10 } })
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(unavailable()).toEqual([1, undefined])
  })

  it('is rolled without missing any where all the traffic stays with it', async () => {
    stage = await largeStage({ spec: { provider: 'kubernetes' }, analysis: { iterations: 1, stepWeight: 0 } })
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(unavailable()).toEqual([0, undefined])
  })

  it('is rolled without missing any where an A/B test leaves everybody else with it', async () => {
    const match = [{ headers: { 'x-insider': { exact: 'yes' } } }]
    stage = await largeStage({ analysis: { iterations: 1, stepWeight: 0, match } })
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(unavailable()).toEqual([0, undefined])
  })

  it('is rolled as fast as it may where the canary has all the traffic', async () => {
    stage = await largeStage({ analysis: { stepWeight: 100, maxWeight: 100 } })
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(unavailable()).toEqual([undefined])
  })

  it('that cannot be, hands over to the canary only when that has the pods for all the traffic', async () => {
    stage = await scaledStage()
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.state.readyPods = { podinfo: 6 }
    await stage.until(() => stage.phase === 'Failed', 90)
    await stage.pass(5)
    expect([...stage.weights, stage.replicas('podinfo'), stage.status.hold?.message]).toEqual([
      60,
      40,
      10,
      expect.stringContaining('waiting for 4 more ready pods of podinfo: 100% of the traffic needs 10, 6 ready'),
    ])
    stage.state.readyPods = {}
    await stage.untilRest('Failed')
    expect([...stage.weights]).toEqual([0, 100])
  })

  it('that cannot be, keeps the Service until the target has the pods, where nothing else can move traffic', async () => {
    stage = await scaledStage({ spec: { provider: 'kubernetes' }, analysis: { iterations: 1, stepWeight: 0 } })
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.state.readyPods = { podinfo: 6 }
    await stage.until(() => stage.phase === 'Failed', 90)
    await stage.pass(5)
    expect([stage.selector('podinfo'), stage.replicas('podinfo')]).toEqual([{ app: 'podinfo-primary' }, 10])
    stage.state.readyPods = {}
    await stage.untilRest('Failed')
    expect(stage.selector('podinfo')).toEqual({ app: 'podinfo' })
  })

  it('that cannot be, hands over with what the canary has when its deadline is over', async () => {
    stage = await scaledStage()
    stage.state.rolling.add('podinfo-primary podinfo:v2')
    await stage.release('v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.state.readyPods = { podinfo: 6 }
    await stage.untilRest('Failed')
    expect([...stage.weights]).toEqual([0, 100])
  })
})

describe('a rollback', () => {
  it('makes a primary again that somebody deletes while traffic goes back to it, as large as it was', async () => {
    stage = await largeStage()
    await atWeight(stage, 20)
    stage.state.acceptRoutes = false
    stage.state.measurements = sick.measurements
    await stage.until(() => stage.status.state === 'Failed.returning')
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.pass(2)
    expect(stage.replicas('podinfo-primary')).toBe(10)
    stage.state.acceptRoutes = true
    await stage.untilRest('Failed')
    expect(stage.weights).toEqual([100, 0])
  })

  it('out of a promotion does not wait for pods of the newest template while old ones serve', async () => {
    let isRefused = false
    stage = await largeStage(
      {},
      { onCall: ({ verb, name }) => (isRefused && verb === 'apply' && name === 'podinfo-primary' ? 'fails' : undefined) },
    )
    await atWeight(stage, 40)
    isRefused = true
    await stage.until(() => stage.status.state === 'Promoting.copying')
    stage.state.rolling.add('podinfo-primary')
    await stage.pass(1)
    await stage.release('v3')
    await stage.pass(1)
    expect([stage.phase, ...stage.weights]).toEqual(['Progressing', 100, 0])
    isRefused = false
    stage.state.rolling.clear()
    await stage.untilRest('Succeeded')
  })
})
