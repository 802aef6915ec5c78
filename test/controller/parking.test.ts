import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deploymentKind } from '../../src/api/kinds.ts'
import { fieldManager } from '../../src/api/marks.ts'
import { type KubeObject, keyOf } from '../../src/api/object.ts'
import { isPassingOwner } from '../../src/api/ownership.ts'
import { systemClock } from '../../src/clock.ts'
import { createConfigCopier } from '../../src/controller/config-copier.ts'
import { type Converger, createConverger } from '../../src/controller/converge.ts'
import { declarerOf } from '../../src/controller/declarer.ts'
import { silentLogger } from '../../src/io.ts'
import { type Connection, connect } from '../../src/kube/connect.ts'
import { wholeObject } from '../../src/kube/projections.ts'
import { startApiServer } from '../../src/sandbox/apiserver/server.ts'
import { deployment } from '../../src/targets/deployment.ts'
import { aTarget, type DeploymentChanges, inspected } from '../targets/world.ts'

/*
 * Parking as the controller does it, on an API server that keeps count of who owns which field.
 */

let server: Awaited<ReturnType<typeof startApiServer>>
let serin: Connection
let converger: Converger
const stop = new AbortController()
const io = { clock: systemClock(), log: silentLogger, signal: stop.signal, stopping: stop.signal }

beforeAll(async () => {
  server = await startApiServer({ clock: systemClock() })
  const own = { wrote() {}, deleted() {}, newest: () => undefined, heard: () => false }
  serin = connect({ server: server.url, token: server.adminToken, clock: systemClock() })
  const configs = createConfigCopier(serin.api, own, { selectorLabels: ['app'], includeLabelPrefix: [] })
  converger = createConverger({ api: serin.api, own, configs })
  await serin.api.create({ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false }, namespace, io)
})
afterAll(async () => {
  await serin.close()
  await server.stop()
})

const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } }
const target = (changes: DeploymentChanges = {}) => aTarget(changes)
const key = keyOf(target())

let conflicts: string[]
beforeEach(() => {
  conflicts = []
})
afterEach(() => serin.api.delete(deploymentKind, key, {}, io))

/** Server-side apply as GitOps tools do it by default: it stops at fields of others. */
const applyAs = async (manager: string, manifest: KubeObject): Promise<KubeObject> => {
  const path = `/apis/apps/v1/namespaces/test/deployments/${key.name}?fieldManager=${manager}`
  const answer = await fetch(`${server.url}${path}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(manifest),
  })
  if (!answer.ok) conflicts.push(await answer.text())
  return stored()
}

const stored = async (): Promise<KubeObject> => {
  const found = await serin.api.get(deploymentKind, key, io)
  if (!found) throw new Error('the target is gone')
  return found
}

const withReplicas = (replicas: number | undefined): KubeObject => {
  const { replicas: _, ...spec } = target()['spec'] as Readonly<Record<string, unknown>>
  return { ...target(), metadata: { name: key.name, namespace: 'test' }, spec: { ...spec, ...(replicas !== undefined && { replicas }) } }
}

const replicasOf = (object: KubeObject): unknown => (object['spec'] as { readonly replicas?: number }).replicas

const park = async (object: KubeObject): Promise<KubeObject> => {
  const patch = deployment.park(inspected(object))
  if (!patch) return object
  await converger.converge([{ verb: 'patch', name: 'park', ...patch, done: false }], io)
  return stored()
}

describe('parking', () => {
  it('leaves the target without an owner of its size', async () => {
    const parked = await park(await applyAs('flux', withReplicas(3)))
    expect([replicasOf(parked), declarerOf(parked)]).toEqual([0, undefined])
    expect(parked.metadata.managedFields?.map(({ manager }) => manager)).not.toContain(fieldManager)
  })

  it('persists where Git omits the size', async () => {
    await park(await applyAs('flux', withReplicas(undefined)))
    const after = await applyAs('flux', withReplicas(undefined))
    expect([replicasOf(after), conflicts]).toEqual([0, []])
  })

  it('is no conflict for Git that declares the size', async () => {
    for (const replicas of [3, 3, 5]) {
      const applied = await applyAs('flux', withReplicas(replicas))
      expect([replicasOf(applied), declarerOf(applied)]).toEqual([replicas, 'flux'])
      await park(applied)
    }
    expect(conflicts).toEqual([])
  })

  it('persists once Git stops to declare the size', async () => {
    await park(await applyAs('flux', withReplicas(3)))
    const after = await applyAs('flux', withReplicas(undefined))
    expect([replicasOf(after), declarerOf(after), conflicts]).toEqual([0, undefined, []])
  })

  it('is no conflict for a second tool that declares the size', async () => {
    await park(await applyAs('flux', withReplicas(3)))
    const after = await applyAs('argocd-controller', withReplicas(4))
    expect([conflicts, declarerOf(after)]).toEqual([[], 'argocd-controller'])
  })
})

/** As a rollout sizes a target that has a scaler. */
const scale = async (object: KubeObject, replicas: number) => {
  const step = { verb: 'scale', name: 'scale up', kind: deploymentKind, object, replicas, done: false } as const
  return { ...(await converger.converge([step], io)), object: await stored() }
}

describe('sizing through the scale subresource', () => {
  it('leaves the target without an owner of its size', async () => {
    const { object, held } = await scale(await applyAs('flux', withReplicas(undefined)), 4)
    expect([replicasOf(object), declarerOf(object), held]).toEqual([4, undefined, undefined])
    expect(object.metadata.managedFields?.map(({ manager }) => manager)).not.toContain(fieldManager)
  })

  it('is no conflict for Git that declares the size', async () => {
    await scale(await applyAs('flux', withReplicas(3)), 4)
    const applied = await applyAs('flux', withReplicas(3))
    expect([replicasOf(applied), declarerOf(applied), conflicts]).toEqual([3, 'flux', []])
  })

  it('takes a target from no pods', async () => {
    const parked = await park(await applyAs('flux', withReplicas(undefined)))
    expect(replicasOf((await scale(parked, 2)).object)).toBe(2)
  })

  it('changes nothing when somebody was faster', async () => {
    const before = await applyAs('flux', withReplicas(undefined))
    await applyAs('flux', withReplicas(7))
    const { object, held } = await scale(before, 2)
    expect([replicasOf(object), held?.reason]).toEqual([7, 'DeferredWrite'])
  })

  it('that was cut short leaves an owner that is known for one of ours', async () => {
    const { metadata } = await applyAs('flux', withReplicas(undefined))
    const body = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { replicas: 4 } }
    await serin.api.patch(deploymentKind, key, { type: 'merge', subresource: 'scale', body }, io)
    const kept = wholeObject(await stored())
    expect(kept?.metadata.managedFields?.filter(isPassingOwner)).toMatchObject([{ manager: fieldManager, subresource: 'scale' }])
  })
})
