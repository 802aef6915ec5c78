import { describe, expect, it } from 'vitest'
import { canaryKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { readStatus } from '../../src/api/status.ts'
import { type Stage, team } from '../support/stage.ts'
import { initialized, promoted, renamed, standing } from './on-stage.ts'

const stalled = (stage: Stage, name: string) =>
  readStatus(stage.object(canaryKind, name)['status']).conditions?.find(({ type }) => type === 'Stalled')

const younger = '2027-01-01T00:00:00Z'

/** A second Canary for the same Deployment. */
const rivalOf = (stage: Stage, metadata: object = {}): KubeObject => {
  const { spec, apiVersion, kind } = stage.object(canaryKind, 'podinfo')
  return stage.api.put({
    apiVersion,
    kind,
    spec,
    metadata: { name: 'rival', namespace: 'test', creationTimestamp: younger, ...metadata },
    status: {},
  } as KubeObject)
}

describe('two Canaries for one target', () => {
  it('are one that acts, and one that says who has the target', async () => {
    const stage = await initialized()
    rivalOf(stage)
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
    expect(stalled(stage, 'rival')).toMatchObject({
      status: 'True',
      reason: 'Conflict',
      message:
        'Canary podinfo already claims Deployment podinfo; expected one Canary per target. Delete one of the two, or point it at another target',
    })
    expect(stage.events()).toContainEqual(expect.stringContaining('already claims'))
  })

  it('change places when the one that acts is deleted', async () => {
    const stage = await initialized()
    rivalOf(stage)
    await stage.calm()
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.until(() => readStatus(stage.object(canaryKind, 'rival')['status']).phase === 'Initialized')
    expect(stage.replicas('podinfo-primary')).toBeGreaterThan(0)
  })

  it('are told apart by age whatever the order in which they are seen', async () => {
    const stage = await initialized()
    rivalOf(stage)
    await stage.restart()
    await stage.pass(30)
    expect(stalled(stage, 'rival')?.reason).toBe('Conflict')
    expect(stalled(stage, 'podinfo')?.status).not.toBe('True')
  })
})

describe('two Canaries with one Service', () => {
  it('are one that has it, and one that says whose it is', async () => {
    const stage = await initialized()
    stage.monitor.allow('S4', 'S20') // takes the one route for that of both
    const service = { port: 9898, name: 'podinfo', gatewayRefs: [{ name: 'gateway', namespace: 'test' }], hosts: ['podinfo.example'] }
    const [deployment, canary] = renamed(team(), 'other') as [KubeObject, KubeObject]
    stage.api.put(deployment)
    stage.api.put({ ...canary, spec: { ...(canary['spec'] as object), service } })
    await stage.pass(30)
    expect(stalled(stage, 'other')).toMatchObject({ reason: 'ForeignObject', message: expect.stringContaining('podinfo') })
    const owners = stage.object(serviceKind, 'podinfo').metadata.ownerReferences?.map(({ name }) => name)
    expect(owners).toEqual(['podinfo'])
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})

describe('a Canary for what is the primary of another one', () => {
  it('says whose it is, and touches nothing', async () => {
    const stage = await initialized()
    const [, canary] = renamed(team(), 'podinfo-primary')
    if (canary) stage.api.put(canary)
    await stage.pass(60)
    expect(stalled(stage, 'podinfo-primary')).toMatchObject({ status: 'True', message: expect.stringContaining('podinfo') })
    expect(stage.replicas('podinfo-primary')).toBe(2)
    await stage.release('v2')
    await stage.untilRest('Succeeded')
    expect(standing(stage)).toEqual(promoted)
  })
})
