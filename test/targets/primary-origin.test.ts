import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { placements } from '../../src/targets/affinity.ts'
import { contentHash } from '../../src/targets/canonical.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { podTemplateOf } from '../../src/targets/pod-template.ts'
import { aCanary } from '../support/builders.ts'
import { aTarget, type DeploymentChanges, flags, inspected, liveOf, primaryOf, templateIn } from './world.ts'

type Fields = Readonly<Record<string, unknown>>

const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'podinfo', uid: 'canary-uid' }
const copy = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test', ownerReferences: [owner] },
})

/** A target called `web` whose pods are labelled `podinfo`: controllers of the field go by the name alone. */
const named = (changes: DeploymentChanges = {}) => aTarget({ name: 'web', ...changes })
const canary = aCanary({ spec: { targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } })
const digests = { 'configmap/conf': '0123456789abcdef' }

const selecting = (values: readonly string[]) => ({
  labelSelector: { matchExpressions: [{ key: 'app', operator: 'In', values }] },
  topologyKey: 'kubernetes.io/hostname',
})

/** As another controller places and writes it: no mark of ours, an id of its own. */
const theirs = (target: KubeObject, way: number, pin = deployment.pin(inspected(target, canary), digests)): KubeObject => {
  const { annotations: _, ...metadata } = primaryOf(target, { canary, pin }).metadata
  const manifest = primaryOf(target, { canary, pin })
  const made = podTemplateOf(templateIn(manifest) as never)
  const place = placements[way] ?? (spec => spec)
  const { affinity: _a, topologySpreadConstraints: _t, ...bare } = made.spec
  const { affinity, topologySpreadConstraints } = place(templateIn(target).spec, inspected(target, canary), flags)
  const spec = { ...bare, ...(affinity && { affinity }), ...(topologySpreadConstraints && { topologySpreadConstraints }) }
  const id = { 'flagger-id': '95ceb351-35d0-42af-838d-747d70952bc2' }
  const template = { metadata: { ...made.metadata, annotations: { ...made.metadata?.annotations, ...id } }, spec }
  return { ...manifest, metadata, spec: { ...(manifest['spec'] as Fields), template } }
}

const runs = (target: KubeObject, primary: KubeObject): boolean => {
  const found = inspected(target, canary)
  return (
    deployment.runs?.({
      canary,
      target: found,
      pin: deployment.pin(found, digests),
      live: primary,
      replicas: undefined,
      options: flags,
    }) === true
  )
}

const origin = (target: KubeObject, primary: KubeObject) =>
  deployment.origin?.({ canary, target: inspected(target, canary), primary, live: liveOf(copy('conf-primary')), options: flags })

const pod = {
  volumes: [
    { name: 'conf', configMap: { name: 'conf' } },
    { name: 'own', configMap: { name: 'shared-primary' } },
  ],
}

describe.each([0, 1, 2])('a primary that was placed in way %i', way => {
  const values = fc.subarray(['podinfo', 'web', 'other', 'x-canary'], { minLength: 1 })
  const target = fc.record({ apart: values, together: values, spread: values }).map(({ apart, together, spread }) =>
    named({
      labels: { tier: 'a' },
      annotations: { note: 'x' },
      pod: {
        ...pod,
        affinity: {
          podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selecting(apart)] },
          podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: selecting(together) }] },
        },
        topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...selecting(spread) }],
      },
    }),
  )

  it('is known to run what its target says', () =>
    fc.assert(
      fc.property(target, one => {
        expect(runs(one, theirs(one, way))).toBe(true)
      }),
    ))

  it('keeps every field of its pods when it is taken over', () =>
    fc.assert(
      fc.property(target, one => {
        const primary = theirs(one, way)
        expect(templateIn(primaryOf(one, { canary, digests, live: primary }))).toEqual(templateIn(primary))
      }),
    ))

  it('does not run what its target says by now', () => {
    const [before] = fc.sample(target, { numRuns: 1, seed: 7 })
    if (!before) throw new Error('no sample')
    const after = named({ pod, container: { image: 'podinfo:2' } })
    expect(runs(after, theirs(before, way))).toBe(false)
  })
})

describe('what a primary was made from', () => {
  it('is the template of its target, with every rewrite undone', () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [selecting(['web', 'other'])] } }
    const before = named({ labels: { tier: 'a' }, annotations: { note: 'x' }, pod: { ...pod, affinity } })
    const found = origin(named({ container: { image: 'podinfo:2' } }), theirs(before, 1))
    expect(found?.templateHash).toBe(contentHash(templateIn(before)))
  })

  it('refers to the sources of its copies', () => {
    const target = named({ pod })
    expect(origin(target, theirs(target, 0))?.configs.map(({ key }) => key)).toEqual(['configmap/conf'])
  })

  it('refers to what a user called -primary as it is', () => {
    const target = named({ pod })
    expect(JSON.stringify(origin(target, theirs(target, 0))?.template)).toContain('"shared-primary"')
  })
})
