import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src/api/object.ts'
import { builtinResources } from '../../../src/sandbox/apiserver/builtin-resources.ts'
import type { Endpoint } from '../../../src/sandbox/apiserver/catalogue.ts'
import { resourceId } from '../../../src/sandbox/apiserver/resource.ts'
import { agoText, tableColumns, tableRow } from '../../../src/sandbox/apiserver/tables.ts'
import { aCluster, definitions } from './a-cluster.ts'

const nowMs = Date.parse('2026-01-02T00:00:00Z')
const before = (seconds: number): string => new Date(nowMs - seconds * 1000).toISOString()

const endpointOf = (id: string): Endpoint => {
  const resource = builtinResources.find(one => resourceId(one) === id)
  const version = resource?.versions[0]
  if (!resource || !version) throw new Error(`no ${id}`)
  return { resource, version }
}

/** The columns that are always shown, each with its cell. */
const shown = (id: string, object: object): Readonly<Record<string, unknown>> => {
  const endpoint = endpointOf(id)
  const cells = tableRow({ metadata: { name: 'x', creationTimestamp: before(90) }, ...object } as KubeObject, endpoint, nowMs)
  return Object.fromEntries(tableColumns(endpoint).map(({ name, priority }, at) => [priority === 0 ? name : `${name}+`, cells[at]]))
}

it.each([
  [0, '0s'],
  [119, '119s'],
  [200, '3m20s'],
  [600, '10m'],
  [3 * 3600 + 60, '3h1m'],
  [9 * 3600, '9h'],
  [2 * 86_400 + 3 * 3600, '2d3h'],
  [40 * 86_400, '40d'],
])('an age of %d seconds is shown as %s', (seconds, text) => {
  expect(agoText(before(seconds), nowMs)).toBe(text)
})

it('an age that nobody knows is shown as unknown', () => {
  expect(agoText(undefined, nowMs)).toBe('<unknown>')
})

describe('a pod', () => {
  const spec = { containers: [{ name: 'a' }, { name: 'b' }], nodeName: 'n' }

  it('shows how many of its containers are ready', () => {
    const containerStatuses = [
      { ready: true, restartCount: 2 },
      { ready: false, restartCount: 1 },
    ]
    expect(shown('pods', { spec, status: { phase: 'Running', podIP: '10.1.1.1', containerStatuses } })).toMatchObject({
      Ready: '1/2',
      Status: 'Running',
      Restarts: '3',
      'IP+': '10.1.1.1',
      'Node+': 'n',
    })
  })

  it('shows what ails a container before its phase', () => {
    const containerStatuses = [{ state: { waiting: { reason: 'CrashLoopBackOff' } } }, { state: { running: {} } }]
    expect(shown('pods', { spec, status: { phase: 'Running', containerStatuses } })).toMatchObject({ Status: 'CrashLoopBackOff' })
  })

  it('on its way out is Terminating', () => {
    const metadata = { name: 'x', deletionTimestamp: before(1) }
    expect(shown('pods', { metadata, spec, status: { phase: 'Running' } })).toMatchObject({ Status: 'Terminating' })
  })
})

it.each([
  [
    'services',
    { spec: { type: 'ClusterIP', clusterIP: '10.0.0.1', ports: [{ port: 80, protocol: 'TCP' }], selector: { a: 'b' } } },
    { 'Cluster-IP': '10.0.0.1', 'Port(s)': '80/TCP', 'Selector+': 'a=b' },
  ],
  [
    'deployments.apps',
    { spec: { replicas: 3 }, status: { readyReplicas: 2, updatedReplicas: 1 } },
    { Ready: '2/3', 'Up-to-date': 1, Available: 0 },
  ],
  ['configmaps', { data: { a: '1' }, binaryData: { b: '2' } }, { Data: 2, Age: '90s' }],
  [
    'nodes',
    { status: { conditions: [{ type: 'Ready', status: 'True' }] }, spec: { unschedulable: true } },
    { Status: 'Ready,SchedulingDisabled', Roles: '<none>' },
  ],
  [
    'events',
    { type: 'Normal', reason: 'R', message: ' m ', involvedObject: { kind: 'Pod', name: 'p' }, lastTimestamp: before(30), count: 4 },
    { 'Last Seen': '30s', Object: 'pod/p', Message: 'm', 'Count+': 4 },
  ],
  [
    'horizontalpodautoscalers.autoscaling',
    {
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 4,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }],
      },
      status: { currentReplicas: 2, currentMetrics: [{ resource: { current: { averageUtilization: 55 } } }] },
    },
    { Reference: 'Deployment/web', Targets: 'cpu: 55%/80%', MinPods: '1', MaxPods: '4', Replicas: 2 },
  ],
  [
    'endpointslices.discovery.k8s.io',
    { addressType: 'IPv4', ports: [{ port: 80 }], endpoints: ['1', '2', '3', '4'].map(address => ({ addresses: [address] })) },
    { Ports: '80', Endpoints: '1,2,3 + 1 more...' },
  ],
  [
    'gateways.gateway.networking.k8s.io',
    { spec: { gatewayClassName: 'c' }, status: { conditions: [{ type: 'Programmed', status: 'True' }] } },
    { Class: 'c', Programmed: 'True' },
  ],
  [
    'jobs.batch',
    { spec: { completions: 2 }, status: { succeeded: 1, startTime: before(10) } },
    { Status: 'Running', Completions: '1/2', Duration: '10s' },
  ],
])('of %s shows what matters', (id, object, cells) => {
  expect(shown(id, object)).toMatchObject(cells)
})

it('of a defined kind shows the columns of its definition', () => {
  const { api } = aCluster()
  const additionalPrinterColumns = [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'First', type: 'integer', jsonPath: '.spec.steps[0].weight' },
    { name: 'Since', type: 'date', jsonPath: '.status.since' },
    { name: 'Missing', type: 'string', jsonPath: '.spec.nope' },
  ]
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  api.create(definitions, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema, additionalPrinterColumns }],
    },
  })
  const endpoint = api.kernel.catalogue.byPlural('example.com/v1', 'widgets')
  if (!endpoint) throw new Error('not served')
  const object = {
    metadata: { name: 'w' },
    spec: { steps: [{ weight: 5 }] },
    status: {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
      since: before(60),
    },
  }
  expect(tableRow(object as unknown as KubeObject, endpoint, nowMs)).toEqual(['w', 'True', 5, '60s', null])
})
