import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { splitAt, type Traffic } from '../../src/core/traffic.ts'
import { knative } from '../../src/routing/knative.ts'
import { aCanary } from '../support/builders.ts'
import { describeRouter } from './contract.ts'
import { RoutingWorld } from './routing-world.ts'

type Fields = Readonly<Record<string, unknown>>

const target = { targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } }
const canary = aCanary({ spec: { provider: 'knative', ...target } })
const mark = 'flagger.app/primary-revision'

const aService = ({ annotations, ...object }: { annotations?: Fields; spec?: Fields; status?: Fields } = {}): KubeObject =>
  ({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'podinfo', namespace: 'test', generation: 0, ...(annotations && { annotations }) },
    spec: { template: { spec: {} }, traffic: [{ latestRevision: true, percent: 100 }] },
    ...object,
  }) as KubeObject

const accept = (object: KubeObject): KubeObject => ({
  ...object,
  status: {
    observedGeneration: object.metadata.generation,
    conditions: [{ type: 'RoutesReady', status: 'True' }],
    traffic: (object['spec'] as { traffic: readonly Fields[] }).traffic,
  },
})

describeRouter(knative, { target, service: {}, edits: [], ground: () => [aService()], foreign: () => [aService()], accept })

const routed = (traffic: Traffic, object = aService(), primaryRevision = 'podinfo-00001'): KubeObject => {
  const world = new RoutingWorld([object])
  world.apply(knative.desired(canary, traffic, { live: world, options: { labelKey: 'app' }, primaryRevision }))
  const [after] = world.all()
  if (!after) throw new Error('the Service is gone')
  return after
}

const trafficIn = (object: KubeObject): unknown => (object['spec'] as Fields)['traffic']
/** As Knative says it of this very generation. */
const observed = (object: KubeObject) => {
  const world = new RoutingWorld([object])
  for (const stored of world.all()) {
    const { generation } = stored.metadata
    world.put({ ...stored, status: { ...(stored['status'] as Fields | undefined), observedGeneration: generation } })
  }
  return knative.observe(canary, world)
}

describe('the traffic of a Knative Service', () => {
  it('goes to the latest revision and to the one that is the primary', () =>
    expect(routed(splitAt(90))).toMatchObject({
      metadata: { annotations: { [mark]: 'podinfo-00001' } },
      spec: {
        traffic: [
          { latestRevision: true, percent: 90 },
          { revisionName: 'podinfo-00001', percent: 10 },
        ],
      },
    }))

  it('names the new primary and the new shares in one write', () =>
    expect(routed(splitAt(0), routed(splitAt(50)), 'podinfo-00002')).toMatchObject({
      metadata: { annotations: { [mark]: 'podinfo-00002' } },
      spec: {
        traffic: [
          { latestRevision: true, percent: 0 },
          { revisionName: 'podinfo-00002', percent: 100 },
        ],
      },
    }))

  it('keeps addresses of revisions that somebody tagged, without a share', () => {
    const tagged = { tag: 'blue', revisionName: 'podinfo-00001', percent: 30 }
    const object = aService({ spec: { traffic: [{ latestRevision: true, percent: 70 }, tagged] } })
    expect(trafficIn(routed(splitAt(20), object))).toContainEqual({ ...tagged, percent: 0 })
  })

  it('says nothing of the template', () => {
    const world = new RoutingWorld([aService()])
    const [manifest] = knative.desired(canary, splitAt(0), { live: world, options: { labelKey: 'app' }, primaryRevision: 'podinfo-00001' })
    expect(Object.keys(manifest?.['spec'] as Fields)).toEqual(['traffic'])
  })

  it('stays with the primary that is named already, where nobody knows another', () => {
    const world = new RoutingWorld([aService({ annotations: { [mark]: 'podinfo-00007' } })])
    const [manifest] = knative.desired(canary, splitAt(0), { live: world, options: { labelKey: 'app' } })
    expect(trafficIn(manifest as KubeObject)).toContainEqual({ latestRevision: false, revisionName: 'podinfo-00007', percent: 100 })
  })

  it('is never that of another revision, where none is known', () =>
    expect(knative.desired(canary, splitAt(50), { live: new RoutingWorld([aService()]), options: { labelKey: 'app' } })).toEqual([]))
})

describe('reading the traffic of a Knative Service', () => {
  it('tells the primary from the latest revision where both are one', () =>
    expect(
      observed(
        accept(
          aService({
            annotations: { [mark]: 'podinfo-00001' },
            spec: {
              traffic: [
                { latestRevision: true, revisionName: 'podinfo-00001', percent: 0 },
                { revisionName: 'podinfo-00001', percent: 100 },
              ],
            },
          }),
        ),
      ),
    ).toEqual({ traffic: splitAt(0), accepted: 'yes' }))

  it('knows of no shares where the annotation is missing', () => expect(observed(aService()).traffic).toBeUndefined())

  it('knows of no shares where other revisions have some', () =>
    expect(
      observed(
        aService({
          annotations: { [mark]: 'podinfo-00001' },
          spec: {
            traffic: [
              { latestRevision: true, percent: 10 },
              { revisionName: 'podinfo-00001', percent: 40 },
              { revisionName: 'podinfo-00000', percent: 50 },
            ],
          },
        }),
      ).traffic,
    ).toBeUndefined())

  it('waits until Knative serves what the spec says', () => {
    const object = accept(routed(splitAt(20)))
    const status = { ...(object['status'] as Fields), traffic: trafficIn(routed(splitAt(10))) }
    expect(observed({ ...object, status })).toMatchObject({ traffic: splitAt(20), accepted: 'no' })
  })

  it('passes on why Knative does not route', () => {
    const object = accept(routed(splitAt(20)))
    const conditions = [{ type: 'RoutesReady', status: 'False', reason: 'RevisionMissing', message: 'podinfo-00001 is gone' }]
    expect(observed({ ...object, status: { ...(object['status'] as Fields), conditions } }).message).toBe(
      'Knative says RoutesReady=False (RevisionMissing: podinfo-00001 is gone)',
    )
  })
})

describe('deleting the Canary of a Knative Service', () => {
  const reverted = (object: KubeObject): KubeObject => {
    const world = new RoutingWorld([object])
    world.apply(knative.desired(canary, splitAt(20), { live: world, options: { labelKey: 'app' }, primaryRevision: 'podinfo-00001' }))
    world.apply(knative.revert(canary, world))
    expect(knative.revert(canary, world)).toEqual([])
    return world.all()[0] as KubeObject
  }

  it('takes the annotation away', () => expect(reverted(aService()).metadata.annotations ?? {}).not.toHaveProperty(mark))

  it('gives everybody the latest revision again', () =>
    expect(trafficIn(reverted(aService()))).toEqual([{ latestRevision: true, percent: 100 }]))

  it('touches no Service that was never routed', () => expect(knative.revert(canary, new RoutingWorld([aService()]))).toEqual([]))
})
