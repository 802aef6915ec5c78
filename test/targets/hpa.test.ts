import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { horizontalPodAutoscaler } from '../../src/targets/hpa.ts'
import { aCanary } from '../support/builders.ts'
import { flags } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const cpu = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const source = (spec: Fields = {}, metadata: Fields = {}): KubeObject => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'scale', namespace: 'test', ...metadata },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
    minReplicas: 2,
    maxReplicas: 4,
    metrics: [cpu(99)],
    ...spec,
  },
})
const canary = (ref: Fields = {}) =>
  aCanary({ spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'scale', ...ref } } })
const twinOf = (object: KubeObject, ref: Fields = {}, options = flags) => horizontalPodAutoscaler.primary(canary(ref), object, options)

describe('the scaler of a primary', () => {
  it('is like that of the target, and scales the primary', () => {
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
    expect(twinOf(source({ behavior }))).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: {
        name: 'scale-primary',
        namespace: 'test',
        ownerReferences: [
          {
            apiVersion: 'flagger.app/v1beta1',
            kind: 'Canary',
            name: 'podinfo',
            uid: 'canary-uid',
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo-primary' },
        minReplicas: 2,
        maxReplicas: 4,
        metrics: [cpu(99)],
        behavior,
      },
    })
  })

  it('follows changes', () =>
    expect(twinOf(source({ metrics: [cpu(50)], maxReplicas: 10 }))).toMatchObject({ spec: { metrics: [cpu(50)], maxReplicas: 10 } }))

  it('has bounds of its own where the Canary says so', () =>
    expect(twinOf(source(), { primaryScalerReplicas: { minReplicas: 2, maxReplicas: 15 } })).toMatchObject({
      spec: { minReplicas: 2, maxReplicas: 15 },
    }))

  it('may have one bound of its own', () =>
    expect(twinOf(source(), { primaryScalerReplicas: { maxReplicas: 15 } })).toMatchObject({ spec: { minReplicas: 2, maxReplicas: 15 } }))

  it('leaves the least number to the default where the source does', () =>
    expect(twinOf(source({ minReplicas: undefined }))?.['spec']).not.toHaveProperty('minReplicas'))

  it('has the labels of the source but those of Flux', () =>
    expect(twinOf(source({}, { labels: { team: 'a', 'kustomize.toolkit.fluxcd.io/name': 'x' } }))?.metadata.labels).toEqual({ team: 'a' }))

  it('has no annotations', () =>
    expect(
      twinOf(source({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', a: 'b' } }))?.metadata.annotations,
    ).toBeUndefined())

  it('has annotations with a wanted prefix', () =>
    expect(
      twinOf(source({}, { annotations: { a: 'b', c: 'd' } }), {}, { ...flags, includeLabelPrefix: ['a'] })?.metadata.annotations,
    ).toEqual({ a: 'b' }))

  it('needs no write where it stands, whatever annotations the source has', () => {
    const twin = twinOf(source({}, { annotations: { a: 'b' } }))
    expect(twin && satisfies({ ...twin, status: { currentReplicas: 2 } }, twin)).toBe(true)
  })
})

describe('the least number of pods', () => {
  it.each([
    [undefined, 1],
    [0, 0],
    [3, 3],
  ])('with minReplicas %s is %i', (minReplicas, least) => expect(horizontalPodAutoscaler.minReplicas(source({ minReplicas }))).toBe(least))
})
