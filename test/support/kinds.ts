import type { KindRef, KubeObject, ObjectMeta } from '../../src/api/object.ts'

export const deployments: KindRef = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }
export const configMaps: KindRef = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true }
export const secrets: KindRef = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true }

/** A Deployment; anything in its metadata or beside it may be overridden. */
export const aDeployment = (metadata: Partial<ObjectMeta> = {}, rest: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'test', name: 'podinfo', ...metadata },
  spec: { replicas: 1 },
  ...rest,
})
