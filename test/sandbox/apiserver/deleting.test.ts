import { describe, expect, it } from 'vitest'
import {
  aCluster,
  aConfigMap,
  aDeployment,
  aPod,
  at,
  configMaps,
  deployments,
  namespaces,
  ownedBy,
  pods,
  refusal,
  replicaSets,
} from './a-cluster.ts'

const exists = (read: () => unknown): boolean => {
  try {
    read()
    return true
  } catch {
    return false
  }
}

describe('deleting', () => {
  it('takes the object away', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    expect(api.delete(configMaps, at('a')).gone).toBe(true)
    expect(refusal(() => api.get(configMaps, at('a')))).toMatchObject({ code: 404, message: 'configmaps "a" not found' })
  })

  it.each([
    ['uid', { uid: 'other' }],
    ['resourceVersion', { resourceVersion: '1' }],
  ])('refuses another %s than the stored one', (_what, precondition) => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    expect(refusal(() => api.delete(configMaps, at('a'), precondition))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: expect.stringContaining('Operation cannot be fulfilled on ConfigMap "a": the '),
    })
  })

  it('leaves everything in a dry run', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    api.delete(configMaps, at('a'), { dryRun: true })
    expect(exists(() => api.get(configMaps, at('a')))).toBe(true)
  })

  it('waits for finalizers', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', {}, { finalizers: ['example.com/hold'] }))
    expect(api.delete(configMaps, at('a'))).toMatchObject({
      gone: false,
      object: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
    })
  })

  it('ends when the last finalizer goes', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', {}, { finalizers: ['example.com/hold'] }))
    api.delete(configMaps, at('a'))
    api.patch(configMaps, at('a'), { type: 'merge', body: { metadata: { finalizers: null } } })
    expect(exists(() => api.get(configMaps, at('a')))).toBe(false)
  })

  it('takes no new finalizers once it has begun', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', {}, { finalizers: ['example.com/hold'] }))
    api.delete(configMaps, at('a'))
    const body = { metadata: { finalizers: ['example.com/hold', 'example.com/late'] } }
    expect(refusal(() => api.patch(configMaps, at('a'), { type: 'merge', body }))).toMatchObject({
      code: 422,
      details: { causes: Array(2).fill({ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }) },
    })
  })

  it('asked twice writes once', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', {}, { finalizers: ['example.com/hold'] }))
    const first = api.delete(configMaps, at('a')).object.metadata.resourceVersion
    expect(api.delete(configMaps, at('a')).object.metadata.resourceVersion).toBe(first)
  })
})

describe('deleting a pod', () => {
  it('that no node has is done at once', () => {
    const { api } = aCluster()
    api.create(pods, aPod('p'))
    expect(api.delete(pods, at('p')).gone).toBe(true)
  })

  it('on a node gives it its grace period', () => {
    const { api } = aCluster()
    api.create(pods, aPod('p', { nodeName: 'n', terminationGracePeriodSeconds: 20 }))
    expect(api.delete(pods, at('p')).object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:20Z',
      deletionGracePeriodSeconds: 20,
    })
  })

  it('is finished by its node with a grace period of 0', () => {
    const { api } = aCluster()
    api.create(pods, aPod('p', { nodeName: 'n' }))
    api.delete(pods, at('p'))
    expect(api.delete(pods, at('p'), { gracePeriodSeconds: 0 }).gone).toBe(true)
  })
})

describe('owners', () => {
  const family = () => {
    const cluster = aCluster()
    const { api } = cluster
    const owner = api.create(deployments, aDeployment())
    const { apiVersion, spec } = aDeployment()
    const child = api.create(replicaSets, {
      apiVersion,
      kind: 'ReplicaSet',
      metadata: { name: 'child', namespace: 'default', ...ownedBy(owner, true) },
      spec: { selector: (spec as { selector: unknown }).selector, template: (spec as { template: unknown }).template },
    })
    api.create(pods, aPod('grandchild', {}, ownedBy(child, true)))
    const left = () => [
      exists(() => api.get(deployments, at('web'))),
      exists(() => api.get(replicaSets, at('child'))),
      exists(() => api.get(pods, at('grandchild'))),
    ]
    return { ...cluster, left }
  }

  it('in the background go first, all that is theirs follows', async () => {
    const { api, clock, left } = family()
    api.delete(deployments, at('web'), { propagationPolicy: 'Background' })
    expect(left()).toEqual([false, true, true])
    await clock.advance(1)
    expect(left()).toEqual([false, false, false])
  })

  it('in the foreground go last', async () => {
    const { api, clock, left } = family()
    api.patch(pods, at('grandchild'), { type: 'merge', body: { metadata: { finalizers: ['example.com/hold'] } } })
    api.delete(deployments, at('web'), { propagationPolicy: 'Foreground' })
    await clock.advance(1)
    expect(left()).toEqual([true, true, true])
    api.patch(pods, at('grandchild'), { type: 'merge', body: { metadata: { finalizers: null } } })
    await clock.advance(1)
    expect(left()).toEqual([false, false, false])
  })

  it('that orphan let their dependents live', async () => {
    const { api, clock, left } = family()
    api.delete(deployments, at('web'), { propagationPolicy: 'Orphan' })
    await clock.advance(1)
    expect(left()).toEqual([false, true, true])
    expect(api.get(replicaSets, at('child')).metadata.ownerReferences).toBeUndefined()
  })

  it('that orphan a revision stay where nobody may write that anew', async () => {
    const { api, clock } = aCluster()
    const revisions = { apiVersion: 'apps/v1', plural: 'controllerrevisions' }
    const owner = api.create(configMaps, aConfigMap('owner'))
    const revision = { apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1, data: { b: 1, a: 2 } }
    api.create(revisions, { ...revision, metadata: { name: 'r', namespace: 'default', ...ownedBy(owner) } })
    api.delete(configMaps, at('owner'), { propagationPolicy: 'Orphan' })
    await clock.advance(1)
    expect(api.get(configMaps, at('owner')).metadata.finalizers).toEqual(['orphan'])
  })

  it('that never existed take their dependents with them', async () => {
    const { api, clock } = aCluster()
    const ghost = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ghost', uid: 'never' } }
    api.create(configMaps, aConfigMap('a', {}, ownedBy(ghost)))
    await clock.advance(1)
    expect(exists(() => api.get(configMaps, at('a')))).toBe(false)
  })

  it('of two, one is enough to live', async () => {
    const { api, clock } = aCluster()
    const [one, two] = ['one', 'two'].map(name => api.create(configMaps, aConfigMap(name)))
    if (!one || !two) throw new Error('no owners')
    const references = [ownedBy(one), ownedBy(two)].flatMap(({ ownerReferences }) => ownerReferences as object[])
    api.create(configMaps, aConfigMap('child', {}, { ownerReferences: references }))
    api.delete(configMaps, at('one'))
    await clock.advance(1)
    expect(exists(() => api.get(configMaps, at('child')))).toBe(true)
  })
})

describe('a namespace', () => {
  const withTeam = () => {
    const cluster = aCluster()
    cluster.api.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } })
    cluster.api.create(configMaps, aConfigMap('a', {}, { namespace: 'team', finalizers: ['example.com/hold'] }))
    return cluster
  }

  it('goes when its contents are gone', async () => {
    const { api, clock } = withTeam()
    api.delete(namespaces, at('team', ''))
    await clock.advance(1)
    expect(api.get(namespaces, at('team', ''))['status']).toEqual({ phase: 'Terminating' })
    api.patch(configMaps, at('a', 'team'), { type: 'merge', body: { metadata: { finalizers: null } } })
    await clock.advance(1)
    expect(exists(() => api.get(namespaces, at('team', '')))).toBe(false)
  })

  it('takes nothing new while it goes', () => {
    const { api } = withTeam()
    api.delete(namespaces, at('team', ''))
    expect(refusal(() => api.create(configMaps, aConfigMap('b', {}, { namespace: 'team' })))).toMatchObject({
      code: 403,
      reason: 'Forbidden',
    })
  })
})

it('after a stop no timer is left', () => {
  const { api, clock } = aCluster()
  const owner = api.create(configMaps, aConfigMap('a'))
  api.create(configMaps, aConfigMap('b', {}, ownedBy(owner)))
  api.stop()
  expect(clock.pending).toBe(0)
})
