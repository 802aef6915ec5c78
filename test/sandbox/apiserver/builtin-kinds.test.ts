import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { builtinTypes } from '../../../scripts/builtin-types.ts'
import {
  aCluster,
  aConfigMap,
  aDeployment,
  aPod,
  at,
  configMaps,
  deployments,
  namespaces,
  pods,
  refusal,
  secrets,
  services,
} from './a-cluster.ts'

const aService = (spec: object, name = 'web') => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec })

it('the table of built-in types is what the client library says', async () => {
  const file = resolve(import.meta.dirname, '../../../src/sandbox/apiserver/builtin-types.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(await builtinTypes())
})

describe('a Deployment', () => {
  it('gets the defaults that a rollout needs', () => {
    const { api } = aCluster()
    expect(api.create(deployments, aDeployment())['spec']).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      template: {
        spec: {
          restartPolicy: 'Always',
          dnsPolicy: 'ClusterFirst',
          terminationGracePeriodSeconds: 30,
          schedulerName: 'default-scheduler',
          securityContext: {},
          containers: [
            { imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
          ],
        },
      },
    })
  })

  it('that recreates gets no rolling update', () => {
    const { api } = aCluster()
    expect(api.create(deployments, aDeployment('web', { strategy: { type: 'Recreate' } }))).toMatchObject({
      spec: { strategy: { type: 'Recreate' } },
    })
  })

  it.each([
    ['web', 'Always'],
    ['web:latest', 'Always'],
    ['registry:5000/web', 'Always'],
    ['registry:5000/web:1.0', 'IfNotPresent'],
    ['web@sha256:0000', 'IfNotPresent'],
  ])('pulls the image %s %s', (image, policy) => {
    const { api } = aCluster()
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } }
    expect(api.create(deployments, aDeployment('web', { template }))).toMatchObject({
      spec: { template: { spec: { containers: [{ imagePullPolicy: policy }] } } },
    })
  })

  it.each([
    ['negative replicas', { replicas: -1 }, 'spec.replicas'],
    ['a selector that misses its pods', { selector: { matchLabels: { app: 'other' } } }, 'spec.template.metadata.labels'],
    ['no selector', { selector: undefined }, 'spec.selector'],
    ['no containers', { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [] } } }, 'spec.template.spec.containers'],
    ['a deadline below minReadySeconds', { minReadySeconds: 700 }, 'spec.progressDeadlineSeconds'],
  ])('with %s is refused', (_what, spec, field) => {
    const { api } = aCluster()
    expect(refusal(() => api.create(deployments, aDeployment('web', spec)))).toMatchObject({
      code: 422,
      details: { causes: expect.arrayContaining([expect.objectContaining({ field })]) },
    })
  })

  it('never changes its selector', () => {
    const { api } = aCluster()
    api.create(deployments, aDeployment())
    const body = { spec: { selector: { matchLabels: { app: 'other' } }, template: { metadata: { labels: { app: 'other' } } } } }
    expect(refusal(() => api.patch(deployments, at('web'), { type: 'merge', body })).message).toContain(
      'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    )
  })
})

describe('a Service', () => {
  it('gets an address of its own', () => {
    const { api } = aCluster({ serviceCidr: '127.96.0.0/30' })
    const addresses = ['a', 'b'].map(
      name => (api.create(services, aService({ ports: [{ port: 80 }] }, name))['spec'] as { clusterIP: string }).clusterIP,
    )
    expect(addresses).toEqual(['127.96.0.1', '127.96.0.2'])
  })

  it('gets none when the range is used up', () => {
    const { api } = aCluster({ serviceCidr: '127.96.0.0/31' })
    const names = ['a', 'b', 'c']
    expect(refusal(() => names.map(name => api.create(services, aService({ ports: [{ port: 80 }] }, name)))).message).toContain(
      'range is full',
    )
  })

  it('gives its address back when it is deleted', () => {
    const { api } = aCluster({ serviceCidr: '127.96.0.0/31' })
    for (let round = 0; round < 3; round += 1) {
      api.create(services, aService({ ports: [{ port: 80 }] }))
      api.delete(services, at('web'))
    }
    expect(api.create(services, aService({ ports: [{ port: 80 }] }))).toMatchObject({ spec: { type: 'ClusterIP' } })
  })

  it('without an address stays without', () => {
    const { api } = aCluster()
    expect(api.create(services, aService({ clusterIP: 'None' }))).toMatchObject({ spec: { clusterIP: 'None' } })
  })

  it('points its ports at themselves', () => {
    const { api } = aCluster()
    expect(api.create(services, aService({ ports: [{ port: 80 }] }))).toMatchObject({
      spec: { ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] },
    })
  })

  it('keeps its address when a client does not say it', () => {
    const { api } = aCluster()
    api.create(services, aService({ ports: [{ port: 80 }] }))
    expect(api.update(services, aService({ ports: [{ port: 81 }] }))).toMatchObject({
      spec: { clusterIP: '127.96.0.1', ports: [{ port: 81 }] },
    })
  })

  it.each([
    ['no ports', {}, 'spec.ports'],
    ['two ports without names', { ports: [{ port: 80 }, { port: 81 }] }, 'spec.ports[0].name'],
    ['a port out of range', { ports: [{ port: 70_000 }] }, 'spec.ports[0].port'],
  ])('with %s is refused', (_what, spec, field) => {
    const { api } = aCluster()
    expect(refusal(() => api.create(services, aService(spec))).details?.causes?.[0]).toMatchObject({ field })
  })

  it('never changes its address', () => {
    const { api } = aCluster()
    api.create(services, aService({ ports: [{ port: 80 }] }))
    const body = { spec: { clusterIP: '127.96.0.9' } }
    expect(refusal(() => api.patch(services, at('web'), { type: 'merge', body })).details?.causes?.[0]).toMatchObject({
      field: 'spec.clusterIPs[0]',
    })
  })
})

describe('a Secret', () => {
  it('keeps clear text as base64', () => {
    const { api } = aCluster()
    const secret = api.create(secrets, { ...aConfigMap('s'), kind: 'Secret', data: {}, stringData: { password: 'öpen' } })
    expect([secret['data'], secret['type'], secret['stringData']]).toEqual([{ password: 'w7ZwZW4=' }, 'Opaque', undefined])
  })

  it('takes only base64 as data', () => {
    const { api } = aCluster()
    expect(refusal(() => api.create(secrets, { ...aConfigMap('s'), kind: 'Secret', data: { x: '%' } })).code).toBe(400)
  })
})

it('an immutable ConfigMap keeps its data', () => {
  const { api } = aCluster()
  api.create(configMaps, { ...aConfigMap('a', { x: '1' }), immutable: true })
  expect(refusal(() => api.patch(configMaps, at('a'), { type: 'merge', body: { data: { x: '2' } } })).details?.causes?.[0]).toMatchObject({
    reason: 'FieldValueForbidden',
    field: 'data',
  })
})

it('a ControllerRevision keeps its data', () => {
  const { api } = aCluster()
  const revisions = { apiVersion: 'apps/v1', plural: 'controllerrevisions' }
  api.create(revisions, { ...aConfigMap('r'), apiVersion: 'apps/v1', kind: 'ControllerRevision', data: { a: 1 }, revision: 1 })
  expect(refusal(() => api.patch(revisions, at('r'), { type: 'merge', body: { data: { a: 2 } } })).message).toContain('field is immutable')
})

it('a pod starts Pending', () => {
  const { api } = aCluster()
  expect(api.create(pods, aPod('p'))).toMatchObject({ spec: { serviceAccountName: 'default' }, status: { phase: 'Pending' } })
})

it('a namespace starts Active and carries its name as a label', () => {
  const { api } = aCluster()
  expect(api.get(namespaces, at('default', ''))).toMatchObject({
    metadata: { labels: { 'kubernetes.io/metadata.name': 'default' } },
    status: { phase: 'Active' },
  })
})

it('amounts may be numbers and are kept as text', () => {
  const { api } = aCluster()
  const resources = { limits: { cpu: 1, memory: '1Gi' } }
  const pod = api.create(pods, aPod('p', { containers: [{ name: 'web', image: 'web:1', resources }] }))
  expect(pod).toMatchObject({ spec: { containers: [{ resources: { limits: { cpu: '1', memory: '1Gi' } } }] } })
})

it('an event is the same under both of its groups', () => {
  const { api } = aCluster()
  api.create(
    { apiVersion: 'v1', plural: 'events' },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      message: 'it happened',
      reason: 'Happened',
    },
  )
  const { items } = api.list({ apiVersion: 'events.k8s.io/v1', plural: 'events' }, { fieldSelector: 'regarding.name=p' })
  expect(items).toMatchObject([{ apiVersion: 'events.k8s.io/v1', note: 'it happened', regarding: { name: 'p' } }])
})
