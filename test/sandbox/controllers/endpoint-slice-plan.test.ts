import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { maxEndpoints, planEndpointSlices } from '../../../src/sandbox/controllers/endpoint-slice-plan.ts'
import { type EndpointSlice, readEndpointSlice, readService } from '../../../src/sandbox/objects/network.ts'
import type { Pod } from '../../../src/sandbox/objects/pod.ts'
import { portMapAnnotation } from '../../../src/sandbox/objects/pod-state.ts'
import { timestamp } from '../../../src/sandbox/objects/view.ts'
import { aPod, startMs } from '../builders.ts'

const aService = (spec: Record<string, unknown> = {}) =>
  readService({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'podinfo', namespace: 'test', uid: 'uid-service', labels: { team: 'a' } },
    spec: { selector: { app: 'podinfo' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }], ...spec },
  })

const plan = (pods: readonly Pod[], { slices = [] as readonly EndpointSlice[], service = aService() } = {}) =>
  planEndpointSlices({ service, pods, slices }, () => 0.5).writes

const createdBy = (writes: ReturnType<typeof plan>) => writes.flatMap(write => (write.verb === 'create' ? [write.manifest] : []))
const sliceOf = (manifest: KubeObject | undefined) => readEndpointSlice(manifest ?? { apiVersion: '', kind: '', metadata: { name: '' } })
const onlySlice = (pods: readonly Pod[], service = aService()) => sliceOf(createdBy(plan(pods, { service }))[0])

describe('the slices of a Service', () => {
  it('name their Service', () =>
    expect(createdBy(plan([aPod('a')]))[0]?.metadata).toMatchObject({
      labels: {
        'kubernetes.io/service-name': 'podinfo',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        team: 'a',
      },
      ownerReferences: [{ kind: 'Service', uid: 'uid-service' }],
    }))

  it('resolve a named target port in the pod', () =>
    expect(onlySlice([aPod('a')]).ports).toEqual([{ name: 'web', port: 9898, protocol: 'TCP' }]))

  it('lead to the Service port itself when no target is named', () =>
    expect(onlySlice([aPod('a')], aService({ ports: [{ port: 8080 }] })).ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]))

  it('lead to the port on which the pod really listens', () => {
    const pod = aPod('a', { metadata: { annotations: { [portMapAnnotation]: '9898=41234' } } })
    expect(onlySlice([pod]).ports).toMatchObject([{ port: 41234 }])
  })

  it.each([
    ['a ready pod', {}, { ready: true, serving: true, terminating: false }],
    ['a pod that is not ready', { ready: false }, { ready: false, serving: false, terminating: false }],
    ['a pod that is leaving', { metadata: { deletionTimestamp: timestamp(startMs) } }, { ready: false, serving: true, terminating: true }],
  ])('say of %s what traffic may do', (_, parts, conditions) =>
    expect(onlySlice([aPod('a', parts)]).endpoints).toMatchObject([
      { addresses: ['127.20.0.1'], conditions, targetRef: { kind: 'Pod', name: 'a' } },
    ]),
  )

  it('call every pod ready where the Service publishes them all', () =>
    expect(onlySlice([aPod('a', { ready: false })], aService({ publishNotReadyAddresses: true })).endpoints?.[0]?.conditions.ready).toBe(
      true,
    ))

  it('leave out pods without an address', () => expect(onlySlice([aPod('a', { ip: '' })]).endpoints).toEqual([]))

  it('leave out pods that ended', () => expect(onlySlice([aPod('a', { phase: 'Succeeded' })]).endpoints).toEqual([]))

  it('stand one for each set of ports', () => {
    const other = aPod('b', { spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] } })
    expect(createdBy(plan([aPod('a'), other])).map(one => sliceOf(one).ports?.[0]?.port)).toEqual([9898, 8080])
  })

  it('hold no more endpoints than their readers expect', () => {
    const pods = Array.from({ length: maxEndpoints + 1 }, (_, index) => aPod(`p${index}`, { ip: `127.20.1.${index}` }))
    expect(createdBy(plan(pods)).map(one => sliceOf(one).endpoints?.length)).toEqual([maxEndpoints, 1])
  })

  const created = createdBy(plan([aPod('a')]))[0] ?? { apiVersion: '', kind: '', metadata: { name: '' } }
  const standingWith = (labels: Readonly<Record<string, string>>) =>
    readEndpointSlice({ ...created, metadata: { name: 'podinfo-x', namespace: 'test', resourceVersion: '7', labels } })
  const standing = standingWith(created.metadata.labels ?? {})

  it('follow the labels of their Service', () => {
    const { team: _, ...labels } = created.metadata.labels ?? {}
    const slices = [standingWith({ ...labels, squad: 'b' })]
    expect(plan([aPod('a')], { slices })).toMatchObject([
      { verb: 'patch', body: { metadata: { labels: { ...created.metadata.labels, squad: null } } } },
    ])
  })

  it('stay untouched while nothing changes', () => expect(plan([aPod('a')], { slices: [standing] })).toEqual([]))

  it('are changed in place', () =>
    expect(plan([aPod('a'), aPod('b')], { slices: [standing] })).toMatchObject([{ verb: 'patch', body: { endpoints: [{}, {}] } }]))

  it('are emptied, not removed, when the last pod goes', () =>
    expect(plan([], { slices: [standing] })).toMatchObject([{ verb: 'patch', body: { endpoints: [] } }]))

  it('go when there are too many', () =>
    expect(plan([aPod('a')], { slices: [standing, readEndpointSlice({ ...standing, metadata: { name: 'podinfo-y' } })] })).toMatchObject([
      { verb: 'delete' },
    ]))
})
