import { describe, expect, it } from 'vitest'
import { daemonSetKind, serviceKind } from '../../src/api/kinds.ts'
import { fieldManager } from '../../src/api/marks.ts'
import { type KindRef, type KubeObject, keyOf, type Manifest } from '../../src/api/object.ts'
import { isPassingOwner } from '../../src/api/ownership.ts'
import { satisfies } from '../../src/core/satisfies.ts'
import { type ClusterApi, createClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'
import { coreService } from '../../src/targets/core-service.ts'
import { daemonSet } from '../../src/targets/daemon-set.ts'
import type { FieldPatch, Target, WorkloadWithPrimary } from '../../src/targets/workload.ts'
import { aCanary } from '../support/builders.ts'
import { coreService as aService } from '../support/team.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { aTarget, flags, liveOf, specIn, templateIn } from './world.ts'

/*
 * What a real API server would make of our writes to DaemonSets and Services: defaults, merge keys, and who owns which field.
 */

type Fields = Readonly<Record<string, unknown>>

const cluster = (): ClusterApi => {
  const api = createClusterApi({ clock: new VirtualClock(), random: Math.random })
  api.create({ apiVersion: 'v1', plural: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } })
  return api
}

const applyAs = (manager: string, force: boolean) => (api: ClusterApi, kind: KindRef, body: Manifest) =>
  api.patch(kind, keyOf(body), { type: 'apply', body, manager, force })
const apply = applyAs(fieldManager, true)
/** As `kubectl apply --server-side`, which refuses to take fields from others. */
const git = applyAs('kubectl', false)

/** A field patch of ours, as the controller carries it out: what was changed is given back at once. */
const patch = (api: ClusterApi, { kind, object, body }: FieldPatch): KubeObject => {
  const after = api.patch(kind, keyOf(object), { type: 'merge', body: body as never, manager: fieldManager })
  const index = after.metadata.managedFields?.findIndex(isPassingOwner) ?? -1
  expect(index).toBeGreaterThanOrEqual(0)
  return api.patch(kind, keyOf(object), { type: 'json', body: [{ op: 'remove', path: `/metadata/managedFields/${index}` }] as never })
}

const canaryOf = (apiVersion: string, kind: string) => aCanary({ spec: { targetRef: { apiVersion, kind, name: 'podinfo' } } })

const looking = (workload: WorkloadWithPrimary, canary: ReturnType<typeof aCanary>) => {
  const inspected = (object: KubeObject): Target => {
    const found = workload.inspect(canary, liveOf(object), flags)
    if ('unusable' in found) throw new Error(found.unusable.message)
    return found.target
  }
  const primaryOf = (object: KubeObject, live?: KubeObject): Manifest => {
    const target = inspected(object)
    return workload.primary({ canary, target, pin: workload.pin(target, {}), live, replicas: undefined, options: flags })
  }
  return { inspected, primaryOf }
}

describe('a DaemonSet on an API server', () => {
  const { inspected, primaryOf } = looking(daemonSet, canaryOf('apps/v1', 'DaemonSet'))

  const declared = (pod: Fields = {}): Manifest => {
    const { replicas: _, ...spec } = specIn(aTarget({ pod }))
    return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'podinfo', namespace: 'test' }, spec }
  }

  const parked = (pod?: Fields) => {
    const api = cluster()
    const target = git(api, daemonSetKind, declared(pod))
    const step = daemonSet.park(inspected(target))
    if (!step) throw new Error('it is parked already')
    return { api, target, object: patch(api, step) }
  }

  it('has a primary that needs no second write', () => {
    const api = cluster()
    const target = git(api, daemonSetKind, declared({ nodeSelector: { disk: 'ssd' } }))
    const primary = apply(api, daemonSetKind, primaryOf(target))
    expect(satisfies(primary, primaryOf(target, primary))).toBe(true)
  })

  it('is the same revision when it is parked', () => {
    const { target, object } = parked({ nodeSelector: { disk: 'ssd' } })
    expect(inspected(object).templateHash).toBe(inspected(target).templateHash)
  })

  it('stays parked when its author applies it again, without a conflict', () => {
    const { api } = parked()
    expect(inspected(git(api, daemonSetKind, declared())).replicas).toBe(0)
  })

  it('takes a new image from its author while it is parked', () => {
    const { api } = parked()
    const { replicas: _, ...spec } = specIn(aTarget({ container: { image: 'podinfo:2' } }))
    const after = git(api, daemonSetKind, { ...declared(), spec })
    expect([templateIn(after).spec.containers[0], inspected(after).replicas]).toMatchObject([{ image: 'podinfo:2' }, 0])
  })

  it('meets no conflict where its author declares a node selector', () => {
    const { api } = parked({ nodeSelector: { disk: 'ssd' } })
    expect(() => git(api, daemonSetKind, declared({ nodeSelector: { disk: 'hdd' } }))).not.toThrow()
  })

  it('gets back exactly the node selector that it had', () => {
    const { api, object } = parked({ nodeSelector: { disk: 'ssd' } })
    const step = daemonSet.unpark(inspected(object), 1)
    expect(step && (templateIn(patch(api, step)).spec as unknown as Fields)['nodeSelector']).toEqual({ disk: 'ssd' })
  })
})

describe('the Services of a core Service on an API server', () => {
  const { inspected, primaryOf } = looking(coreService, canaryOf('v1', 'Service'))

  const { clusterIP: _, clusterIPs: __, ...plain } = specIn(aService('v1'))
  const made = (spec: Fields = {}) => {
    const api = cluster()
    const object = api.create(serviceKind, { ...aService('v1'), spec: { ...plain, ...spec } } as never, { manager: 'kubectl' })
    return { api, object }
  }

  it.each([{}, { type: 'NodePort' }, { clusterIP: 'None' }, { type: 'ExternalName', externalName: 'v1.example' }])(
    'need no second write where the target has %j',
    spec => {
      const { api, object } = made(spec)
      const primary = apply(api, serviceKind, primaryOf(object))
      expect(satisfies(primary, primaryOf(object, primary))).toBe(true)
    },
  )

  it('have addresses of their own', () => {
    const { api, object } = made()
    const primary = apply(api, serviceKind, primaryOf(object))
    expect([specIn(primary)['clusterIP'], specIn(primary)['clusterIP'] === specIn(object)['clusterIP']]).toEqual([
      expect.any(String),
      false,
    ])
  })

  it('take over other ports with a promotion', () => {
    const { api, object } = made()
    const primary = apply(api, serviceKind, primaryOf(object))
    const ports = [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }]
    const next = { ...object, spec: { ...specIn(object), ports } }
    expect(specIn(apply(api, serviceKind, primaryOf(next, primary)))['ports']).toEqual(ports)
  })

  it('make the same revision of the Service that the server stored', () => {
    const { api, object } = made()
    expect(inspected(api.get(serviceKind, keyOf(object))).templateHash).toBe(inspected(object).templateHash)
  })
})
