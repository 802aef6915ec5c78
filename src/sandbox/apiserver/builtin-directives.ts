import type { Schema } from './schema.ts'

/** What the API's documents say about a field beyond its type. */
type Directive = Pick<
  Schema,
  | 'default'
  | 'x-kubernetes-list-type'
  | 'x-kubernetes-list-map-keys'
  | 'x-kubernetes-map-type'
  | 'x-kubernetes-patch-merge-key'
  | 'x-kubernetes-patch-strategy'
>

const listMap = (...keys: readonly string[]): Directive => ({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys })
const merge = (key: string, strategy = 'merge'): Directive => ({
  'x-kubernetes-patch-merge-key': key,
  'x-kubernetes-patch-strategy': strategy,
})
const merged = (key: string, strategy = 'merge'): Directive => ({ ...listMap(key), ...merge(key, strategy) })
const setOf: Directive = { 'x-kubernetes-list-type': 'set' }
const atomicMap: Directive = { 'x-kubernetes-map-type': 'atomic' }
const byDefault = (value: unknown): Directive => ({ default: value })

const containerLists = (type: string): Readonly<Record<string, Directive>> => ({
  [`${type}.env`]: merged('name'),
  [`${type}.ports`]: { ...listMap('containerPort', 'protocol'), ...merge('containerPort') },
  [`${type}.volumeDevices`]: merged('devicePath'),
  [`${type}.volumeMounts`]: merged('mountPath'),
  [`${type}.terminationMessagePath`]: byDefault('/dev/termination-log'),
  [`${type}.terminationMessagePolicy`]: byDefault('File'),
  [`${type}.resources`]: byDefault({}),
})

const statusTypes = [
  'V1NamespaceStatus',
  'V1PodStatus',
  'V1ServiceStatus',
  'V1NodeStatus',
  'V1DeploymentStatus',
  'V1ReplicaSetStatus',
  'V1DaemonSetStatus',
  'V1StatefulSetStatus',
  'V2HorizontalPodAutoscalerStatus',
  'V1PodDisruptionBudgetStatus',
]

/** `Type.field` → merge directives and constant defaults of built-in kinds. Lists that are not named here are one value. */
export const fieldDirectives: Readonly<Record<string, Directive>> = {
  ...Object.fromEntries(statusTypes.map(type => [`${type}.conditions`, merged('type')])),
  'V1JobStatus.conditions': merge('type'),
  'V1CustomResourceDefinitionStatus.conditions': listMap('type'),
  'V1ObjectMeta.finalizers': { ...setOf, 'x-kubernetes-patch-strategy': 'merge' },
  'V1ObjectMeta.ownerReferences': merged('uid'),

  ...containerLists('V1Container'),
  ...containerLists('V1EphemeralContainer'),
  'V1ContainerPort.protocol': byDefault('TCP'),
  'V1ResourceRequirements.claims': listMap('name'),
  'V1ContainerRestartRuleOnExitCodes.values': setOf,
  'V1ContainerStatus.allocatedResourcesStatus': merged('name'),
  'V1ContainerStatus.volumeMounts': merged('mountPath'),
  'V1ResourceStatus.resources': listMap('resourceID'),
  'V1Probe.timeoutSeconds': byDefault(1),
  'V1Probe.periodSeconds': byDefault(10),
  'V1Probe.successThreshold': byDefault(1),
  'V1Probe.failureThreshold': byDefault(3),
  'V1HTTPGetAction.scheme': byDefault('HTTP'),
  'V1HTTPGetAction.path': byDefault('/'),
  'V1GRPCAction.service': byDefault(''),
  'V1ObjectFieldSelector.apiVersion': byDefault('v1'),
  'V1ResourceFieldSelector.divisor': byDefault('0'),

  'V1PodSpec.containers': merged('name'),
  'V1PodSpec.initContainers': merged('name'),
  'V1PodSpec.ephemeralContainers': merged('name'),
  'V1PodSpec.hostAliases': merged('ip'),
  'V1PodSpec.imagePullSecrets': merged('name'),
  'V1PodSpec.nodeSelector': atomicMap,
  'V1PodSpec.resourceClaims': merged('name', 'merge,retainKeys'),
  'V1PodSpec.schedulingGates': merged('name'),
  'V1PodSpec.topologySpreadConstraints': { ...listMap('topologyKey', 'whenUnsatisfiable'), ...merge('topologyKey') },
  'V1PodSpec.volumes': merged('name', 'merge,retainKeys'),
  'V1PodSpec.restartPolicy': byDefault('Always'),
  'V1PodSpec.dnsPolicy': byDefault('ClusterFirst'),
  'V1PodSpec.terminationGracePeriodSeconds': byDefault(30),
  'V1PodSpec.schedulerName': byDefault('default-scheduler'),
  'V1PodSpec.securityContext': byDefault({}),
  'V1PodStatus.hostIPs': merge('ip'),
  'V1PodStatus.podIPs': merged('ip'),
  'V1PodStatus.resourceClaimStatuses': merged('name', 'merge,retainKeys'),
  'V1ConfigMapVolumeSource.defaultMode': byDefault(420),
  'V1SecretVolumeSource.defaultMode': byDefault(420),
  'V1ProjectedVolumeSource.defaultMode': byDefault(420),
  'V1DownwardAPIVolumeSource.defaultMode': byDefault(420),
  'V1ServiceAccountTokenProjection.expirationSeconds': byDefault(3600),
  'V1HostPathVolumeSource.type': byDefault(''),

  'V1ServiceSpec.ports': { ...listMap('port', 'protocol'), ...merge('port') },
  'V1ServiceSpec.selector': atomicMap,
  'V1ServiceSpec.type': byDefault('ClusterIP'),
  'V1ServiceSpec.sessionAffinity': byDefault('None'),
  'V1ServicePort.protocol': byDefault('TCP'),
  'V1NodeSpec.podCIDRs': { ...setOf, 'x-kubernetes-patch-strategy': 'merge' },
  'V1NodeStatus.addresses': merged('type'),
  'V1ServiceAccount.secrets': merged('name'),
  'V1Secret.type': byDefault('Opaque'),
  'CoreV1EndpointPort.protocol': byDefault('TCP'),
  'DiscoveryV1EndpointPort.protocol': byDefault('TCP'),
  'DiscoveryV1EndpointPort.name': byDefault(''),
  'V1Endpoint.addresses': setOf,

  'V1ServiceStatus.loadBalancer': byDefault({}),
  'V1ControllerRevision.data': atomicMap,
  'V1ReplicaSetStatus.replicas': byDefault(0),
  'V1StatefulSetStatus.replicas': byDefault(0),
  'V1StatefulSetStatus.availableReplicas': byDefault(0),
  'V1DaemonSetStatus.currentNumberScheduled': byDefault(0),
  'V1DaemonSetStatus.desiredNumberScheduled': byDefault(0),
  'V1DaemonSetStatus.numberMisscheduled': byDefault(0),
  'V1DaemonSetStatus.numberReady': byDefault(0),
  'V2HorizontalPodAutoscalerStatus.desiredReplicas': byDefault(0),
  'V1PodDisruptionBudgetStatus.currentHealthy': byDefault(0),
  'V1PodDisruptionBudgetStatus.desiredHealthy': byDefault(0),
  'V1PodDisruptionBudgetStatus.disruptionsAllowed': byDefault(0),
  'V1PodDisruptionBudgetStatus.expectedPods': byDefault(0),

  'V1DeploymentSpec.strategy': { 'x-kubernetes-patch-strategy': 'retainKeys', default: {} },
  'V1DeploymentSpec.replicas': byDefault(1),
  'V1DeploymentSpec.revisionHistoryLimit': byDefault(10),
  'V1DeploymentSpec.progressDeadlineSeconds': byDefault(600),
  'V1DeploymentStrategy.type': byDefault('RollingUpdate'),
  'V1RollingUpdateDeployment.maxUnavailable': byDefault('25%'),
  'V1RollingUpdateDeployment.maxSurge': byDefault('25%'),
  'V1ReplicaSetSpec.replicas': byDefault(1),
  'V1DaemonSetSpec.revisionHistoryLimit': byDefault(10),
  'V1DaemonSetSpec.updateStrategy': byDefault({}),
  'V1DaemonSetUpdateStrategy.type': byDefault('RollingUpdate'),
  'V1RollingUpdateDaemonSet.maxUnavailable': byDefault(1),
  'V1RollingUpdateDaemonSet.maxSurge': byDefault(0),
  'V1StatefulSetSpec.replicas': byDefault(1),
  'V1StatefulSetSpec.revisionHistoryLimit': byDefault(10),
  'V1StatefulSetSpec.podManagementPolicy': byDefault('OrderedReady'),
  'V1StatefulSetSpec.updateStrategy': byDefault({}),
  'V1StatefulSetUpdateStrategy.type': byDefault('RollingUpdate'),
  'V2HorizontalPodAutoscalerSpec.minReplicas': byDefault(1),
  'V1PodDisruptionBudgetSpec.selector': { 'x-kubernetes-patch-strategy': 'replace' },
  'V1JobSpec.parallelism': byDefault(1),
  'V1JobSpec.completions': byDefault(1),
  'V1JobSpec.backoffLimit': byDefault(6),
  'V1JobSpec.completionMode': byDefault('NonIndexed'),
  'V1JobSpec.suspend': byDefault(false),
  'V1CronJobSpec.concurrencyPolicy': byDefault('Allow'),
  'V1CronJobSpec.suspend': byDefault(false),
  'V1CronJobSpec.successfulJobsHistoryLimit': byDefault(3),
  'V1CronJobSpec.failedJobsHistoryLimit': byDefault(1),
  'V1UncountedTerminatedPods.failed': setOf,
  'V1UncountedTerminatedPods.succeeded': setOf,
  'V1PodFailurePolicyOnExitCodesRequirement.values': setOf,
  'V1CustomResourceDefinitionSpec.conversion': byDefault({ strategy: 'None' }),
}

/** Types whose values have one owner as a whole. */
export const atomicTypes: ReadonlySet<string> = new Set([
  'V1OwnerReference',
  'V1NodeSelectorTerm',
  'V1NodeSelector',
  'V1LabelSelector',
  'V1ConfigMapKeySelector',
  'V1ObjectFieldSelector',
  'V1FileKeySelector',
  'V1ResourceFieldSelector',
  'V1SecretKeySelector',
  'V1LocalObjectReference',
  'V1TypedLocalObjectReference',
  'V1EndpointAddress',
  'V1ObjectReference',
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'V1ServiceBackendPort',
  'V1RoleRef',
  'RbacV1Subject',
])

/** `Type.field` of amounts: numbers are taken as well and kept as text. */
export const quantityFields: ReadonlySet<string> = new Set([
  'V1ResourceRequirements.limits',
  'V1ResourceRequirements.requests',
  'V1VolumeResourceRequirements.limits',
  'V1VolumeResourceRequirements.requests',
  'V1PodSpec.overhead',
  'V1EmptyDirVolumeSource.sizeLimit',
  'V1ResourceFieldSelector.divisor',
  'V1NodeStatus.allocatable',
  'V1NodeStatus.capacity',
  'V1ContainerStatus.allocatedResources',
  'V2MetricTarget.averageValue',
  'V2MetricTarget.value',
  'V2MetricValueStatus.averageValue',
  'V2MetricValueStatus.value',
])
