import type { KubeObject } from '../../../src/api/object.ts'
import { observed, observedObject } from '../../support/observed.ts'
import { good } from './shop.ts'
import { drain, envOf, gatewayRef, hostOf, type Provider, readinessProbe, usersRoute } from './shop-manifests.ts'

/*
 * What a controller of the field leaves in a namespace: objects that one really wrote, with pods that this cluster can run, and with
 * analyses for which nobody has to wait.
 */

type Fields = Readonly<Record<string, unknown>>

export interface Inherited {
  /** Namespace, and first label of the host that users ask for. */
  readonly name: string
  readonly provider: Provider
  /** The observed step at which everything stands. */
  readonly step: string
  /** Pods of the target; of its primary there are two. */
  readonly replicas: 0 | 2
  /** Fields of the status that are others than observed. */
  readonly status?: Fields
}

const specOf = (object: KubeObject): Fields => (object['spec'] ?? {}) as Fields
const isTheirs = ({ metadata }: KubeObject): boolean => metadata.ownerReferences !== undefined

/** The container of the version that was observed, as a program of this cluster. */
const runnable = (container: Fields): Fields => {
  const version = String(container['image']).replace(/^.*:/, '')
  const env = (container['env'] ?? []) as readonly Fields[]
  return {
    ...container,
    image: `serin-demo:${version}`,
    env: [...env, ...envOf(good(version)), drain],
    readinessProbe,
  }
}

interface Template {
  readonly spec: { readonly containers: readonly Fields[] }
}

const withPods = (deployment: KubeObject): KubeObject => {
  const { template, replicas: _, ...spec } = specOf(deployment) as Fields & { readonly template: Template }
  const pods = { ...template.spec, containers: template.spec.containers.map(runnable), terminationGracePeriodSeconds: 20 }
  const own = isTheirs(deployment) ? { replicas: 2 } : {}
  return { ...deployment, spec: { ...spec, ...own, template: { ...template, spec: pods } } }
}

/** Addresses are this cluster's to give. */
const withoutAddresses = (service: KubeObject): KubeObject => {
  const { clusterIP: _, clusterIPs: __, ...spec } = specOf(service)
  return { ...service, spec }
}

const withRoute = (route: KubeObject, name: string): KubeObject => ({
  ...route,
  spec: { ...specOf(route), parentRefs: [gatewayRef], hostnames: [hostOf({ name })] },
})

const analyses: Readonly<Record<Provider, Fields>> = {
  'gatewayapi:v1': { stepWeight: 20, maxWeight: 40 },
  kubernetes: { iterations: 3 },
  istio: { stepWeight: 20, maxWeight: 40 },
}

/** The Canary as its team has it in Git. */
const canaryOf = ({ name, provider, step }: Inherited): KubeObject => {
  const { status: _, ...canary } = observedObject(`${step}-canaries`, 'app')
  const { service, ...spec } = specOf(canary)
  const routed = provider === 'kubernetes' ? {} : { gatewayRefs: [gatewayRef] }
  const { gatewayRefs: __, ...reached } = service as Fields
  const analysis = { interval: '3s', threshold: 20, ...analyses[provider] }
  return { ...canary, spec: { ...spec, provider, service: { ...reached, hosts: [hostOf({ name })], ...routed }, analysis } }
}

const changed = (object: KubeObject, inherited: Inherited): KubeObject => {
  if (object.kind === 'Deployment') return withPods(object)
  if (object.kind === 'Service') return withoutAddresses(object)
  return object.kind === 'HTTPRoute' ? withRoute(object, inherited.name) : object
}

/** These stayed as they were in all steps. */
const atFirst = ['configmaps', 'secrets', 'hpa'].map(kind => `1-initialized-${kind}`)

const filesOf = ({ step, provider }: Inherited): readonly string[] => {
  const routes = provider === 'kubernetes' ? [] : ['httproutes']
  return [...atFirst, ...['deployments', 'services', ...routes].map(kind => `${step}-${kind}`)]
}

const stored = (inherited: Inherited): readonly KubeObject[] =>
  filesOf(inherited)
    .flatMap(observed)
    .map(object => {
      const { status: _, ...rest } = changed(object, inherited)
      return { ...rest, metadata: { ...rest.metadata, namespace: inherited.name } } as KubeObject
    })

/** What the team applies from Git. */
export const teamsObjects = (inherited: Inherited): readonly KubeObject[] => {
  const canary = canaryOf(inherited)
  return [
    ...stored(inherited).filter(object => !isTheirs(object)),
    ...(inherited.provider === 'kubernetes' ? [usersRoute({ name: inherited.name, service: 'app', port: 80 })] : []),
    { ...canary, metadata: { ...canary.metadata, namespace: inherited.name } },
  ]
}

/** What the other controller made of it, on behalf of this very Canary. */
export const theirObjects = (inherited: Inherited, uid: string): readonly KubeObject[] =>
  stored(inherited)
    .filter(isTheirs)
    .map(object => ({
      ...object,
      metadata: { ...object.metadata, ownerReferences: (object.metadata.ownerReferences ?? []).map(owner => ({ ...owner, uid })) },
    }))

/** The status that it wrote last. */
export const theirStatus = ({ step, status = {} }: Inherited): Fields => ({
  ...(observedObject(`${step}-canaries`, 'app')['status'] as Fields),
  ...status,
})
