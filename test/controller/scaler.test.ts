import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { horizontalPodAutoscalerKind as hpaKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' }
const scaler = (change: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' }, minReplicas: 2, maxReplicas: 8, ...change },
})
const objects = [...team({ spec: { autoscalerRef } }), scaler()]
const initialized = async (options: StageOptions = {}): Promise<void> => {
  stage = await createStage({ objects, ...options })
  await stage.untilRest('Initialized')
}
const twin = () => stage.object(hpaKind, 'podinfo-primary')['spec']

describe('a target with a scaler', () => {
  beforeEach(() => initialized())

  it('has a twin of it for its primary', () => {
    expect(twin()).toMatchObject({ scaleTargetRef: { name: 'podinfo-primary' }, minReplicas: 2, maxReplicas: 8 })
  })

  it('has its twin follow it', async () => {
    stage.api.put(scaler({ maxReplicas: 10, minReplicas: 3 }))
    await stage.calm()
    expect(twin()).toMatchObject({ minReplicas: 3, maxReplicas: 10 })
  })

  it('leaves the size of the primary to it', async () => {
    stage.state.load = { 'podinfo-primary': 6 }
    await stage.pass(5)
    stage.api.forgetRequests()
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(stage.replicas('podinfo-primary')).toBe(6)
  })

  it('is scaled up to the least that its scaler allows', async () => {
    stage.state.broken.add('podinfo')
    await stage.release('v2')
    expect(stage.replicas('podinfo')).toBe(2)
  })

  it('is left to its scaler while it gets traffic', async () => {
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.state.load = { podinfo: 5 }
    await stage.pass(3)
    expect(stage.replicas('podinfo')).toBe(5)
  })

  it('keeps the primary as large as it was while traffic may come back to it', async () => {
    stage.state.load = { 'podinfo-primary': 6 }
    await stage.pass(3)
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 40)
    stage.state.load = { 'podinfo-primary': 2, podinfo: 4 }
    await stage.pass(3)
    expect(stage.replicas('podinfo-primary')).toBe(6)
    stage.state.measurements = sick.measurements
    await stage.untilRest('Failed')
    await stage.pass(3)
    expect(twin()).toMatchObject({ minReplicas: 2 })
    expect(stage.replicas('podinfo-primary')).toBe(2)
  })
})

it('sets the bounds that the Canary names for the twin', async () => {
  const ref = { ...autoscalerRef, primaryScalerReplicas: { minReplicas: 3, maxReplicas: 15 } }
  await initialized({ objects: [...team({ spec: { autoscalerRef: ref } }), scaler()] })
  expect(twin()).toMatchObject({ minReplicas: 3, maxReplicas: 15 })
})

describe('a scaler that does not exist', () => {
  it('keeps a Canary from being initialized, with a condition, until it is there', async () => {
    stage = await createStage({ objects: team({ spec: { autoscalerRef } }) })
    await stage.until(() => stage.condition('Stalled')?.status === 'True')
    expect(stage.condition('Stalled')).toMatchObject({ reason: 'ScalerMissing', message: expect.stringContaining('podinfo') })
    stage.api.put(scaler())
    await stage.untilRest('Initialized')
  })

  it('keeps a new revision waiting, while drift is repaired', async () => {
    await initialized()
    stage.api.drop(hpaKind, { namespace: 'test', name: 'podinfo' })
    await stage.release('v2')
    await stage.pass(5)
    expect(stage.condition('Stalled')).toMatchObject({ reason: 'ScalerMissing' })
    await stage.scale('podinfo', 2)
    expect(stage.replicas('podinfo')).toBe(0)
    stage.api.put(scaler())
    await stage.untilRest('Succeeded')
  })

  it('holds a run that is under way, and the deadline ends it', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    stage.api.drop(hpaKind, { namespace: 'test', name: 'podinfo' })
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.status.failure?.message).toContain('HorizontalPodAutoscaler podinfo.test does not exist')
    expect(stage.weights).toEqual([100, 0])
  })
})

it('leaves an object alone that stands where the twin should', async () => {
  const foreign: KubeObject = { ...scaler(), metadata: { name: 'podinfo-primary', namespace: 'test' } }
  stage = await createStage({ objects: [...objects, foreign] })
  await stage.until(() => stage.status.hold?.reason === 'ForeignObject')
  expect(twin()).toEqual(foreign['spec'])
})

it('takes back a twin that was left behind when its Canary was deleted without it', async () => {
  await initialized()
  const { ownerReferences: _, ...metadata } = stage.object(hpaKind, 'podinfo-primary').metadata
  stage.api.put({ ...stage.object(hpaKind, 'podinfo-primary'), metadata })
  await stage.pass(2)
  expect([stage.status.hold, stage.object(hpaKind, 'podinfo-primary').metadata.ownerReferences]).toEqual([
    undefined,
    [expect.objectContaining({ name: 'podinfo', controller: true })],
  ])
})

describe('a scaler that the Canary names no longer', () => {
  const scalers = () => stage.api.storedAll(hpaKind).map(({ metadata }) => metadata.name)

  it('leaves the primary its size, and no twin that would go on scaling it', async () => {
    await initialized()
    stage.state.load = { 'podinfo-primary': 7 }
    await stage.pass(2)
    await stage.edit({ autoscalerRef: undefined })
    await stage.pass(5)
    expect([scalers(), stage.replicas('podinfo-primary')]).toEqual([['podinfo'], 7])
  })

  it('does so in mid-run too, and the rollout goes on', async () => {
    await initialized()
    await stage.release('v2')
    await stage.until(() => stage.weights[1] === 20)
    await stage.edit({ autoscalerRef: undefined })
    await stage.pass(1)
    expect([scalers(), stage.weights]).toEqual([['podinfo'], [80, 20]])
    await stage.untilRest('Succeeded')
  })

  it('gives way to the one that it names now', async () => {
    await initialized()
    const other = scaler()
    stage.api.put({ ...other, metadata: { ...other.metadata, name: 'other' } })
    stage.api.forgetRequests()
    await stage.edit({ autoscalerRef: { ...autoscalerRef, name: 'other' } })
    await stage.pass(5)
    expect(scalers().toSorted()).toEqual(['other', 'other-primary', 'podinfo'])
    const deeds = stage.api.requests.filter(({ kind, verb }) => kind === 'HorizontalPodAutoscaler' && verb !== 'list' && verb !== 'watch')
    expect(deeds.map(({ verb, key }) => `${verb} ${key.name}`)).toEqual(['delete podinfo-primary', 'apply other-primary'])
  })

  it('keeps its twin while it is only missing', async () => {
    await initialized()
    stage.api.drop(hpaKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(30)
    expect(scalers()).toEqual(['podinfo-primary'])
  })
})
