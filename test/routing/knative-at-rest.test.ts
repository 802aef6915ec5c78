import { describe, expect, it } from 'vitest'
import { knativeServiceKind } from '../../src/api/kinds.ts'
import { fieldManager } from '../../src/api/marks.ts'
import { type KubeObject, keyOf, type Manifest } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { splitAt } from '../../src/core/traffic.ts'
import { knative } from '../../src/routing/knative.ts'
import { type ClusterApi, createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { aCanary } from '../support/builders.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { RoutingWorld } from './routing-world.ts'

type Fields = Readonly<Record<string, unknown>>

const canary = aCanary({
  spec: { provider: 'knative', targetRef: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'podinfo' } },
})

/** As far as routing goes. Lists without a key are one value, in Knative's definition as in this one. */
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'services.serving.knative.dev' },
  spec: {
    group: 'serving.knative.dev',
    scope: 'Namespaced',
    names: { kind: 'Service', plural: 'services', singular: 'service', listKind: 'ServiceList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  template: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  traffic: {
                    type: 'array',
                    items: {
                      type: 'object',
                      properties: {
                        latestRevision: { type: 'boolean' },
                        percent: { type: 'integer' },
                        revisionName: { type: 'string' },
                        tag: { type: 'string' },
                      },
                    },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

const declared = (version: string): Manifest => ({
  apiVersion: knativeServiceKind.apiVersion,
  kind: knativeServiceKind.kind,
  metadata: { name: 'podinfo', namespace: 'test' },
  spec: { template: { spec: { containers: [{ image: `podinfo:${version}` }] } } },
})

const git = (api: ClusterApi, version: string): KubeObject =>
  api.patch(knativeServiceKind, keyOf(declared(version)), { type: 'apply', body: declared(version), manager: 'kubectl', force: false })

const desired = (live: KubeObject, share: number, primaryRevision = 'podinfo-00001'): Manifest => {
  const world = new RoutingWorld([live])
  const [manifest] = knative.desired(canary, splitAt(share), { live: world, options: { labelKey: 'app' }, primaryRevision })
  if (!manifest) throw new Error('nothing is routed')
  return manifest
}

const route = (api: ClusterApi, manifest: Manifest): KubeObject =>
  api.patch(knativeServiceKind, keyOf(manifest), { type: 'apply', body: manifest, manager: fieldManager, force: true })

/** A Service that its user applied, and whose traffic Knative filled in. */
const cluster = () => {
  const api = createClusterApi({ clock: new VirtualClock(), random: () => 0 })
  api.create({ apiVersion: 'v1', plural: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } })
  api.create({ apiVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions' }, definition as never)
  git(api, 'v1')
  const body = { spec: { traffic: [{ latestRevision: true, percent: 100 }] } }
  const live = api.patch(knativeServiceKind, { namespace: 'test', name: 'podinfo' }, { type: 'merge', body, manager: 'kubectl' })
  return { api, live }
}

const trafficIn = (object: KubeObject): unknown => (object['spec'] as Fields)['traffic']

describe('a Knative Service on an API server', () => {
  it.each([0, 30, 100])('needs no second write at %i percent', share => {
    const { api, live } = cluster()
    const routed = route(api, desired(live, share))
    expect(satisfies(routed, desired(routed, share))).toBe(true)
  })

  it('has no more than two entries after any number of steps', () => {
    const { api, live } = cluster()
    const steps = [0, 20, 40].reduce((object, share) => route(api, desired(object, share)), live)
    expect(trafficIn(route(api, desired(steps, 0, 'podinfo-00002')))).toEqual([
      { latestRevision: true, percent: 0 },
      { latestRevision: false, revisionName: 'podinfo-00002', percent: 100 },
    ])
  })

  it('takes a new version from its user without a conflict, and keeps its shares', () => {
    const { api, live } = cluster()
    const routed = route(api, desired(live, 20))
    const released = git(api, 'v2')
    expect([released['spec'], trafficIn(released)]).toEqual([
      { ...(declared('v2')['spec'] as Fields), traffic: trafficIn(routed) },
      trafficIn(routed),
    ])
  })

  it('keeps what its user declares', () => {
    const { api, live } = cluster()
    expect(route(api, desired(live, 20))['spec']).toMatchObject(declared('v1')['spec'] as Fields)
  })

  it('has the traffic and the annotations of before once it is reverted', () => {
    const { api, live } = cluster()
    const routed = route(api, desired(live, 20))
    const [back] = knative.revert(canary, new RoutingWorld([routed]))
    const reverted = route(api, back as Manifest)
    expect([trafficIn(reverted), reverted.metadata.annotations ?? {}]).toEqual([[{ latestRevision: true, percent: 100 }], {}])
  })
})
