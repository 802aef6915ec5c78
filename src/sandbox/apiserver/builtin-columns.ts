import { isObject, type JsonObject, listAt, objectAt, textAt, valueAt } from './json-value.ts'
import { podColumns } from './pod-columns.ts'
import type { PrinterColumn } from './resource.ts'
import { selectorText } from './scaling.ts'
import { ageColumn, agoText } from './tables.ts'

type Cell = (object: JsonObject, nowMs: number) => unknown

const column = (name: string, cell: Cell, type = 'string'): PrinterColumn => ({ name, type, cell })
const count = (name: string, cell: Cell): PrinterColumn => column(name, cell, 'integer')
const wide = (columns: readonly PrinterColumn[]): PrinterColumn[] => columns.map(one => ({ ...one, priority: 1 }))

const number = (object: unknown, ...path: readonly string[]): number => {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}

const text =
  (...path: readonly string[]): Cell =>
  object => {
    const value = valueAt(object, path)
    return value === undefined || value === null ? '<none>' : String(value)
  }

const fieldCount =
  (field: string): Cell =>
  object =>
    Object.keys(objectAt(object, field)).length

const orNone = (words: string): string => (words === '' ? '<none>' : words)

const containersOf = (object: JsonObject): readonly unknown[] =>
  listAt(objectAt(objectAt(object['spec'], 'template'), 'spec'), 'containers')

const templateColumns = wide([
  column('Containers', object =>
    containersOf(object)
      .map(container => textAt(container, 'name'))
      .join(','),
  ),
  column('Images', object =>
    containersOf(object)
      .map(container => textAt(container, 'image'))
      .join(','),
  ),
  column('Selector', object => orNone(selectorText(objectAt(object['spec'], 'selector')))),
])

const portText = (port: unknown): string => `${number(port, 'port')}/${textAt(port, 'protocol')}`

const servicePorts: Cell = object =>
  orNone(
    listAt(object['spec'], 'ports')
      .map(port =>
        number(port, 'nodePort') > 0 ? `${number(port, 'port')}:${number(port, 'nodePort')}/${textAt(port, 'protocol')}` : portText(port),
      )
      .join(','),
  )

const labelPairs = (labels: JsonObject): string =>
  orNone(
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  )

const few = (list: readonly string[], shown = 3): string =>
  list.length > shown ? `${list.slice(0, shown).join(',')} + ${list.length - shown} more...` : orNone(list.join(','))

const conditionOf = (object: JsonObject, type: string): unknown =>
  listAt(object['status'], 'conditions').find(condition => textAt(condition, 'type') === type)

const nodeStatus: Cell = object => {
  const ready = textAt(conditionOf(object, 'Ready'), 'status')
  const cordoned = valueAt(object, ['spec', 'unschedulable']) === true ? ',SchedulingDisabled' : ''
  return `${ready === 'True' ? 'Ready' : ready === '' ? 'Unknown' : 'NotReady'}${cordoned}`
}

const nodeRoles: Cell = object => {
  const prefix = 'node-role.kubernetes.io/'
  const labels = Object.keys(objectAt(object['metadata'], 'labels'))
  return orNone(
    labels
      .filter(label => label.startsWith(prefix))
      .map(label => label.slice(prefix.length))
      .join(','),
  )
}

const eventSeen: Cell = (object, nowMs) =>
  agoText(
    valueAt(object, ['series', 'lastObservedTime']) ??
      object['lastTimestamp'] ??
      object['eventTime'] ??
      valueAt(object, ['metadata', 'creationTimestamp']),
    nowMs,
  )

const eventColumns = [
  column('Last Seen', eventSeen),
  column('Type', text('type')),
  column('Reason', text('reason')),
  column('Object', object => `${textAt(object['involvedObject'], 'kind').toLowerCase()}/${textAt(object['involvedObject'], 'name')}`),
  ...wide([
    column('Subobject', object => textAt(object['involvedObject'], 'fieldPath')),
    column('Source', object => textAt(object['source'], 'component') || textAt(object, 'reportingComponent')),
  ]),
  column('Message', object => textAt(object, 'message').trim()),
  ...wide([
    column('First Seen', (object, nowMs) => agoText(object['firstTimestamp'] ?? object['eventTime'], nowMs)),
    count('Count', object => Math.max(1, number(object, 'series', 'count') || number(object, 'count'))),
    column('Name', text('metadata', 'name')),
  ]),
]

const utilization = (value: unknown): string => (typeof value === 'number' ? `${value}%` : '<unknown>')

const currentOf = (object: JsonObject, at: number): unknown => {
  const current = listAt(object['status'], 'currentMetrics')[at]
  return valueAt(current, ['resource', 'current', 'averageUtilization'])
}

const hpaTarget = (object: JsonObject, metric: unknown, at: number): string => {
  const resource = objectAt(metric, 'resource')
  const target = objectAt(resource, 'target')
  const wanted = target['averageUtilization']
  const shown = wanted === undefined ? String(target['averageValue'] ?? target['value'] ?? '<auto>') : utilization(wanted)
  const name = textAt(resource, 'name') || textAt(metric, 'type').toLowerCase()
  return `${name}: ${utilization(currentOf(object, at))}/${shown}`
}

const hpaTargets: Cell = object =>
  orNone(
    listAt(object['spec'], 'metrics')
      .map((metric, at) => hpaTarget(object, metric, at))
      .join(', '),
  )

const sliceAddresses: Cell = object => few(listAt(object, 'endpoints').flatMap(endpoint => listAt(endpoint, 'addresses').map(String)))

const subsetAddresses: Cell = object =>
  few(
    listAt(object, 'subsets').flatMap(subset =>
      listAt(subset, 'addresses').flatMap(address =>
        listAt(subset, 'ports').map(port => `${textAt(address, 'ip')}:${number(port, 'port')}`),
      ),
    ),
  )

const hostsOf: Cell = object => few(listAt(object['spec'], 'rules').map(rule => textAt(rule, 'host') || '*'))

const conditionStatus =
  (type: string): Cell =>
  object =>
    textAt(conditionOf(object, type), 'status') || 'Unknown'

const created = column('Created At', text('metadata', 'creationTimestamp'))

const readyOf = (object: JsonObject): string => `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`

const roleColumn = column('Role', object => `${textAt(object['roleRef'], 'kind')}/${textAt(object['roleRef'], 'name')}`)

const addressesOf: Cell = object =>
  listAt(object['status'], 'addresses')
    .map(address => textAt(address, 'value'))
    .join(',')

const hostnamesOf: Cell = object => {
  const names = listAt(object['spec'], 'hostnames')
  return names.length === 0 ? null : JSON.stringify(names)
}

/** What `kubectl get` shows of each built-in kind after the name. */
const columns: Readonly<Record<string, readonly PrinterColumn[]>> = {
  pods: podColumns,
  namespaces: [column('Status', text('status', 'phase')), ageColumn],
  configmaps: [
    count('Data', object => Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length),
    ageColumn,
  ],
  secrets: [column('Type', text('type')), count('Data', fieldCount('data')), ageColumn],
  serviceaccounts: [count('Secrets', object => listAt(object, 'secrets').length), ageColumn],
  events: eventColumns,
  endpoints: [column('Endpoints', subsetAddresses), ageColumn],
  nodes: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    ageColumn,
    column('Version', object => textAt(objectAt(object['status'], 'nodeInfo'), 'kubeletVersion')),
  ],
  services: [
    column('Type', text('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', object =>
      textAt(object['spec'], 'type') === 'ExternalName' ? textAt(object['spec'], 'externalName') : '<none>',
    ),
    column('Port(s)', servicePorts),
    ageColumn,
    ...wide([column('Selector', object => labelPairs(objectAt(object['spec'], 'selector')))]),
  ],
  'deployments.apps': [
    column('Ready', readyOf),
    count('Up-to-date', object => number(object, 'status', 'updatedReplicas')),
    count('Available', object => number(object, 'status', 'availableReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'replicasets.apps': [
    count('Desired', object => number(object, 'spec', 'replicas')),
    count('Current', object => number(object, 'status', 'replicas')),
    count('Ready', object => number(object, 'status', 'readyReplicas')),
    ageColumn,
    ...templateColumns,
  ],
  'daemonsets.apps': [
    count('Desired', object => number(object, 'status', 'desiredNumberScheduled')),
    count('Current', object => number(object, 'status', 'currentNumberScheduled')),
    count('Ready', object => number(object, 'status', 'numberReady')),
    count('Up-to-date', object => number(object, 'status', 'updatedNumberScheduled')),
    count('Available', object => number(object, 'status', 'numberAvailable')),
    column('Node Selector', object => labelPairs(objectAt(objectAt(objectAt(object['spec'], 'template'), 'spec'), 'nodeSelector'))),
    ageColumn,
    ...templateColumns,
  ],
  'statefulsets.apps': [column('Ready', readyOf), ageColumn, ...templateColumns.slice(0, 2)],
  'controllerrevisions.apps': [
    column('Controller', object => {
      const owner = listAt(object['metadata'], 'ownerReferences').find(one => isObject(one) && one['controller'] === true)
      return owner === undefined ? '<none>' : `${textAt(owner, 'kind').toLowerCase()}/${textAt(owner, 'name')}`
    }),
    count('Revision', object => number(object, 'revision')),
    ageColumn,
  ],
  'horizontalpodautoscalers.autoscaling': [
    column(
      'Reference',
      object =>
        `${textAt(objectAt(object['spec'], 'scaleTargetRef'), 'kind')}/${textAt(objectAt(object['spec'], 'scaleTargetRef'), 'name')}`,
    ),
    column('Targets', hpaTargets),
    column('MinPods', text('spec', 'minReplicas')),
    column('MaxPods', text('spec', 'maxReplicas')),
    column('Replicas', object => number(object, 'status', 'currentReplicas')),
    ageColumn,
  ],
  'endpointslices.discovery.k8s.io': [
    column('AddressType', text('addressType')),
    column('Ports', object => few(listAt(object, 'ports').map(port => String(number(port, 'port'))))),
    column('Endpoints', sliceAddresses),
    ageColumn,
  ],
  'leases.coordination.k8s.io': [column('Holder', object => textAt(object['spec'], 'holderIdentity')), ageColumn],
  'ingresses.networking.k8s.io': [
    column('Class', text('spec', 'ingressClassName')),
    column('Hosts', hostsOf),
    column('Address', object =>
      listAt(objectAt(object['status'], 'loadBalancer'), 'ingress')
        .map(one => textAt(one, 'ip') || textAt(one, 'hostname'))
        .join(','),
    ),
    column('Ports', object => (listAt(object['spec'], 'tls').length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
  'jobs.batch': [
    column('Status', object => (number(object, 'status', 'succeeded') >= number(object, 'spec', 'completions') ? 'Complete' : 'Running')),
    column('Completions', object => `${number(object, 'status', 'succeeded')}/${number(object, 'spec', 'completions')}`),
    ageColumn,
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [created],
  'clusterroles.rbac.authorization.k8s.io': [created],
  'roles.rbac.authorization.k8s.io': [created],
  'rolebindings.rbac.authorization.k8s.io': [roleColumn, ageColumn],
  'clusterrolebindings.rbac.authorization.k8s.io': [roleColumn, ageColumn],
  'gatewayclasses.gateway.networking.k8s.io': [
    column('Controller', text('spec', 'controllerName')),
    column('Accepted', conditionStatus('Accepted')),
    ageColumn,
  ],
  'gateways.gateway.networking.k8s.io': [
    column('Class', text('spec', 'gatewayClassName')),
    column('Address', addressesOf),
    column('Programmed', conditionStatus('Programmed')),
    ageColumn,
  ],
  'httproutes.gateway.networking.k8s.io': [column('Hostnames', hostnamesOf), ageColumn],
}

/** Printer columns of a built-in kind by resource id; undefined means name and age. */
export const columnsOf = (id: string): readonly PrinterColumn[] | undefined => columns[id]
