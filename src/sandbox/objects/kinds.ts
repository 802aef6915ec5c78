import type { KindRef } from '../../api/object.ts'

const namespaced = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: true })
const clusterWide = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: false })

/** The kinds that the parts of the embedded cluster read or write. */
export const pods = namespaced('v1', 'Pod', 'pods')
export const nodes = clusterWide('v1', 'Node', 'nodes')
export const services = namespaced('v1', 'Service', 'services')
export const configMaps = namespaced('v1', 'ConfigMap', 'configmaps')
export const secrets = namespaced('v1', 'Secret', 'secrets')
export const namespaces = clusterWide('v1', 'Namespace', 'namespaces')
export const leases = namespaced('coordination.k8s.io/v1', 'Lease', 'leases')
export const endpointSlices = namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices')
export const deployments = namespaced('apps/v1', 'Deployment', 'deployments')
export const replicaSets = namespaced('apps/v1', 'ReplicaSet', 'replicasets')
export const daemonSets = namespaced('apps/v1', 'DaemonSet', 'daemonsets')
export const autoscalers = namespaced('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers')
export const gatewayClasses = clusterWide('gateway.networking.k8s.io/v1', 'GatewayClass', 'gatewayclasses')
export const gateways = namespaced('gateway.networking.k8s.io/v1', 'Gateway', 'gateways')
export const httpRoutes = namespaced('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes')
