import type { Canary } from '../../src/api/canary.ts'
import { serviceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { nothingLive } from '../../src/core/live.ts'
import { deepFreeze } from '../../src/kube/freeze.ts'
import { desiredServices, type ServiceSource } from '../../src/routing/services.ts'
import { aCanary } from '../support/builders.ts'
import { RoutingWorld } from './routing-world.ts'

export type Fields = Readonly<Record<string, unknown>>

export const label = { key: 'app', value: 'podinfo' }
export const flux = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled', 'helm.toolkit.fluxcd.io/driftDetection': 'disabled' }
export const originalMark = 'flagger.kubernetes.io/original-configuration'

export const canaryWith = (service: Fields = {}): Canary => deepFreeze(aCanary({ spec: { service: { port: 9898, ...service } } }))

export const servicesOf = (canary: Canary, change: Partial<ServiceSource> = {}) =>
  desiredServices(deepFreeze({ canary, label, ports: [], live: nothingLive, apexSelects: 'primary', ...change }))

export const specOf = (object: KubeObject | undefined): Fields => (object?.['spec'] ?? {}) as Fields

export const service = (name: string, spec: Fields, metadata: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'test', ...metadata },
  spec,
})

export const usersApex = (spec: Fields = {}, metadata: Fields = {}) =>
  service(
    'podinfo',
    { selector: { app: 'podinfo', tier: 'web' }, ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }], ...spec },
    metadata,
  )

/** The Services of a Canary as they stand once they were applied. */
export const standing = (canary: Canary, others: readonly KubeObject[] = []) => {
  const world = new RoutingWorld(others)
  world.apply(Object.values(servicesOf(canary, { live: world })))
  return world
}

export const apexIn = (world: RoutingWorld) => world.get(serviceKind, { namespace: 'test', name: 'podinfo' })

export const edited = (object: KubeObject | undefined, spec: Fields, metadata: Fields = {}): KubeObject => {
  if (!object) throw new Error('there is nothing to edit')
  return { ...object, metadata: { ...object.metadata, ...metadata }, spec: { ...specOf(object), ...spec } }
}
