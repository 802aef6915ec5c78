import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMapKind, deploymentKind, secretKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { createStage, type Stage, type StageOptions, team } from '../support/stage.ts'

let stage: Stage
afterEach(() => stage.stop())

const pod = {
  volumes: [
    { name: 'conf', configMap: { name: 'conf' } },
    { name: 'maybe', configMap: { name: 'maybe', optional: true } },
    { name: 'keys', secret: { secretName: 'keys' } },
  ],
}
const config = (name: string, data: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test' },
  data,
})
const keys = (key: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', namespace: 'test' },
  type: 'Opaque',
  data: { key },
})
const objects = [...team({ pod }), config('conf', { color: 'red' }), keys('c2VjcmV0')]

const put = async (object: KubeObject): Promise<void> => {
  stage.api.put(object)
  await stage.calm()
}
const initialized = async (options: StageOptions = {}): Promise<void> => {
  stage = await createStage({ objects, ...options })
  await stage.untilRest('Initialized')
}
const dataOf = (name: string) => stage.object(configMapKind, name)['data']

describe('configuration', () => {
  beforeEach(() => initialized())

  it('is copied for the primary, which reads the copy', () => {
    expect(dataOf('conf-primary')).toEqual({ color: 'red' })
    const { template } = stage.object(deploymentKind, 'podinfo-primary')['spec'] as { template: { spec: { volumes: object[] } } }
    expect(template.spec.volumes[0]).toMatchObject({ configMap: { name: 'conf-primary' } })
  })

  it('that changes starts a rollout by itself', async () => {
    const id = () => JSON.stringify(stage.object(deploymentKind, 'podinfo-primary')['spec'])
    const before = id()
    await put(config('conf', { color: 'blue' }))
    await stage.until(() => stage.phase === 'Progressing')
    expect(dataOf('conf-primary')).toEqual({ color: 'red' })
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
    expect(id()).not.toBe(before) // the pods are rolled
  })

  it('that is a Secret does so too', async () => {
    await put(keys('bmV3'))
    await stage.untilRest('Succeeded')
    expect(stage.object(secretKind, 'keys-primary')['data']).toEqual({ key: 'bmV3' })
  })

  it('that is only touched starts none', async () => {
    const found = stage.object(configMapKind, 'conf')
    await put({ ...found, metadata: { ...found.metadata, labels: { touched: 'yes' } } })
    await stage.pass(5)
    expect(stage.phase).toBe('Initialized')
  })

  it('that goes back to what is promoted ends the run', async () => {
    await put(config('conf', { color: 'blue' }))
    await stage.until(() => stage.weights[1] === 20)
    await put(config('conf', { color: 'red' }))
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'red' })
  })

  it('that may be missing may also appear, which is a new revision', async () => {
    await put(config('maybe', { extra: 'yes' }))
    await stage.untilRest('Succeeded')
    expect(dataOf('maybe-primary')).toEqual({ extra: 'yes' })
  })

  it('that goes missing holds the run with its name, and the deadline ends it', async () => {
    await stage.release('v2', pod)
    await stage.until(() => stage.weights[1] === 20)
    stage.api.drop(configMapKind, { namespace: 'test', name: 'conf' })
    await stage.until(() => stage.status.hold?.reason === 'ConfigMissing')
    expect(stage.status.hold?.message).toContain('conf')
    await stage.until(() => stage.phase === 'Failed')
    expect(stage.weights).toEqual([100, 0])
    expect(stage.replicas('podinfo')).toBe(2)
    await stage.untilRest('Failed')
    expect(stage.replicas('podinfo')).toBe(0)
  })

  it('that changes while it is promoted is not copied: the run starts over with it', async () => {
    await stage.release('v2', pod)
    await stage.until(() => stage.weights[1] === 40)
    await stage.pass(9)
    stage.api.fault({ verb: 'apply', kind: 'Deployment', name: 'podinfo-primary', with: 'ServerError', times: 3 })
    await stage.until(() => stage.status.state === 'Promoting.copying')
    await put(config('conf', { color: 'blue' }))
    expect(stage.phase).toBe('Progressing')
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })

  it('that changes after the decision and before the copy is refused by its digest', async () => {
    await stage.release('v2', pod)
    await stage.until(() => stage.weights[1] === 40)
    for (const watch of stage.api.watches('ConfigMap')) watch.mute() // nobody tells that it changed
    await put(config('conf', { color: 'blue' }))
    stage.api.drop(configMapKind, { namespace: 'test', name: 'conf-primary' })
    await stage.pass(60)
    expect(stage.api.stored(configMapKind, { namespace: 'test', name: 'conf-primary' })?.['data']).not.toEqual({ color: 'blue' })
  })

  it('of which a copy is lost is copied again', async () => {
    stage.api.drop(configMapKind, { namespace: 'test', name: 'conf-primary' })
    await stage.calm()
    expect(dataOf('conf-primary')).toEqual({ color: 'red' })
  })

  it('of which a copy is lost and the source changed holds up no rollout', async () => {
    await put(config('conf', { color: 'blue' }))
    stage.api.drop(configMapKind, { namespace: 'test', name: 'conf-primary' })
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })

  it('of which somebody else owns the name of the copy is left alone, and a condition says so', async () => {
    await put(config('other-primary', { mine: 'yes' }))
    await put(config('other', { color: 'green' }))
    await stage.release('v2', { volumes: [...pod.volumes, { name: 'other', configMap: { name: 'other' } }] })
    await stage.until(() => stage.status.hold?.reason === 'ForeignObject')
    expect(dataOf('other-primary')).toEqual({ mine: 'yes' })
  })
})

describe('configuration that is immutable', () => {
  const key = (name: string) => ({ namespace: 'test', name })
  const immutable = (color: string): KubeObject => ({ ...config('conf', { color }), immutable: true })
  const madeAgain = async (color: string): Promise<void> => {
    stage.api.drop(configMapKind, key('conf'))
    await put(immutable(color))
  }
  const initializedWith = (conf: KubeObject) => initialized({ objects: [...team({ pod }), conf, keys('c2VjcmV0')] })

  it('has a copy that can follow the next promotion', async () => {
    await initializedWith(immutable('red'))
    expect(stage.object(configMapKind, 'conf-primary')).toMatchObject({ data: { color: 'red' } })
    expect(stage.object(configMapKind, 'conf-primary')).not.toHaveProperty('immutable')
  })

  it('is released when it is made again under its name with other contents', async () => {
    await initializedWith(immutable('red'))
    await madeAgain('blue')
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })

  it('never takes the copy away that pods of the primary may need to start', async () => {
    await initializedWith(immutable('red'))
    await madeAgain('blue')
    await stage.untilRest('Succeeded')
    expect(stage.api.count('delete', 'ConfigMap')).toBe(0)
  })

  it('starts no rollout by becoming so', async () => {
    await initializedWith(config('conf', { color: 'red' }))
    await put(immutable('red'))
    await stage.pass(5)
    expect(stage.phase).toBe('Initialized')
  })

  it('of which somebody made the copy immutable holds the promotion, says why, and leaves the copy to whoever did so', async () => {
    await initializedWith(immutable('red'))
    await put({ ...stage.object(configMapKind, 'conf-primary'), immutable: true })
    await madeAgain('blue')
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    expect(stage.status.hold?.message).toContain('ConfigMap "conf-primary" is invalid: data: Forbidden: field is immutable')
    expect([stage.weights, dataOf('conf-primary')]).toEqual([[60, 40], { color: 'red' }])
  })

  it('of which such a copy is deleted goes on to its end', async () => {
    await initializedWith(immutable('red'))
    await put({ ...stage.object(configMapKind, 'conf-primary'), immutable: true })
    await madeAgain('blue')
    await stage.until(() => stage.status.hold?.reason === 'DeferredWrite')
    stage.api.drop(configMapKind, key('conf-primary'))
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })
})

describe('a restart', () => {
  it('reads no configuration that did not change', async () => {
    await initialized()
    await stage.pass(10)
    stage.api.forgetRequests()
    await stage.restart()
    await stage.pass(5)
    expect(stage.api.count('get')).toBe(0)
  })

  it('loses no change that came while a promotion was under way', async () => {
    await initialized()
    await stage.release('v2', pod)
    stage.state.broken.add('podinfo-primary podinfo:v2')
    await stage.until(() => stage.status.state === 'Promoting.sizing')
    await put(config('conf', { color: 'blue' }))
    await stage.pass(3)
    await stage.restart()
    stage.state.broken.clear()
    await stage.until(() => stage.phase === 'Succeeded' && stage.image('podinfo-primary') === 'podinfo:v2')
    await stage.pass(60)
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })

  it('loses no change that came while the Canary was suspended', async () => {
    await initialized()
    await stage.edit({ suspend: true })
    await put(config('conf', { color: 'blue' }))
    await stage.pass(3)
    await stage.restart()
    await stage.edit({ suspend: false })
    await stage.untilRest('Succeeded')
    expect(dataOf('conf-primary')).toEqual({ color: 'blue' })
  })
})

describe('tracking that is switched off', () => {
  it('copies nothing, and starts nothing', async () => {
    await initialized({ configTracking: false })
    await put(config('conf', { color: 'blue' }))
    await stage.pass(5)
    expect(stage.phase).toBe('Initialized')
    expect(stage.api.stored(configMapKind, { namespace: 'test', name: 'conf-primary' })).toBeUndefined()
  })
})

describe('two Canaries whose targets share configuration', () => {
  const other = team({ pod }).map(object => JSON.parse(JSON.stringify(object).replaceAll('"podinfo"', '"other"')) as KubeObject)

  it('share its copy, owned by both', async () => {
    await initialized({ objects: [...objects, ...other] })
    await stage.pass(20)
    expect(stage.object(configMapKind, 'conf-primary').metadata.ownerReferences).toHaveLength(2)
  })

  it('are both promoted when it changes', async () => {
    await initialized({ objects: [...objects, ...other] })
    await stage.pass(20)
    await put(config('conf', { color: 'blue' }))
    await stage.untilRest('Succeeded')
    await stage.pass(60)
    const { status } = stage.object({ ...deploymentKind, apiVersion: 'flagger.app/v1beta1', kind: 'Canary', plural: 'canaries' }, 'other')
    expect(status).toMatchObject({ phase: 'Succeeded' })
  })
})
