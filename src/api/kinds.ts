import type { KindRef } from './object.ts'

/** What the rest of the house calls each kind of the Kubernetes API. Kinds of one mesh or scaler only stand in its provider's file. */
const namespaced = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: true })

export const canaryKind = namespaced('flagger.app/v1beta1', 'Canary', 'canaries')
export const metricTemplateKind = namespaced('flagger.app/v1beta1', 'MetricTemplate', 'metrictemplates')
export const alertProviderKind = namespaced('flagger.app/v1beta1', 'AlertProvider', 'alertproviders')

export const deploymentKind = namespaced('apps/v1', 'Deployment', 'deployments')
export const daemonSetKind = namespaced('apps/v1', 'DaemonSet', 'daemonsets')
export const controllerRevisionKind = namespaced('apps/v1', 'ControllerRevision', 'controllerrevisions')
export const horizontalPodAutoscalerKind = namespaced('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers')

/** Both the target and what routes to it, where a Canary is one of Knative. */
export const knativeServiceKind = namespaced('serving.knative.dev/v1', 'Service', 'services')

export const serviceKind = namespaced('v1', 'Service', 'services')
export const podKind = namespaced('v1', 'Pod', 'pods')
export const endpointSliceKind = namespaced('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices')
export const configMapKind = namespaced('v1', 'ConfigMap', 'configmaps')
export const secretKind = namespaced('v1', 'Secret', 'secrets')

export const eventKind = namespaced('v1', 'Event', 'events')
export const leaseKind = namespaced('coordination.k8s.io/v1', 'Lease', 'leases')
