import { describe, expect, it } from 'vitest'
import { aCluster, aConfigMap, aDeployment, applierOf, at, configMaps, deployments, refusal } from './a-cluster.ts'

describe('creating', () => {
  it('gives the object its identity', () => {
    const { api } = aCluster()
    expect(api.create(deployments, aDeployment()).metadata).toMatchObject({
      uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
    })
  })

  it('makes up a name from generateName', () => {
    const { api } = aCluster()
    const object = api.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', generateName: 'job-' } })
    expect(object.metadata.name).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  })

  it('is repeatable with the same clock and the same chance', () => {
    const uidOf = () => aCluster().api.create(configMaps, aConfigMap('a')).metadata.uid
    expect(uidOf()).toBe(uidOf())
  })

  it('refuses a name that is taken', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    expect(refusal(() => api.create(deployments, aDeployment()))).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'deployments.apps "web" already exists',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
    })
  })

  it('refuses a namespace that does not exist', () => {
    const { api } = aCluster()
    expect(refusal(() => api.create(configMaps, aConfigMap('a', {}, { namespace: 'nowhere' })))).toMatchObject({
      code: 404,
      message: 'namespaces "nowhere" not found',
    })
  })

  it('ignores the status of a kind that writes it elsewhere', () => {
    const { api } = aCluster()
    expect(api.create(deployments, { ...aDeployment(), status: { replicas: 9 } })['status']).toEqual({})
  })

  it('leaves nothing behind in a dry run', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'), { dryRun: true })
    expect(refusal(() => api.get(configMaps, at('a'))).code).toBe(404)
  })

  it.each([
    ['Big', 'metadata.name'],
    ['a_b', 'metadata.name'],
    ['', 'metadata.name'],
  ])('refuses the name %j', (name, field) => {
    const { api } = aCluster()
    expect(refusal(() => api.create(configMaps, aConfigMap(name)))).toMatchObject({ code: 422, details: { causes: [{ field }] } })
  })
})

describe('updating', () => {
  it('refuses another version than the stored one', () => {
    const { api } = aCluster()
    const old = api.create(configMaps, aConfigMap('a'))
    api.patch(configMaps, at('a'), { type: 'merge', body: { data: { x: '1' } } })
    expect(refusal(() => api.update(configMaps, { ...old, data: { x: '2' } }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    })
  })

  it('refuses another uid than the stored one', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    const status = refusal(() => api.update(configMaps, aConfigMap('a', {}, { uid: 'other' })))
    expect(status).toMatchObject({ code: 409, message: expect.stringContaining('Precondition failed: UID in precondition: other') })
  })

  it('without a version overwrites a ConfigMap', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1' }))
    expect(api.update(configMaps, aConfigMap('a', { x: '2' }))['data']).toEqual({ x: '2' })
  })

  it('without a version is refused for a Lease', () => {
    const { api } = aCluster()
    const leases = { apiVersion: 'coordination.k8s.io/v1', plural: 'leases' }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l', namespace: 'default' }, spec: {} }
    api.create(leases, lease)
    expect(refusal(() => api.update(leases, lease))).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'metadata.resourceVersion' }] },
    })
  })

  it('keeps what only the server decides', () => {
    const { api } = aCluster()
    const object = api.create(deployments, aDeployment())
    const changed = api.update(deployments, {
      ...object,
      metadata: { ...object.metadata, creationTimestamp: '1999-01-01T00:00:00Z', generation: 77 },
    })
    expect(changed.metadata).toMatchObject({ creationTimestamp: object.metadata.creationTimestamp, generation: 1 })
  })

  it('counts a generation when the spec changes', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    expect(api.patch(deployments, at('web'), { type: 'merge', body: { spec: { replicas: 3 } } }).metadata.generation).toBe(2)
  })

  it('counts no generation when only metadata changes', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    expect(api.patch(deployments, at('web'), { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }).metadata.generation).toBe(1)
  })

  it('of an object leaves its status alone', () => {
    const { api } = aCluster()
    const object = api.create(deployments, aDeployment())
    api.update(deployments, { ...object, status: { replicas: 2 } }, { subresource: 'status' })
    const after = api.patch(deployments, at('web'), { type: 'merge', body: { status: { replicas: 9 }, spec: { paused: true } } })
    expect(after['status']).toEqual({ replicas: 2 })
  })

  it('of a status leaves everything else alone', () => {
    const { api } = aCluster()
    const object = api.create(deployments, aDeployment())
    const after = api.update(
      deployments,
      {
        ...object,
        metadata: { ...object.metadata, labels: { a: 'b' } },
        spec: { ...(object['spec'] as object), replicas: 9 },
        status: { replicas: 2 },
      },
      { subresource: 'status' },
    )
    expect([after.metadata.labels, after.metadata.generation, after['spec'], after['status']]).toEqual([
      undefined,
      1,
      object['spec'],
      { replicas: 2 },
    ])
  })

  it('that changes nothing keeps the version', () => {
    const { api } = aCluster()
    const object = api.create(configMaps, aConfigMap('a', { x: '1' }), { manager: 'm' })
    expect(api.update(configMaps, object, { manager: 'm' }).metadata.resourceVersion).toBe(object.metadata.resourceVersion)
  })

  it('of the scale changes the replicas', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    const scale = api.patch(deployments, at('web'), { type: 'merge', body: { spec: { replicas: 4 } }, subresource: 'scale' })
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { selector: 'app=web' } })
    expect(api.get(deployments, at('web'))).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 4 } })
  })

  it('is not possible through a door the kind does not have', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    expect(refusal(() => api.update(configMaps, aConfigMap('a'), { subresource: 'status' })).code).toBe(404)
  })
})

describe('field validation', () => {
  const misspelt = aDeployment('web', { replicass: 3 })

  it('Strict refuses what the kind does not know', () => {
    const { api } = aCluster()
    expect(refusal(() => api.create(deployments, misspelt, { fieldValidation: 'Strict' }))).toMatchObject({
      code: 400,
      message: 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replicass"',
    })
  })

  it('Warn says so and drops it', () => {
    const { api } = aCluster()
    const warnings: string[] = []
    const object = api.create(deployments, misspelt, { fieldValidation: 'Warn', onWarning: words => warnings.push(words) })
    expect(warnings).toEqual(['unknown field "spec.replicass"'])
    expect(object['spec']).not.toHaveProperty('replicass')
  })

  it('refuses a value of the wrong type', () => {
    const { api } = aCluster()
    expect(refusal(() => api.create(deployments, aDeployment('web', { replicas: 'three' })))).toMatchObject({
      code: 400,
      reason: 'BadRequest',
    })
  })

  it('refuses another kind than the path says', () => {
    const { api } = aCluster()
    expect(refusal(() => applierOf(api, deployments)(aConfigMap('a'), { manager: 'm' })).code).toBe(400)
  })
})
