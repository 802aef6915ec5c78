import { afterEach, describe, expect, it } from 'vitest'
import { canaryKind, knativeServiceKind, serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { sick } from '../support/builders.ts'
import { createStage, type Stage, team } from '../support/stage.ts'
import { template } from '../support/team.ts'
import { phases } from './trail.ts'

type Fields = Readonly<Record<string, unknown>>

let stage: Stage
afterEach(() => stage.stop())

const initialized = async (analysis: Fields = {}, spec: Fields = {}): Promise<void> => {
  stage = await createStage({ objects: team({ kind: 'Knative', analysis, spec }) })
  await stage.untilRest('Initialized')
  stage.api.forgetRequests()
}

const service = () => stage.object(knativeServiceKind, 'podinfo')
const primary = (): string | undefined => service().metadata.annotations?.['flagger.app/primary-revision']
const shares = (): readonly unknown[] => (service()['spec'] as { traffic: readonly Fields[] }).traffic.map(({ percent }) => percent)

const release = async (version: string): Promise<void> => {
  const found = service()
  stage.api.put({ ...found, spec: { ...(found['spec'] as Fields), template: template(version) } })
  await stage.calm()
}

describe('a Knative Service that gets a Canary', () => {
  it('sends everybody to the revision that was there', async () => {
    await initialized()
    expect([primary(), service()['spec']]).toMatchObject([
      'podinfo-00001',
      {
        traffic: [
          { latestRevision: true, percent: 0 },
          { revisionName: 'podinfo-00001', percent: 100 },
        ],
      },
    ])
  })

  it('gets no Services and no second workload', async () => {
    await initialized()
    expect(stage.api.storedAll(serviceKind)).toEqual([])
  })

  it('owes us nothing but its traffic', async () => {
    await initialized()
    const [ours] = (service().metadata.managedFields ?? []).filter(({ manager }) => manager === 'serin')
    expect(ours?.fieldsV1).toEqual({
      'f:metadata': { 'f:annotations': { 'f:flagger.app/primary-revision': {} } },
      'f:spec': { 'f:traffic': {} },
    })
  })

  it('costs no write while nothing changes', async () => {
    await initialized()
    await stage.pass(60)
    expect(stage.api.requests.filter(({ kind, verb }) => kind === 'Service' && verb === 'apply')).toEqual([])
  })
})

describe('a release of a Knative Service', () => {
  it('goes through the phases of any other', async () => {
    await initialized({ stepWeight: 50, maxWeight: 100 })
    await release('v2')
    await stage.untilRest('Succeeded')
    expect(phases(stage)).toEqual([
      'Progressing 0',
      'Progressing 50',
      'Progressing 100',
      'Promoting 100',
      'Promoting 0',
      'Finalising 0',
      'Succeeded 0',
    ])
  })

  it('gets its share as the latest revision', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => stage.status.canaryWeight === 20)
    await stage.until(() => shares()[0] === 20)
    expect([primary(), shares()]).toEqual(['podinfo-00001', [20, 80]])
  })

  it('makes the new revision the primary', async () => {
    await initialized()
    await release('v2')
    await stage.untilRest('Succeeded')
    expect([primary(), shares()]).toEqual(['podinfo-00002', [0, 100]])
  })

  it('that is bad leaves everybody with the primary', async () => {
    await initialized()
    stage.state.measurements = sick.measurements
    await release('v2')
    await stage.untilRest('Failed')
    expect([primary(), shares()]).toEqual(['podinfo-00001', [0, 100]])
  })

  it('that never starts ends with the deadline', async () => {
    await initialized()
    stage.state.broken.add('podinfo podinfo:v2')
    await release('v2')
    await stage.untilRest('Failed')
    expect([stage.status.failure?.reason, primary(), shares()]).toEqual(['ProgressDeadlineExceeded', 'podinfo-00001', [0, 100]])
  })

  it('gets nothing until its revision is ready', async () => {
    await initialized()
    stage.state.broken.add('podinfo podinfo:v2')
    await release('v2')
    await stage.pass(30)
    expect([stage.phase, shares()]).toEqual(['Progressing', [0, 100]])
    stage.state.broken.clear()
    await stage.untilRest('Succeeded')
  })

  it('takes all traffic back when a newer one comes', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => shares()[0] === 20)
    stage.api.forgetRequests()
    await release('v3')
    await stage.untilRest('Succeeded')
    expect([phases(stage)[0], primary()]).toEqual(['Progressing 0', 'podinfo-00003'])
  })

  it('goes on where the status names no revision for a while', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => shares()[0] === 20)
    const found = service()
    stage.api.put({ ...found, status: { ...(found['status'] as Fields), latestCreatedRevisionName: 'podinfo-00002', traffic: [] } })
    await stage.untilRest('Succeeded')
    expect(primary()).toBe('podinfo-00002')
  })

  it('without analysis is promoted at once', async () => {
    await initialized({}, { skipAnalysis: true })
    await release('v2')
    await stage.untilRest('Succeeded')
    expect([primary(), shares()]).toEqual(['podinfo-00002', [0, 100]])
  })
})

describe('the annotation of a Knative Service', () => {
  it('that somebody takes away in mid-run comes back with the promoted revision', async () => {
    await initialized()
    await release('v2')
    await stage.until(() => shares()[0] === 20)
    const found = service()
    const { annotations: _, ...metadata } = found.metadata
    stage.api.put({ ...found, metadata })
    await stage.calm()
    expect([primary(), shares()]).toEqual(['podinfo-00001', [20, 80]])
    await stage.untilRest('Succeeded')
  })
})

describe('a Knative Service that goes in the moment its shares are written', () => {
  it('is not made again with nothing in it but shares', async () => {
    let isGoing = false
    const drop = () => stage.api.drop(knativeServiceKind, { namespace: 'test', name: 'podinfo' })
    stage = await createStage({
      objects: team({ kind: 'Knative' }),
      onCall: ({ verb, kind }) => {
        if (isGoing && verb === 'apply' && kind === 'Service') drop()
        return undefined
      },
    })
    await stage.untilRest('Initialized')
    isGoing = true
    await release('v2')
    await stage.pass(60)
    expect(stage.api.storedAll(knativeServiceKind)).toEqual([])
  })
})

describe('a primary revision that is gone', () => {
  it('is replaced by the next release', async () => {
    await initialized()
    stage.api.drop(knativeRevisionKind, { namespace: 'test', name: 'podinfo-00001' })
    await release('v2')
    await stage.untilRest('Initialized')
    expect([primary(), shares()]).toEqual(['podinfo-00002', [0, 100]])
  })
})

describe('deleting the Canary of a Knative Service', () => {
  it('leaves an annotation that means nothing to the next Canary', async () => {
    await initialized()
    const { apiVersion, kind, spec } = stage.object(canaryKind, 'podinfo')
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await release('v2')
    stage.api.put({ apiVersion, kind, spec, metadata: { name: 'podinfo', namespace: 'test', uid: 'anew' }, status: {} } as KubeObject)
    await stage.untilRest('Initialized')
    expect([primary(), shares()]).toEqual(['podinfo-00002', [0, 100]])
  })

  it('gives everybody the latest revision again', async () => {
    await initialized({}, { revertOnDeletion: true })
    stage.api.drop(canaryKind, { namespace: 'test', name: 'podinfo' })
    await stage.pass(60)
    expect([primary(), shares(), stage.api.storedAll(canaryKind)]).toEqual([undefined, [100], []])
  })
})
