import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { sick } from '../support/builders.ts'
import { createStage, httpRouteKind, type Stage } from '../support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await createStage()
  await stage.untilRest('Initialized')
  await stage.release('v2')
  await stage.until(() => stage.weights[1] === 40)
  stage.monitor.allow('S20') // until the record succeeds, that is the point
})
afterEach(() => stage.stop())

describe.each(['Invalid', 'ServerError', 'Forbidden'] as const)('a rollback whose record is answered with %s', code => {
  beforeEach(() => {
    stage.state.measurements = sick.measurements
    stage.api.fault({ verb: 'updateStatus', with: code, skip: 1, times: 8 })
  })

  it('takes traffic from the canary all the same', async () => {
    await stage.until(() => stage.weights[1] === 0, 30)
    expect(stage.status.canaryWeight).toBe(40)
  })

  it('is recorded as soon as that can be done', async () => {
    await stage.untilRest('Failed')
    expect(stage.status).toMatchObject({ canaryWeight: 0, failure: { reason: 'MetricOutOfRange' } })
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('is told once', async () => {
    await stage.untilRest('Failed')
    await stage.pass(60)
    expect(stage.events().filter(text => text.startsWith('Canary failed!'))).toHaveLength(1)
  })

  it('does not give traffic back in between, whatever else happens', async () => {
    await stage.until(() => stage.weights[1] === 0, 30)
    const weights = new Set<number | undefined>()
    stage.state.measurements = []
    stage.api.put({
      ...stage.object(deploymentKind, 'podinfo-primary'),
      metadata: stage.object(deploymentKind, 'podinfo-primary').metadata,
    })
    await stage.until(() => {
      weights.add(stage.weights[1])
      return stage.phase === 'Failed'
    })
    expect([...weights]).toEqual([0])
  })
})

describe('a rollback that cannot be recorded', () => {
  beforeEach(() => {
    stage.state.measurements = sick.measurements
    stage.api.fault({ verb: 'updateStatus', with: 'Invalid', skip: 1, times: 8 })
  })

  it('lowers the route again when somebody raises it', async () => {
    await stage.until(() => stage.weights[1] === 0, 30)
    const route = stage.object(httpRouteKind, 'podinfo')
    const raised = JSON.parse(
      JSON.stringify(route).replace('"weight":0', '"weight":40').replace('"weight":100', '"weight":60'),
    ) as typeof route
    stage.api.put(raised)
    await stage.calm()
    expect(stage.weights).toEqual([100, 0])
  })

  it('does not outlive its Canary', async () => {
    await stage.until(() => stage.weights[1] === 0, 30)
    const canaryKind = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries', namespaced: true }
    const canary = stage.object(canaryKind, 'podinfo')
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.calm()
    stage.state.measurements = []
    const { uid: _, resourceVersion: __, creationTimestamp: ___, ...metadata } = canary.metadata
    stage.api.put({ ...canary, metadata, status: {} })
    await stage.untilRest('Initialized')
    expect(stage.status.failure).toBeUndefined()
  })

  it('gives way to what another leader recorded meanwhile', async () => {
    await stage.until(() => stage.weights[1] === 0, 30)
    await stage.restart()
    stage.state.measurements = []
    await stage.until(() => stage.phase !== 'Progressing')
    expect(['Promoting', 'Finalising', 'Succeeded']).toContain(stage.phase)
  })
})

describe('a failed promotion that cannot be recorded', () => {
  it('leaves the canary serving everything all the same', async () => {
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    stage.api.fault({ verb: 'updateStatus', with: 'Invalid', skip: 1, times: 4 })
    await stage.until(() => stage.weights[1] === 100)
    expect(stage.phase).toBe('Promoting')
    await stage.untilRest('Failed')
    expect(stage.status.servingFrom).toBe('canary')
  })
})
