import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { byTarget } from '../../src/controller/obstacles.ts'

const canaryOf = (targetRef: unknown, namespace = 'test'): KubeObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name: 'podinfo', namespace },
  spec: { targetRef },
})

const meet = (...refs: readonly unknown[]): boolean => new Set(refs.map(ref => byTarget(canaryOf(ref)).join())).size === 1

describe('Canaries', () => {
  it('of one Deployment meet, whatever version they name', () =>
    expect(
      meet(
        { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        { apiVersion: 'apps/v1beta2', kind: 'Deployment', name: 'web' },
        { kind: 'Deployment', name: 'web' },
      ),
    ).toBe(true))

  it('of a core Service meet, with a version or without', () =>
    expect(meet({ apiVersion: 'v1', kind: 'Service', name: 'web' }, { kind: 'Service', name: 'web' })).toBe(true))

  it.each([
    [
      'a core Service and one of Knative',
      { apiVersion: 'v1', kind: 'Service', name: 'web' },
      { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'web' },
    ],
    ['a Deployment and a DaemonSet', { kind: 'Deployment', name: 'web' }, { kind: 'DaemonSet', name: 'web' }],
    ['two Deployments', { kind: 'Deployment', name: 'web' }, { kind: 'Deployment', name: 'api' }],
  ])('of %s of one name do not', (_, one, other) => expect(meet(one, other)).toBe(false))

  it('of one name in two namespaces do not', () =>
    expect(byTarget(canaryOf({ kind: 'Deployment', name: 'web' }))).not.toEqual(
      byTarget(canaryOf({ kind: 'Deployment', name: 'web' }, 'other')),
    ))

  it.each([undefined, null, 7, {}, { kind: 'Deployment' }, { kind: 7, name: 'web' }])(
    'without a target that could be read meet nobody: %j',
    ref => expect(byTarget(canaryOf(ref))).toEqual([]),
  )
})
