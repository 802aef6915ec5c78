import type { KubeObject, ManagedFieldsEntry } from '../../../src/api/object.ts'
import { type ClusterApi, createClusterApi, type ResourceRef } from '../../../src/sandbox/apiserver/cluster-api.ts'
import type { JsonObject } from '../../../src/sandbox/apiserver/json-value.ts'
import { type Status, StatusError } from '../../../src/sandbox/apiserver/status.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

export const configMaps: ResourceRef = { apiVersion: 'v1', plural: 'configmaps' }
export const secrets: ResourceRef = { apiVersion: 'v1', plural: 'secrets' }
export const pods: ResourceRef = { apiVersion: 'v1', plural: 'pods' }
export const services: ResourceRef = { apiVersion: 'v1', plural: 'services' }
export const namespaces: ResourceRef = { apiVersion: 'v1', plural: 'namespaces' }
export const deployments: ResourceRef = { apiVersion: 'apps/v1', plural: 'deployments' }
export const replicaSets: ResourceRef = { apiVersion: 'apps/v1', plural: 'replicasets' }
export const definitions: ResourceRef = { apiVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions' }

/** Numbers that look random and are the same in every run. */
export const seeded = (seed = 1): (() => number) => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}

export interface Cluster {
  readonly api: ClusterApi
  readonly clock: VirtualClock
}

/** An empty cluster in virtual time. */
export const aCluster = (options: { readonly historyLimit?: number; readonly serviceCidr?: string } = {}): Cluster => {
  const clock = new VirtualClock()
  return { api: createClusterApi({ clock, random: seeded(), ...options }), clock }
}

export const at = (name: string, namespace = 'default') => ({ namespace, name })

export const aConfigMap = (name: string, data: Readonly<Record<string, string>> = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...metadata },
  data,
})

export const aDeployment = (name = 'web', spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default', ...metadata },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'web:1.0' }] },
    },
    ...spec,
  },
})

export const aPod = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'web', image: 'web:1.0' }], ...spec },
})

export const ownedBy = (owner: KubeObject, blocking = false): JsonObject => ({
  ownerReferences: [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      ...(blocking ? { blockOwnerDeletion: true } : {}),
    },
  ],
})

/** The answer with which something was refused. */
export const refusal = (act: () => unknown): Status => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof StatusError) return thrown.status
    throw thrown
  }
  throw new Error('it was not refused')
}

interface Application {
  readonly manager: string
  readonly force?: boolean
  readonly subresource?: 'status'
}

/** Server-side apply of configurations of one kind. */
export const applierOf =
  (api: ClusterApi, ref: ResourceRef) =>
  (config: JsonObject, options: Application): KubeObject => {
    const { name, namespace } = config['metadata'] as { name: string; namespace: string }
    return api.patch(ref, { name, namespace }, { type: 'apply', body: config, ...options })
  }

export const entryOf = (object: KubeObject, manager: string): ManagedFieldsEntry | undefined =>
  object.metadata.managedFields?.find(entry => entry.manager === manager)
