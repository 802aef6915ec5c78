import { describe, expect, it } from 'vitest'
import { aCluster, aConfigMap, aDeployment, applierOf, at, configMaps, deployments, entryOf, refusal, services } from './a-cluster.ts'

const withEnv = (env: readonly { name: string; value: string }[], image = 'web:1.0') =>
  aDeployment('web', {
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image, env }] } },
  })

describe('server-side apply', () => {
  it('creates what does not exist', () => {
    const { api } = aCluster()
    expect(applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })['data']).toEqual({ x: '1' })
  })

  it('records exactly the fields it was given', () => {
    const { api } = aCluster()
    const object = applierOf(api, configMaps)(aConfigMap('a', { x: '1' }, { labels: { app: 'web' } }), { manager: 'git' })
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'git',
        operation: 'Apply',
        apiVersion: 'v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:app': {} } } },
      },
    ])
  })

  it('names list items by their keys', () => {
    const { api } = aCluster()
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
    }
    const object = applierOf(api, services)(service, { manager: 'git' })
    expect(entryOf(object, 'git')?.fieldsV1).toEqual({
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } }, 'f:selector': {} },
    })
  })

  it('applied twice changes nothing', () => {
    const { api } = aCluster()
    const first = applierOf(api, deployments)(aDeployment(), { manager: 'git' })
    const second = applierOf(api, deployments)(aDeployment(), { manager: 'git' })
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  it('keeps fields of others', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    applierOf(api, configMaps)(aConfigMap('a', { y: '2' }), { manager: 'serin' })
    expect(api.get(configMaps, at('a'))['data']).toEqual({ x: '1', y: '2' })
  })

  it('merges lists by key', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(withEnv([{ name: 'A', value: '1' }]), { manager: 'git' })
    const object = applierOf(api, deployments)(withEnv([{ name: 'B', value: '2' }]), { manager: 'serin' })
    expect(object).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [
              {
                env: [
                  { name: 'A', value: '1' },
                  { name: 'B', value: '2' },
                ],
              },
            ],
          },
        },
      },
    })
  })

  it('removes a field that its manager gave up', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1', y: '2' }), { manager: 'git' })
    expect(applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })['data']).toEqual({ x: '1' })
  })

  it('removes a list item that its manager gave up', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(
      withEnv([
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]),
      { manager: 'git' },
    )
    const object = applierOf(api, deployments)(withEnv([{ name: 'B', value: '2' }]), { manager: 'git' })
    expect(object).toMatchObject({ spec: { template: { spec: { containers: [{ env: [{ name: 'B', value: '2' }] }] } } } })
  })

  it('keeps a field that was given up while another manager owns it', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'serin' })
    expect(applierOf(api, configMaps)(aConfigMap('a'), { manager: 'git' })['data']).toEqual({ x: '1' })
  })

  it('gives a field back its default when it was given up', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(aDeployment('web', { replicas: 5 }), { manager: 'git' })
    expect(applierOf(api, deployments)(aDeployment(), { manager: 'git' })).toMatchObject({ spec: { replicas: 1 } })
  })

  it('keeps the address the server gave a Service when everything else is given up', () => {
    const { api } = aCluster()
    const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec })
    api.create(services, service({ selector: { app: 'web' }, ports: [{ port: 80 }] }), { manager: 'kubectl' })
    const applied = applierOf(api, services)(service({ ports: [{ port: 80 }] }), { manager: 'kubectl' })
    expect(applied).toMatchObject({ spec: { clusterIP: '127.96.0.1' } })
  })

  it('refuses to change what another manager owns, and says which fields', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(aDeployment('web', { replicas: 2 }), { manager: 'git' })
    expect(refusal(() => applierOf(api, deployments)(aDeployment('web', { replicas: 3 }), { manager: 'serin' }))).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "git": .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "git"', field: '.spec.replicas' }] },
    })
  })

  it('lists several conflicts by manager', () => {
    const { api } = aCluster()
    api.create(deployments, withEnv([{ name: 'A', value: '1' }]), { manager: 'kubectl' })
    const wanted = withEnv([{ name: 'A', value: '2' }], 'web:2.0')
    expect(refusal(() => applierOf(api, deployments)(wanted, { manager: 'serin' })).message).toBe(
      [
        'Apply failed with 2 conflicts: conflicts with "kubectl" using apps/v1:',
        '- .spec.template.spec.containers[name="web"].image',
        '- .spec.template.spec.containers[name="web"].env[name="A"].value',
      ].join('\n'),
    )
  })

  it('takes the fields when forced', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(aDeployment('web', { replicas: 2 }), { manager: 'git' })
    const object = applierOf(api, deployments)(aDeployment('web', { replicas: 3 }), { manager: 'serin', force: true })
    expect(object).toMatchObject({ spec: { replicas: 3 } })
    expect(entryOf(object, 'git')?.fieldsV1).not.toHaveProperty(['f:spec', 'f:replicas'])
  })

  it('shares a field on which both agree', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    const object = applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'serin' })
    expect([entryOf(object, 'git')?.fieldsV1, entryOf(object, 'serin')?.fieldsV1]).toEqual([
      { 'f:data': { 'f:x': {} } },
      { 'f:data': { 'f:x': {} } },
    ])
  })

  it('conflicts with who wrote by update', () => {
    const { api } = aCluster()
    applierOf(api, deployments)(aDeployment(), { manager: 'git' })
    api.patch(deployments, at('web'), { type: 'merge', body: { spec: { replicas: 0 } }, manager: 'flagger' })
    const status = refusal(() => applierOf(api, deployments)(aDeployment('web', { replicas: 2 }), { manager: 'git' }))
    expect(status.message).toBe('Apply failed with 1 conflict: conflict with "flagger" using apps/v1: .spec.replicas')
  })

  it('meets objects from before field ownership with a conflict, not a loss', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1' }))
    api.patch(configMaps, at('a'), { type: 'merge', body: { metadata: { managedFields: [{}] } } })
    expect(refusal(() => applierOf(api, configMaps)(aConfigMap('a', { x: '2' }), { manager: 'git' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.x',
    )
  })

  it('of the status owns nothing of the spec', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    const config = { ...aDeployment(), status: { replicas: 1 } }
    const object = applierOf(api, deployments)(config, { manager: 'controller', subresource: 'status' })
    expect(entryOf(object, 'controller')).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } })
  })

  it('with an old version is refused', () => {
    const { api } = aCluster()
    const first = applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    applierOf(api, configMaps)(aConfigMap('a', { x: '2' }), { manager: 'git' })
    const config = aConfigMap('a', { x: '3' }, { resourceVersion: first.metadata.resourceVersion })
    expect(refusal(() => applierOf(api, configMaps)(config, { manager: 'git' })).code).toBe(409)
  })

  it('with the version of an object that is gone creates it anew', () => {
    const { api } = aCluster()
    const config = aConfigMap('a', { x: '1' }, { resourceVersion: '1' })
    expect(applierOf(api, configMaps)(config, { manager: 'git' })['data']).toEqual({ x: '1' })
  })

  it('with another uid than the stored one is a wrong field, not a conflict', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a'))
    const config = aConfigMap('a', {}, { uid: 'other' })
    expect(refusal(() => applierOf(api, configMaps)(config, { manager: 'git' }))).toMatchObject({
      code: 422,
      details: { causes: Array(2).fill({ field: 'metadata.uid', message: 'Invalid value: "other": field is immutable' }) },
    })
  })

  it('takes no field that the kind does not declare', () => {
    const { api } = aCluster()
    const config = aDeployment('web', { nope: 1 })
    expect(refusal(() => applierOf(api, deployments)(config, { manager: 'git' }))).toMatchObject({
      code: 500,
      message: 'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.nope: field not declared in schema',
    })
  })

  it('takes no managedFields', () => {
    const { api } = aCluster()
    const config = aConfigMap('a', {}, { managedFields: [] })
    expect(refusal(() => applierOf(api, configMaps)(config, { manager: 'git' })).message).toBe('metadata.managedFields must be nil')
  })

  it('with a uid does not bring back what was deleted', () => {
    const { api } = aCluster()
    const config = aConfigMap('a', {}, { uid: 'gone' })
    expect(refusal(() => applierOf(api, configMaps)(config, { manager: 'git' }))).toMatchObject({ code: 409, reason: 'Conflict' })
  })

  it('must say who applies', () => {
    const { api } = aCluster()
    expect(refusal(() => applierOf(api, configMaps)(aConfigMap('a'), { manager: '' }))).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'fieldManager' }] },
    })
  })
})

describe('an update', () => {
  it('owns what it changed', () => {
    const { api } = aCluster()
    api.create(configMaps, aConfigMap('a', { x: '1', y: '1' }), { manager: 'first' })
    const object = api.patch(configMaps, at('a'), { type: 'merge', body: { data: { y: '2' } }, manager: 'second' })
    expect([entryOf(object, 'first')?.fieldsV1, entryOf(object, 'second')?.fieldsV1]).toEqual([
      { 'f:data': { '.': {}, 'f:x': {} } },
      { 'f:data': { 'f:y': {} } },
    ])
  })

  it('that removes a field takes it from everybody', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1', y: '1' }), { manager: 'git' })
    const object = api.patch(configMaps, at('a'), { type: 'merge', body: { data: { y: null } }, manager: 'someone' })
    expect(object.metadata.managedFields).toMatchObject([{ manager: 'git', fieldsV1: { 'f:data': { 'f:x': {} } } }])
  })

  it('by a client that drops managedFields leaves the owners as they are', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    const object = api.update(configMaps, aConfigMap('a', { x: '1', z: '1' }), { manager: 'old-client' })
    expect(object.metadata.managedFields?.map(entry => entry.manager)).toEqual(['git', 'old-client'])
  })

  it('can take an owner out of managedFields', () => {
    const { api } = aCluster()
    applierOf(api, configMaps)(aConfigMap('a', { x: '1' }), { manager: 'git' })
    applierOf(api, configMaps)(aConfigMap('a', { y: '1' }), { manager: 'serin' })
    const body = [{ op: 'remove', path: '/metadata/managedFields/0' }]
    const object = api.patch(configMaps, at('a'), { type: 'json', body, manager: 'migration' })
    expect(object.metadata.managedFields?.map(entry => entry.manager)).toEqual(['serin'])
  })
})
