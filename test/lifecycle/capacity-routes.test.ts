import { afterEach, describe, expect, it } from 'vitest'
import { atWeight, largeStage, scaledStage } from '../support/scaled-team.ts'
import type { Stage } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

/** Ten pods; routes are refused as soon as the test says so. */
const withRefusal = async () => {
  const refusal = { isOn: false }
  stage = await largeStage(
    { spec: { progressDeadlineSeconds: 600 } },
    { onCall: ({ verb, kind }) => (refusal.isOn && verb === 'apply' && kind === 'HTTPRoute' ? 'fails' : undefined) },
  )
  return refusal
}

describe('a share that is recorded while its route cannot be written', () => {
  it('is not given to a canary that lost pods for it meanwhile', async () => {
    const refusal = await withRefusal()
    await atWeight(stage, 20)
    refusal.isOn = true
    await stage.until(() => stage.status.canaryWeight === 40)
    stage.state.readyPods = { podinfo: 2 }
    await stage.pass(2)
    refusal.isOn = false
    await stage.pass(10)
    expect([...stage.weights]).toEqual([80, 20])
    stage.state.readyPods = {}
    await stage.until(() => stage.weights[1] === 40)
  })

  it('does not come back to a promoted primary that lost pods for it meanwhile', async () => {
    const refusal = await withRefusal()
    await atWeight(stage, 40)
    refusal.isOn = true
    await stage.until(() => stage.status.canaryWeight === 0)
    stage.state.readyPods = { 'podinfo-primary': 5 }
    await stage.pass(2)
    refusal.isOn = false
    await stage.pass(10)
    expect([...stage.weights, stage.status.hold?.reason]).toEqual([60, 40, 'PrimaryNotReady'])
    stage.state.readyPods = {}
    await stage.untilRest('Succeeded')
  })
})

describe('a first step that takes all the pods at once', () => {
  const match = [{ headers: { 'x-insider': { exact: 'yes' } } }]

  it.each([
    ['of an A/B test, whose requests nobody can count', { iterations: 2, stepWeight: 0, match }],
    ['of copies of all requests', { mirror: true }],
  ])('is not recorded before they are there: %s', async (_, analysis) => {
    stage = await scaledStage({ analysis })
    stage.state.readyPods = { podinfo: 6 }
    await stage.release('v2')
    await stage.pass(25)
    expect(stage.status).toMatchObject({ state: 'Progressing.scaling', canaryWeight: 0, iterations: 0 })
    stage.state.readyPods = {}
    await stage.until(() => stage.status.state === 'Progressing.analysing')
    expect([stage.replicas('podinfo'), stage.status.mirrored ?? stage.status.canaryWeight]).toEqual([10, 'mirror' in analysis ? true : 100])
  })
})
