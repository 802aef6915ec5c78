import { describe, expect, it } from 'vitest'
import { configMapKind, secretKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { KubeError } from '../../src/kube/errors.ts'
import { type Stage, team } from '../support/stage.ts'
import { atWeight, initialized, promoted, standing } from './on-stage.ts'

const pod = {
  volumes: [
    { name: 'conf', configMap: { name: 'conf' } },
    { name: 'maybe', configMap: { name: 'maybe', optional: true } },
    { name: 'keys', secret: { secretName: 'keys' } },
  ],
}
const config = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test' },
  data: { a: 'b' },
})
const keys = (key: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', namespace: 'test' },
  type: 'Opaque',
  data: { key },
})
const objects = [...team({ pod }), config('conf'), config('maybe'), keys('c2VjcmV0')]

/** What etcd says while it chooses a leader, and what else may be wrong with a read. */
const failures = [
  new KubeError('ServerError', 'get configmaps: 500 InternalError: etcdserver: leader changed', { httpStatus: 500 }),
  'Unreachable',
  'Forbidden',
] as const

/** A new version of the object, which says what it said before: its digest has to be read again. */
const touch = async (stage: Stage, name: string): Promise<void> => {
  const found = stage.object(configMapKind, name)
  stage.api.put({ ...found, metadata: { ...found.metadata, labels: { touched: 'yes' } } })
  await stage.calm()
}

describe.each(failures)('a read of configuration that fails with %s', code => {
  it.each(['conf', 'maybe'])('is no change of %s: no rollout starts', async name => {
    const stage = await initialized({ objects })
    stage.api.fault({ verb: 'get', kind: 'ConfigMap', with: code, times: 5 })
    await touch(stage, name)
    await stage.pass(60)
    expect([stage.phase, stage.status.lastTransitionTime]).toEqual(['Initialized', expect.stringContaining('00:00:00')])
  })

  it('in mid-run raises no weight until it succeeds, and begins nothing anew', async () => {
    const stage = await initialized({ objects })
    await stage.release('v2', pod)
    await stage.until(() => stage.weights[1] === 20)
    stage.api.fault({ verb: 'get', kind: 'ConfigMap', with: code, times: 6 })
    await touch(stage, 'conf')
    await stage.pass(11)
    expect(stage.weights).toEqual([80, 20])
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(stage.sent.map(({ reason }) => reason)).not.toContain('RevisionRestarted')
  })
})

describe('a read that fails for long', () => {
  it('is said in condition and event, with the name', async () => {
    const stage = await initialized({ objects })
    stage.api.fault({ verb: 'get', kind: 'Secret', with: 'Forbidden', times: 100 })
    stage.api.put(keys('bmV3'))
    await stage.pass(10)
    const words = expect.stringContaining('keys')
    expect(stage.condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigUnreadable', message: words })
    expect(stage.events()).toContainEqual(words)
  })

  it('hides no change: the rollout starts when it succeeds', async () => {
    const stage = await initialized({ objects })
    stage.api.fault({ verb: 'get', kind: 'Secret', with: 'ServerError', times: 10 })
    stage.api.put(keys('bmV3'))
    await stage.untilRest('Succeeded')
    expect(stage.object(secretKind, 'keys-primary')['data']).toEqual({ key: 'bmV3' })
  })
})

it('a target without configuration is not concerned', async () => {
  const stage = await atWeight(20)
  stage.api.fault({ verb: 'get', kind: 'ConfigMap', with: 'ServerError', times: 1000 })
  await stage.untilRest('Succeeded')
  expect(standing(stage)).toEqual(promoted)
})
