import { describe, expect, it } from 'vitest'
import { configMapKind, controllerRevisionKind, deploymentKind, horizontalPodAutoscalerKind } from '../../src/api/kinds.ts'
import { fieldManager } from '../../src/api/marks.ts'
import { type KindRef, type KubeObject, keyOf, type Manifest } from '../../src/api/object.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { type ClusterApi, createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { configTwin, digestOf } from '../../src/targets/config-tracking.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { horizontalPodAutoscaler } from '../../src/targets/hpa.ts'
import { pinManifest, readPin } from '../../src/targets/pins.ts'
import { aCanary } from '../support/builders.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { aTarget, type DeploymentChanges, flags, inspected, primaryOf, specIn, templateIn } from './world.ts'

/** An API server with the target in it, as kubectl put it there. */
const cluster = (changes: DeploymentChanges = {}) => {
  const api = createClusterApi({ clock: new VirtualClock(), random: Math.random })
  api.create({ apiVersion: 'v1', plural: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } })
  const target = api.create(deploymentKind, aTarget(changes) as never, { manager: 'kubectl-create' })
  return { api, target }
}

const apply = (api: ClusterApi, kind: KindRef, manifest: Manifest): KubeObject =>
  api.patch(kind, keyOf(manifest), { type: 'apply', body: manifest, manager: fieldManager, force: true })

const atVersion = (manifest: Manifest, { metadata: { resourceVersion } }: KubeObject): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, ...(resourceVersion !== undefined && { resourceVersion }) },
})

/** What a scaler does: it writes the number through the scale subresource. */
const scale = (api: ClusterApi, object: KubeObject, replicas: number): KubeObject => {
  api.patch(deploymentKind, keyOf(object), {
    type: 'merge',
    body: { spec: { replicas } },
    subresource: 'scale',
    manager: 'kube-controller-manager',
  })
  return api.get(deploymentKind, keyOf(object))
}

const replicasIn = (object: KubeObject): unknown => specIn(object)['replicas']

describe('the replicas of a primary that a scaler sizes', () => {
  const primary = (target: KubeObject, live?: KubeObject) => primaryOf(target, { live, replicas: undefined })

  it('begin with those of the target', () => {
    const { api, target } = cluster()
    expect(replicasIn(apply(api, deploymentKind, primary(target)))).toBe(2)
  })

  it('stay while the scaler has not acted yet', () => {
    const { api, target } = cluster()
    const first = apply(api, deploymentKind, primary(target))
    expect(apply(api, deploymentKind, primary(target, first))).toEqual(first)
  })

  it('are not touched once the scaler wrote them', () => {
    const { api, target } = cluster()
    const scaled = scale(api, apply(api, deploymentKind, primary(target)), 5)
    const after = apply(api, deploymentKind, primary(target, scaled))
    expect([replicasIn(primary(target, scaled)), replicasIn(after)]).toEqual([undefined, 5])
  })

  it('are not touched by a promotion either', () => {
    const { api, target } = cluster()
    const scaled = scale(api, apply(api, deploymentKind, primary(target)), 5)
    const next = aTarget({ container: { image: 'podinfo:2' } })
    expect(replicasIn(apply(api, deploymentKind, primary(next, scaled)))).toBe(5)
  })

  it('are not set back when the scaler writes between our look and our write', () => {
    const { api, target } = cluster()
    const seen = apply(api, deploymentKind, primary(target))
    scale(api, seen, 5)
    expect(() => apply(api, deploymentKind, atVersion(primary(target, seen), seen))).toThrow(/modified|conflict/i)
  })

  it('are ours again when the scaler is taken away', () => {
    const { api, target } = cluster()
    const scaled = scale(api, apply(api, deploymentKind, primary(target)), 5)
    expect(replicasIn(apply(api, deploymentKind, primaryOf(target, { live: scaled, replicas: 3 })))).toBe(3)
  })

  it('need no write of ours when the scaler changes them', () => {
    const { api, target } = cluster()
    apply(api, deploymentKind, primary(target))
    const handed = apply(api, deploymentKind, primary(target, scale(api, primary(target), 5)))
    const scaled = scale(api, handed, 7)
    expect(satisfies(scaled, primary(target, scaled))).toBe(true)
  })
})

const revisions: readonly (readonly [string, DeploymentChanges])[] = [
  ['as it is', {}],
  [
    'with ports that leave out their protocol',
    {
      container: {
        ports: [
          { containerPort: 9898, name: 'http' },
          { containerPort: 53, protocol: 'UDP' },
        ],
      },
    },
  ],
  ['with quantities in many spellings', { container: { resources: { limits: { cpu: 0.5, memory: '1Gi' }, requests: { cpu: '1e-1' } } } }],
  ['with empty fields', { container: { env: [], securityContext: {} }, pod: { affinity: {}, nodeSelector: {} } }],
  [
    'with volumes',
    {
      pod: {
        volumes: [
          { name: 'a', emptyDir: {} },
          { name: 'b', configMap: { name: 'settings' } },
        ],
      },
    },
  ],
  [
    'with a spread',
    {
      pod: {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'podinfo' } } },
        ],
      },
    },
  ],
  ['with Recreate', { spec: { strategy: { type: 'Recreate' } } }],
]

describe('a primary that was applied', () => {
  it.each(revisions)('needs no further write: target %s', (_what, changes) => {
    const { api, target } = cluster(changes)
    const live = apply(api, deploymentKind, primaryOf(target))
    expect(satisfies(live, primaryOf(target, { live }))).toBe(true)
  })

  it.each(revisions)('keeps its version when it is applied again: target %s', (_what, changes) => {
    const { api, target } = cluster(changes)
    const live = apply(api, deploymentKind, primaryOf(target))
    expect(apply(api, deploymentKind, primaryOf(target, { live }))).toEqual(live)
  })

  it.each(revisions)('is the identity of its target whatever the server adds: target %s', (_what, changes) => {
    const { target } = cluster(changes)
    expect(inspected(JSON.parse(JSON.stringify(target))).templateHash).toBe(inspected(target).templateHash)
  })

  const withVariables = (...names: readonly string[]): DeploymentChanges => ({
    container: { env: names.map(name => ({ name, value: 'x' })) },
  })

  it('needs a write when the next revision has a variable less', () => {
    const { api, target } = cluster(withVariables('A', 'B'))
    const live = apply(api, deploymentKind, primaryOf(target))
    // The revision marks say so as well; without them it is ownership that tells.
    const next = primaryOf(aTarget(withVariables('A')), { live })
    expect(satisfies(live, { ...next, metadata: primaryOf(target).metadata })).toBe(false)
  })

  it('loses a variable that the next revision does not have', () => {
    const { api, target } = cluster(withVariables('A', 'B'))
    const live = apply(api, deploymentKind, primaryOf(target))
    const after = apply(api, deploymentKind, primaryOf(aTarget(withVariables('A')), { live }))
    expect(templateIn(after).spec.containers[0]?.env).toEqual([{ name: 'A', value: 'x' }])
  })

  it('takes back what somebody changed by hand', () => {
    const { api, target } = cluster()
    const live = apply(api, deploymentKind, primaryOf(target))
    const edited = api.patch(deploymentKind, keyOf(live), {
      type: 'strategic',
      body: { spec: { template: { spec: { containers: [{ name: 'podinfod', image: 'x' }] } } } },
      manager: 'kubectl-edit',
    })
    const repaired = apply(api, deploymentKind, primaryOf(target, { live: edited }))
    expect([satisfies(edited, primaryOf(target, { live: edited })), templateIn(repaired).spec.containers]).toEqual([
      false,
      templateIn(live).spec.containers,
    ])
  })
})

describe('a twin that was applied', () => {
  const source = (data: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'test' },
    data,
  })
  const twin = (from: KubeObject, live?: KubeObject, canary = aCanary()): Manifest => {
    const made = configTwin({ canary, source: from, digest: digestOf(from), live, options: flags })
    if ('refused' in made) throw new Error(made.refused.message)
    return made.manifest
  }

  it('loses a key that the source lost', () => {
    const { api } = cluster()
    const live = apply(api, configMapKind, twin(source({ a: '1', b: '2' })))
    expect(apply(api, configMapKind, twin(source({ a: '1' }), live))['data']).toEqual({ a: '1' })
  })

  it('has the digest of its source', () => {
    const { api } = cluster()
    expect(digestOf(apply(api, configMapKind, twin(source({ a: '1' }))))).toBe(digestOf(source({ a: '1' })))
  })

  it('keeps both owners whichever of two Canaries writes', () => {
    const { api } = cluster()
    const other = aCanary({ metadata: { name: 'other', uid: 'other-uid' } })
    const first = apply(api, configMapKind, twin(source({ a: '1' })))
    const shared = apply(api, configMapKind, twin(source({ a: '1' }), first, other))
    const again = apply(api, configMapKind, twin(source({ a: '1' }), shared))
    expect(again.metadata.ownerReferences?.map(({ name, controller }) => [name, controller]).sort()).toEqual([
      ['other', false],
      ['podinfo', true],
    ])
  })
})

it('a scaler that was applied needs no further write', () => {
  const { api } = cluster()
  const canary = aCanary({ spec: { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } } })
  const source = api.create(horizontalPodAutoscalerKind, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'podinfo', namespace: 'test' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'podinfo' },
      maxReplicas: 4,
      metrics: [{ type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '1000m' } } }],
    },
  })
  const manifest = horizontalPodAutoscaler.primary(canary, source, flags)
  expect(satisfies(apply(api, horizontalPodAutoscalerKind, manifest), manifest)).toBe(true)
})

it('a pin comes back from the server as it was', () => {
  const { api, target } = cluster({ container: { resources: { limits: { cpu: '0.5' } } } })
  const pinned = deployment.pin(inspected(target), { 'secret/a': 'x' })
  const manifest = pinManifest({ canary: aCanary(), pinned, pin: { name: 'podinfo-x', hash: 'x' } })
  expect(readPin(api.create(controllerRevisionKind, manifest as never))).toEqual(pinned)
})
