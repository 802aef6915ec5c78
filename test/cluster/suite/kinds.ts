import type { KindRef } from '../../../src/api/object.ts'

const namespaced = (apiVersion: string, kind: string, plural: string): KindRef => ({ apiVersion, kind, plural, namespaced: true })

export const services = namespaced('v1', 'Service', 'services')
export const pods = namespaced('v1', 'Pod', 'pods')
export const events = namespaced('v1', 'Event', 'events')
export const deployments = namespaced('apps/v1', 'Deployment', 'deployments')
export const daemonSets = namespaced('apps/v1', 'DaemonSet', 'daemonsets')
export const controllerRevisions = namespaced('apps/v1', 'ControllerRevision', 'controllerrevisions')
export const canaries = namespaced('flagger.app/v1beta1', 'Canary', 'canaries')
export const leases = namespaced('coordination.k8s.io/v1', 'Lease', 'leases')
export const roles = namespaced('rbac.authorization.k8s.io/v1', 'Role', 'roles')
export const clusterRoles: KindRef = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
}
export const virtualServices = namespaced('networking.istio.io/v1', 'VirtualService', 'virtualservices')
export const destinationRules = namespaced('networking.istio.io/v1', 'DestinationRule', 'destinationrules')
export const httpRoutes = namespaced('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes')
