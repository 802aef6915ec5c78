import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canaryKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { sick } from '../support/builders.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const autoscalerRef = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo' }
const scaler = (spec: Fields = {}, metadata: Fields = {}): KubeObject => ({
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'podinfo', namespace: 'test', ...metadata },
  spec: {
    scaleTargetRef: { name: 'podinfo' },
    minReplicaCount: 2,
    maxReplicaCount: 8,
    triggers: [{ type: 'prometheus', metadata: { query: 'sum(rate(http_requests_total{app="podinfo"}[1m]))' } }],
    ...spec,
  },
})
const paused = { annotations: { 'autoscaling.keda.sh/paused-replicas': '0' } }

const initialized = async ({ objects = [...team({ spec: { autoscalerRef } }), scaler()], ...options }: StageOptions = {}) => {
  stage = await createStage({ objects, ...options })
  await stage.untilRest('Initialized')
}
const pauseOf = (name: string) => stage.object(scaledObjectKind, name).metadata.annotations?.['autoscaling.keda.sh/paused-replicas']

describe('a target that KEDA scales', () => {
  beforeEach(() => initialized())

  it('has a twin of its scaler for its primary', () =>
    expect(stage.object(scaledObjectKind, 'podinfo-primary')['spec']).toMatchObject({
      scaleTargetRef: { name: 'podinfo-primary' },
      triggers: [{ metadata: { query: 'sum(rate(http_requests_total{app="podinfo-primary"}[1m]))' } }],
    }))

  it('is parked with its scaler paused, that of the primary at work', async () => {
    await stage.pass(30)
    expect([stage.replicas('podinfo'), pauseOf('podinfo'), pauseOf('podinfo-primary')]).toEqual([0, '0', undefined])
    expect(stage.replicas('podinfo-primary')).toBe(2)
  })

  it('gets its scaler back with a release, and is paused again after it', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    expect([pauseOf('podinfo'), stage.replicas('podinfo')]).toEqual([undefined, 2])
    await stage.untilRest('Succeeded')
    expect([pauseOf('podinfo'), stage.replicas('podinfo'), stage.image('podinfo-primary')]).toEqual(['0', 0, 'podinfo:v2'])
  })

  it('is paused after a rollback', async () => {
    stage.state.measurements = sick.measurements
    await stage.release('v2')
    await stage.untilRest('Failed')
    expect([pauseOf('podinfo'), stage.replicas('podinfo'), stage.weights]).toEqual(['0', 0, [100, 0]])
  })

  it('is paused again where somebody ended that while nothing is released', async () => {
    stage.api.put(scaler())
    await stage.pass(5)
    expect([pauseOf('podinfo'), stage.replicas('podinfo')]).toEqual(['0', 0])
  })

  it('keeps the primary as large as it was while traffic may come back to it', async () => {
    stage.state.load = { 'podinfo-primary': 6 }
    await stage.pass(3)
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 40)
    stage.state.load = { 'podinfo-primary': 2 }
    await stage.pass(3)
    expect(stage.replicas('podinfo-primary')).toBe(6)
  })

  it('writes nothing while nothing is released', async () => {
    await stage.pass(10)
    stage.api.forgetRequests()
    await stage.pass(60)
    expect(stage.api.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([])
  })
})

it('gives the primary pods although the scaler of the target was paused before the Canary came', async () => {
  await initialized({ objects: [...team({ spec: { autoscalerRef }, replicas: 0 }), scaler({}, paused)] })
  await stage.pass(10)
  expect([stage.replicas('podinfo-primary'), pauseOf('podinfo-primary')]).toEqual([2, undefined])
})

it('ends a pause that another controller copied to the scaler of the primary', async () => {
  await initialized()
  stage.api.put({
    ...stage.object(scaledObjectKind, 'podinfo-primary'),
    metadata: { ...stage.object(scaledObjectKind, 'podinfo-primary').metadata, ...paused },
  })
  await stage.pass(10)
  expect([pauseOf('podinfo-primary'), stage.replicas('podinfo-primary')]).toEqual([undefined, 2])
})

it('sends nobody to a primary that its scaler leaves without pods', async () => {
  const spec = { autoscalerRef, skipCapacity: true }
  const [target, canary] = team({ spec })
  stage = await createStage({ objects: [target, scaler({ minReplicaCount: 0 })] })
  stage.state.load = { 'podinfo-primary': 0, podinfo: 2 }
  stage.api.put(canary)
  await stage.pass(30)
  expect([stage.phase, stage.replicas('podinfo'), stage.condition('Ready')?.reason]).toEqual(['Initializing', 2, 'PrimaryNotReady'])
  expect(stage.condition('Ready')?.message).toContain('podinfo-primary.test not ready: it has no pod yet')
})

it('gives the target its scaler back when its Canary goes', async () => {
  await initialized({ objects: [...team({ spec: { autoscalerRef, revertOnDeletion: true } }), scaler()] })
  stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
  await stage.until(() => stage.api.stored(canaryKind, { namespace: 'test', name: 'podinfo' }) === undefined)
  expect([pauseOf('podinfo'), stage.replicas('podinfo')]).toEqual([undefined, 2])
})

it('says that the scaler is missing', async () => {
  stage = await createStage({ objects: team({ spec: { autoscalerRef } }) })
  await stage.pass(5)
  expect(stage.condition('Ready')).toMatchObject({ status: 'False', reason: 'ScalerMissing' })
})
