import { type Cell, column, conditionOf, count, few, fieldCount, labelPairs, number, orNone, text, wide } from './column-cells.ts'
import { type JsonObject, listAt, objectAt, textAt, valueAt } from './json-value.ts'
import { podColumns } from './pod-columns.ts'
import type { PrinterColumn } from './resource.ts'
import { selectorText } from './scaling.ts'
import { ageColumn, agoText, nameColumn } from './tables.ts'
import { workloadColumns } from './workload-columns.ts'

const portText = (port: unknown): string => `${number(port, 'port')}/${textAt(port, 'protocol')}`

const servicePorts: Cell = object =>
  orNone(
    listAt(object['spec'], 'ports')
      .map(port =>
        number(port, 'nodePort') > 0 ? `${number(port, 'port')}:${number(port, 'nodePort')}/${textAt(port, 'protocol')}` : portText(port),
      )
      .join(','),
  )

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

const nodeInfo =
  (field: string): Cell =>
  object =>
    textAt(objectAt(object['status'], 'nodeInfo'), field) || '<unknown>'

const nodeAddress =
  (type: string): Cell =>
  object =>
    textAt(
      listAt(object['status'], 'addresses').find(address => textAt(address, 'type') === type),
      'address',
    ) || '<none>'

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
    column('Count', object => Math.max(1, number(object, 'series', 'count') || number(object, 'count'))),
    { ...nameColumn },
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

const orNotSaid =
  (field: string): Cell =>
  object =>
    String(objectAt(object, 'spec')[field] ?? 'N/A')

const hostsOf: Cell = object => few(listAt(object['spec'], 'rules').map(rule => textAt(rule, 'host') || '*'))

const conditionStatus =
  (type: string): Cell =>
  object =>
    textAt(conditionOf(object, type), 'status') || 'Unknown'

const created = column('Created At', text('metadata', 'creationTimestamp'), 'date')

const subjectsOf =
  (kind: string): Cell =>
  object =>
    listAt(object, 'subjects')
      .filter(subject => textAt(subject, 'kind') === kind)
      .map(subject => [textAt(subject, 'namespace'), textAt(subject, 'name')].filter(part => part !== '').join('/'))
      .join(', ')

const subjectColumns = wide([
  column('Users', subjectsOf('User')),
  column('Groups', subjectsOf('Group')),
  column('ServiceAccounts', subjectsOf('ServiceAccount')),
])

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
    column('Data', object => Object.keys(objectAt(object, 'data')).length + Object.keys(objectAt(object, 'binaryData')).length),
    ageColumn,
  ],
  secrets: [column('Type', text('type')), column('Data', fieldCount('data')), ageColumn],
  serviceaccounts: [ageColumn],
  events: eventColumns,
  endpoints: [column('Endpoints', subsetAddresses), ageColumn],
  nodes: [
    column('Status', nodeStatus),
    column('Roles', nodeRoles),
    ageColumn,
    column('Version', nodeInfo('kubeletVersion')),
    ...wide([
      column('Internal-IP', nodeAddress('InternalIP')),
      column('External-IP', nodeAddress('ExternalIP')),
      column('OS-Image', nodeInfo('osImage')),
      column('Kernel-Version', nodeInfo('kernelVersion')),
      column('Container-Runtime', nodeInfo('containerRuntimeVersion')),
    ]),
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
  ...workloadColumns,
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
  'ingressclasses.networking.k8s.io': [
    column('Controller', text('spec', 'controller')),
    column('Parameters', object => {
      const { kind, name } = objectAt(objectAt(object, 'spec'), 'parameters')
      return kind === undefined ? '<none>' : `${kind}/${name}`
    }),
    ageColumn,
  ],
  'networkpolicies.networking.k8s.io': [
    column('Pod-Selector', object => orNone(selectorText(objectAt(object['spec'], 'podSelector')))),
    ageColumn,
  ],
  'poddisruptionbudgets.policy': [
    column('Min Available', orNotSaid('minAvailable')),
    column('Max Unavailable', orNotSaid('maxUnavailable')),
    count('Allowed Disruptions', object => number(object, 'status', 'disruptionsAllowed')),
    ageColumn,
  ],
  'priorityclasses.scheduling.k8s.io': [
    count('Value', object => number(object, 'value')),
    column('Global-Default', object => object['globalDefault'] === true, 'boolean'),
    ageColumn,
    column('PreemptionPolicy', text('preemptionPolicy')),
  ],
  'customresourcedefinitions.apiextensions.k8s.io': [created],
  'clusterroles.rbac.authorization.k8s.io': [created],
  'roles.rbac.authorization.k8s.io': [created],
  'rolebindings.rbac.authorization.k8s.io': [roleColumn, ageColumn, ...subjectColumns],
  'clusterrolebindings.rbac.authorization.k8s.io': [roleColumn, ageColumn, ...subjectColumns],
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
