import { describe, expect, it } from 'vitest'
import { controllerRevisionKind, deploymentKind } from '../../src/api/kinds.ts'
import { initialized } from '../faults/on-stage.ts'
import { successRate } from '../support/builders.ts'
import { type Stage, type StageOptions, team } from '../support/stage.ts'
import { phases } from './trail.ts'

/* Neither track can be relied on: whatever comes up first serves, and no rollout stays without an end. */

const inSteps = { objects: team({ analysis: { stepWeightPromotion: 10 } }) }

/** In this state of a promotion of v2, whose pods do not come up in the primary, while those of v1 there serve on. */
const inPromotion = async (state: string, options: StageOptions = {}): Promise<Stage> => {
  const stage = await initialized(options)
  if (state === 'Promoting.sizing') stage.state.rolling.add('podinfo-primary podinfo:v2')
  await stage.release('v2')
  await stage.until(() => stage.status.state === state)
  if (state !== 'Promoting.sizing') stage.state.broken.add('podinfo-primary podinfo:v2')
  return stage
}

describe('a promotion that the primary cannot take', () => {
  it.each([
    ['Promoting.sizing', {}],
    ['Promoting.shifting', inSteps],
  ] as const)('gives the primary back what was promoted when the target was changed in %s', async (state, options) => {
    const stage = await inPromotion(state, options)
    stage.state.broken.add('podinfo podinfo:v3')
    await stage.release('v3')
    await stage.until(() => phases(stage).includes('Failed 0'), 900)
    expect([stage.image('podinfo-primary'), ...stage.weights]).toEqual(['podinfo:v1', 100, 0])
  })

  it('gives the primary back what was promoted when the canary lost its pods', async () => {
    const stage = await inPromotion('Promoting.sizing')
    stage.state.broken.add('podinfo')
    await stage.untilRest('Failed', 900)
    expect([stage.image('podinfo-primary'), ...stage.weights]).toEqual(['podinfo:v1', 100, 0])
  })

  it('says why neither serves', async () => {
    const stage = await inPromotion('Promoting.sizing')
    stage.state.broken.add('podinfo')
    await stage.untilRest('Failed', 900)
    expect(stage.events().find(text => text.startsWith('Promotion of podinfo.test failed'))).toContain('the canary has no ready pod')
  })

  it('has what was released meanwhile judged in the end', async () => {
    const stage = await inPromotion('Promoting.sizing')
    await stage.release('v3')
    await stage.untilRest('Succeeded', 1800)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('gives that no share as long as its Service still leads to the pods before, however long ago it was released', async () => {
    const stage = await inPromotion('Promoting.sizing')
    stage.state.endpoints = { 'podinfo-canary': 'late' }
    await stage.release('v3')
    await stage.until(() => stage.status.phase === 'Progressing', 1800)
    await stage.pass(30)
    expect([...stage.weights, stage.status.hold?.reason]).toEqual([100, 0, 'EndpointsMissing'])
  })

  it('has that promoted although nothing is left to give the primary back', async () => {
    const stage = await inPromotion('Promoting.sizing')
    stage.api.drop(controllerRevisionKind, { namespace: 'test', name: stage.status.promoted?.name ?? '' })
    await stage.release('v3')
    await stage.untilRest('Succeeded', 1800)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('leaves everybody with a canary that runs what was analysed', async () => {
    const stage = await inPromotion('Promoting.sizing')
    await stage.untilRest('Failed', 900)
    expect([stage.status.servingFrom, ...stage.weights]).toEqual(['canary', 0, 100])
  })
})

describe('a primary that does not come up with what was promoted before either', () => {
  it('ends the rollout, and a later release is promoted', async () => {
    const stage = await inPromotion('Promoting.sizing')
    for (const track of ['podinfo', 'podinfo-primary']) stage.state.broken.add(track)
    await stage.until(() => stage.status.state === 'Failed.parking', 1800)
    stage.state.broken.clear()
    await stage.release('v3')
    await stage.untilRest('Succeeded', 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })
})

const failing = async (): Promise<Stage> => {
  const stage = await initialized()
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === 40)
  stage.state.measurements = [successRate(50)]
  return stage
}

describe('traffic that goes back', () => {
  it('waits for a primary that somebody scaled to zero, which gets its pods again', async () => {
    const stage = await failing()
    const { fault } = stage.api
    const end = fault({ verb: 'apply', kind: 'HTTPRoute', with: 'ServerError', times: Number.POSITIVE_INFINITY })
    await stage.until(() => stage.status.state === 'Failed.returning')
    await stage.scale('podinfo-primary', 0)
    end()
    await stage.untilRest('Failed')
    expect([stage.replicas('podinfo-primary'), ...stage.weights]).toEqual([2, 100, 0])
  })

  it('does not keep a newer release waiting when it is not back by the deadline', async () => {
    const stage = await failing()
    stage.state.acceptRoutes = false
    await stage.until(() => stage.status.state === 'Failed.returning')
    await stage.until(() => stage.status.state === 'Failed.parking', 900)
    stage.state.measurements = [successRate(100)]
    await stage.release('v3')
    stage.state.acceptRoutes = true
    await stage.untilRest('Succeeded', 900)
    expect(stage.image('podinfo-primary')).toBe('podinfo:v3')
  })

  it('says what is missing where the primary and its pinned template are gone', async () => {
    const stage = await failing()
    for (const { metadata } of stage.api.storedAll(controllerRevisionKind))
      stage.api.drop(controllerRevisionKind, { namespace: 'test', name: metadata.name })
    await stage.calm()
    stage.api.drop(deploymentKind, { namespace: 'test', name: 'podinfo-primary' })
    await stage.until(() => stage.phase === 'Failed' && stage.status.hold !== undefined, 900)
    expect(stage.status.hold?.reason).toBe('PinMissing')
  })
})

describe('a canary that serves for good', () => {
  const serving = async (): Promise<Stage> => {
    const stage = await inPromotion('Promoting.sizing')
    await stage.untilRest('Failed', 900)
    return stage
  }

  it('gives its traffic to the primary when all its pods are lost', async () => {
    const stage = await serving()
    stage.state.broken.add('podinfo')
    await stage.pass(5)
    expect(stage.weights).toEqual([100, 0])
  })

  it('has its traffic again as soon as its pods are back', async () => {
    const stage = await serving()
    stage.state.broken.add('podinfo')
    await stage.pass(5)
    stage.state.broken.clear()
    await stage.pass(5)
    expect(stage.weights).toEqual([0, 100])
  })
})
