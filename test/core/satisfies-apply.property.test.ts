import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { fieldManager } from '../../src/api/marks.ts'
import { type KubeObject, keyOf, type Manifest } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const words = fc.constantFrom('a', 'b', 'c')
const labels = fc.dictionary(words, words)
const distinct = <T>(item: fc.Arbitrary<T>, selector: (item: T) => unknown) => fc.uniqueArray(item, { selector, maxLength: 3 })

const env = distinct(fc.record({ name: words, value: words }), ({ name }) => name)
const port = fc.record({ containerPort: fc.constantFrom(80, 81), protocol: some(fc.constantFrom('TCP', 'UDP')) })
const ports = distinct(port, ({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`)
const quantity = fc.constantFrom('0.5', '500m', '1', '1000m', '1k')
const container = fc.record({
  name: words,
  image: words,
  args: some(fc.array(words, { maxLength: 2 })),
  env: some(env),
  ports: some(ports),
  // Servers differ in whether they own an empty map, and then only the record of owners changes.
  resources: some(fc.record({ limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), quantity, { minKeys: 1 }) })),
})
const containers = fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1, maxLength: 2 })
const tolerations = some(
  fc.array(fc.record({ key: words, operator: fc.constant('Exists'), effect: some(fc.constant('NoSchedule')) }), { maxLength: 2 }),
)

/** Manifests of one Deployment in many forms. */
const aManifest: fc.Arbitrary<Manifest> = fc
  .record({ annotations: some(labels), replicas: some(fc.nat(3)), podLabels: labels, containers, tolerations })
  .map(({ annotations, replicas, podLabels, ...pod }) =>
    JSON.parse(
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'app', namespace: 'default', annotations },
        spec: {
          replicas,
          selector: { matchLabels: { app: 'app' } },
          template: { metadata: { labels: { ...podLabels, app: 'app' } }, spec: pod },
        },
      }),
    ),
  )

const cluster = () => {
  const api = createClusterApi({ clock: new VirtualClock(), random: Math.random })
  const patch = (manifest: Manifest, manager: string): KubeObject =>
    api.patch(deploymentKind, keyOf(manifest), { type: 'apply', body: manifest, manager, force: true })
  return { apply: (manifest: Manifest) => patch(manifest, fieldManager), applyAsOther: (manifest: Manifest) => patch(manifest, 'other') }
}

describe('satisfying a manifest', () => {
  it('is what applying it comes to', () =>
    fc.assert(
      fc.property(aManifest, aManifest, (before, manifest) => {
        const { apply } = cluster()
        apply(before)
        return satisfies(apply(manifest), manifest)
      }),
      { numRuns: 60 },
    ))

  it('means that applying it changes nothing', () =>
    fc.assert(
      fc.property(aManifest, aManifest, fc.boolean(), (before, others, again) => {
        const { apply, applyAsOther } = cluster()
        apply(before)
        const live = applyAsOther(others)
        const manifest = again ? before : others
        if (satisfies(live, manifest)) expect(apply(manifest)).toEqual(live)
      }),
      { numRuns: 60 },
    ))

  it('holds again for the same manifest after others applied what does not contradict it', () =>
    fc.assert(
      fc.property(aManifest, labels, (manifest, annotations) => {
        const { apply, applyAsOther } = cluster()
        apply(manifest)
        const own = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`other/${key}`, value]))
        const { metadata, ...rest } = manifest
        const live = applyAsOther({ ...rest, metadata: { ...metadata, annotations: own } })
        return satisfies(live, manifest)
      }),
      { numRuns: 60 },
    ))
})
