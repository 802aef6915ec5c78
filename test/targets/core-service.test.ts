import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { coreService } from '../../src/targets/core-service.ts'
import type { PinnedTemplate, Target } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'
import { coreService as aService } from '../support/team.ts'
import { describeWorkload } from './contract.ts'
import { flags, liveOf, ownedByCanary, specIn } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const targetRef = { apiVersion: 'v1', kind: 'Service', name: 'podinfo' }
const canary = aCanary({ spec: { targetRef } })

const withSpec = (spec: Fields): KubeObject => ({ ...aService('v1'), spec: { ...specIn(aService('v1')), ...spec } })

const inspect = (...objects: readonly KubeObject[]) => coreService.inspect(canary, liveOf(...objects), flags)

const inspected = (object: KubeObject): Target => {
  const found = inspect(object)
  if ('unusable' in found) throw new Error(found.unusable.message)
  return found.target
}

const hashOf = (object: KubeObject): string => inspected(object).templateHash
const pinOf = (object: KubeObject): PinnedTemplate => coreService.pin(inspected(object), {})

interface Making {
  readonly live?: KubeObject
  readonly options?: typeof flags
  readonly of?: typeof canary
}

const primaryOf = (object: KubeObject, { live, options = flags, of = canary }: Making = {}): KubeObject =>
  coreService.primary({ canary: of, target: inspected(object), pin: pinOf(object), live, replicas: 1, options })

const canaryOf = (object: KubeObject, ...others: readonly KubeObject[]): KubeObject | undefined =>
  coreService.canaryService?.({ canary, target: inspected(object), pin: undefined, live: liveOf(object, ...others), options: flags })

describeWorkload(coreService, () => ({
  canary,
  target: aService('v1'),
  patched: object => object,
  mounts: () => false,
}))

describe('what a revision of a core Service is', () => {
  it('changes with the pods that it selects', () => expect(hashOf(aService('v2'))).not.toBe(hashOf(aService('v1'))))

  it('changes with its ports', () =>
    expect(hashOf(withSpec({ ports: [{ port: 80, targetPort: 9898, protocol: 'TCP' }] }))).not.toBe(hashOf(aService('v1'))))

  it.each([
    ['the address that it was given', { clusterIP: '10.0.0.8', clusterIPs: ['10.0.0.8'] }],
    ['its node ports', { type: 'NodePort', ports: [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP', nodePort: 30123 }] }],
    ['its load balancer', { type: 'LoadBalancer', loadBalancerClass: 'x', externalIPs: ['192.0.2.1'] }],
  ])('does not change with %s', (_what, spec) => expect(hashOf(withSpec(spec))).toBe(hashOf(aService('v1'))))
})

describe('the Service of a track', () => {
  it('selects what the target selected when it was pinned', () =>
    expect(specIn(primaryOf(aService('v1')))).toEqual({
      type: 'ClusterIP',
      selector: { app: 'podinfo', version: 'v1' },
      ports: [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }],
    }))

  it('of the canary selects what the target selects now', () =>
    expect(specIn(canaryOf(aService('v2')) as KubeObject)['selector']).toEqual({ app: 'podinfo', version: 'v2' }))

  it('opens no node ports, and asks for no load balancer', () =>
    expect(
      specIn(primaryOf(withSpec({ type: 'LoadBalancer', ports: [{ port: 80, targetPort: 80, protocol: 'TCP', nodePort: 30123 }] }))),
    ).toMatchObject({ type: 'ClusterIP', ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] }))

  it('leads outside where the target does', () =>
    expect(specIn(primaryOf(withSpec({ type: 'ExternalName', externalName: 'v1.example', clusterIP: undefined })))).toMatchObject({
      type: 'ExternalName',
      externalName: 'v1.example',
    }))

  it('is headless where the target is', () =>
    expect(specIn(primaryOf(withSpec({ clusterIP: 'None', clusterIPs: ['None'] })))['clusterIP']).toBe('None'))

  it('stays as headless as it was made', () => {
    const live = primaryOf(aService('v1'))
    expect(specIn(primaryOf(withSpec({ clusterIP: 'None' }), { live }))).not.toHaveProperty('clusterIP')
  })

  it('is named after the Service that routes lead to', () => {
    const of = aCanary({ spec: { targetRef, service: { port: 9898, name: 'shop' } } })
    expect(primaryOf(aService('v1'), { of }).metadata.name).toBe('shop-primary')
  })

  it('spreads its requests as the Canary says', () => {
    const of = aCanary({ spec: { targetRef, service: { port: 9898, trafficDistribution: 'PreferClose' } } })
    expect(specIn(primaryOf(aService('v1'), { of }))['trafficDistribution']).toBe('PreferClose')
  })

  it('goes with its Canary, before and after a promotion', () =>
    expect(primaryOf(aService('v2'), { live: primaryOf(aService('v1')) }).metadata.ownerReferences).toMatchObject([
      { kind: 'Canary', controller: true },
    ]))

  it('has metadata of the target with a wanted prefix only', () => {
    const labelled = { ...aService('v1'), metadata: { ...aService('v1').metadata, labels: { 'team.example/a': '1', other: '2' } } }
    const { metadata } = primaryOf(labelled, { options: { ...flags, includeLabelPrefix: ['team.example/'] } })
    expect(Object.keys(metadata.labels ?? {})).toEqual(['team.example/a', 'serin.dev/selection'])
  })

  it('says for which template it selects, so that its slices do too', () =>
    expect(primaryOf(aService('v2')).metadata.labels).toEqual({ 'serin.dev/selection': hashOf(aService('v2')) }))
})

describe('a core Service that is targeted', () => {
  it('may have a name with room for a suffix', () => {
    const name = 'a'.repeat(56)
    const long = aCanary({ spec: { targetRef: { ...targetRef, name } } })
    const object = { ...aService('v1'), metadata: { name, namespace: 'test' } }
    expect(coreService.inspect(long, liveOf(object), flags)).toMatchObject({ unusable: { reason: 'TargetInvalid' } })
  })

  it.each(['podinfo-primary', 'podinfo-canary'])('cannot have its tracks where somebody has a Service %s', name =>
    expect(inspect(aService('v1'), { ...aService('v1'), metadata: { name, namespace: 'test' } })).toMatchObject({
      unusable: { reason: 'ForeignObject' },
    }),
  )

  it.each(['podinfo-primary', 'podinfo-canary'])('still cannot while that is the reason why its Canary is being initialized: %s', name => {
    const of = aCanary({ spec: { targetRef }, status: { phase: 'Initializing' } })
    const theirs = { ...aService('v1'), metadata: { name, namespace: 'test' } }
    expect(coreService.inspect(of, liveOf(aService('v1'), theirs), flags)).toMatchObject({ unusable: { reason: 'ForeignObject' } })
  })

  it('knows the Services of its tracks', () =>
    expect(
      inspect(aService('v1'), ownedByCanary({ ...aService('v1'), metadata: { name: 'podinfo-primary', namespace: 'test' } })),
    ).toHaveProperty('target'))

  it('takes over a primary that another controller of the field left without an owner', () => {
    const taken = aCanary({ spec: { targetRef }, status: { phase: 'Succeeded' } })
    const primary = { ...aService('v1'), metadata: { name: 'podinfo-primary', namespace: 'test' } }
    expect(coreService.inspect(taken, liveOf(aService('v1'), primary), flags)).toHaveProperty('target')
  })

  it('is seen through its primary where it is gone', () =>
    expect(coreService.standIn(canary, liveOf(primaryOf(aService('v1'))), flags)?.object.metadata.name).toBe('podinfo'))

  it('is never parked', () => {
    const target = inspected(aService('v1'))
    expect([coreService.park(target), coreService.unpark(target, 1)]).toEqual([undefined, undefined])
  })

  it('is judged by the Service that requests of the canary reach', () => {
    const reached = ownedByCanary({ ...aService('v1'), metadata: { name: 'podinfo-canary', namespace: 'test' } })
    expect(inspect(aService('v1'), reached)).toMatchObject({ target: { track: { metadata: { name: 'podinfo-canary' } } } })
  })
})

describe('the readiness of a core Service', () => {
  const rule = { thresholdPercent: 100, deadlineMs: 1, nowMs: 0 }
  const of = (object: KubeObject, ...endpoints: readonly string[]) =>
    coreService.readiness(object, rule, { ...liveOf(), endpointsOfAny: () => endpoints })

  it('is given by one endpoint that is ready', () => expect(of(aService('v1'), 'podinfo-a')).toMatchObject({ kind: 'ready', readyPods: 1 }))

  it('waits for one', () =>
    expect(of(aService('v1'))).toEqual({
      kind: 'waiting',
      message: 'service podinfo has no ready endpoint',
      readyPods: 0,
      servingPods: 0,
      wantedPods: 1,
      isUntimed: true,
    }))

  it('does not count the pods of the selection before, which serve all the same', () => {
    const service = primaryOf(aService('v2'))
    const endpointsOfAny = (_key: unknown, selection?: string) => (selection === hashOf(aService('v2')) ? [] : ['podinfo-of-v1'])
    expect(coreService.readiness(service, rule, { ...liveOf(), endpointsOfAny })).toMatchObject({
      kind: 'waiting',
      message: 'the endpoints of service podinfo-primary do not follow its selector yet',
      readyPods: 0,
      servingPods: 1,
    })
  })

  it('is taken for granted where it selects no pods', () =>
    expect(of(withSpec({ type: 'ExternalName', externalName: 'v1.example', selector: undefined })).kind).toBe('ready'))
})
