import { deploymentKind, endpointSliceKind } from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { keyOf } from '../../src/api/object.ts'
import type { ClusterApi } from '../../src/sandbox/apiserver/cluster-api.ts'

export const httpRouteKind: KindRef = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
  namespaced: true,
}

/** What the controllers of a cluster make of one object: its next status, or undefined when that stands. */
type Works = (object: KubeObject) => Readonly<Record<string, unknown>> | undefined

const podsAreReady: Works = ({ metadata, spec, status }) => {
  const { replicas = 1 } = spec as { readonly replicas?: number }
  const { observedGeneration, replicas: pods } = (status ?? {}) as { readonly observedGeneration?: number; readonly replicas?: number }
  if (observedGeneration === metadata.generation && pods === replicas) return undefined
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas }
  const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: `deployment is ${type.toLowerCase()}` })
  return {
    observedGeneration: metadata.generation,
    ...counts,
    conditions: [condition('Available', 'MinimumReplicasAvailable'), condition('Progressing', 'NewReplicaSetAvailable')],
  }
}

interface RouteStatus {
  readonly parents?: readonly { readonly conditions?: readonly { readonly observedGeneration?: number }[] }[]
}

/** Its controller reports for this generation that it took the route. */
export const routeIsTaken: Works = ({ metadata: { generation }, spec, status }) => {
  const reported = (status as RouteStatus | undefined)?.parents?.[0]?.conditions?.[0]?.observedGeneration
  if (reported === generation) return undefined
  const { parentRefs } = spec as { readonly parentRefs: readonly unknown[] }
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    observedGeneration: generation,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }))
  return { parents: parentRefs.map(parentRef => ({ parentRef, controllerName: 'bench.example/gateway', conditions })) }
}

const deploymentShelf = 'deployments.apps'

const workers: readonly (readonly [KindRef, string, Works])[] = [
  [deploymentKind, deploymentShelf, podsAreReady],
  [httpRouteKind, 'httproutes.gateway.networking.k8s.io', routeIsTaken],
]

/** Pods and gateways answer in so short a time: enough to be real, too short to be what is measured. */
const reactionMs = 50

/** The slice of a Service: the pods of the Deployment that its selector names. */
const sliceOf = (store: ClusterApi, { metadata: { name, namespace = '', labels }, spec }: KubeObject): KubeObject => {
  const { selector } = spec as { readonly selector?: Readonly<Record<string, string>> }
  const deployment = store.kernel.storage.get(deploymentShelf, `${namespace}/${selector?.['app']}`)
  const { availableReplicas = 0 } = (deployment?.['status'] ?? {}) as { readonly availableReplicas?: number }
  const endpoints = Array.from({ length: availableReplicas }, (_, index) => ({
    addresses: [`10.1.0.${index + 1}`],
    conditions: { ready: true },
    targetRef: { kind: 'Pod', name: `${selector?.['app']}-${index}` },
  }))
  const metadata = { name: `${name}-1`, namespace, labels: { ...labels, 'kubernetes.io/service-name': name } }
  const { apiVersion, kind } = endpointSliceKind
  return { apiVersion, kind, metadata, addressType: 'IPv4', endpoints, ports: [] }
}

/** Services lead to pods: all those of a namespace are looked at when one of them, or a Deployment there, has changed. */
const startEndpoints = (store: ClusterApi): void => {
  const changed = new Set<string>()
  const note = ({ object }: { readonly object: KubeObject }) => void changed.add(object.metadata.namespace ?? '')
  store.kernel.storage.subscribe('services', note)
  store.kernel.storage.subscribe(deploymentShelf, note)
  setInterval(() => {
    const services = changed.size === 0 ? [] : store.kernel.storage.list('services')
    for (const service of services.filter(({ metadata }) => changed.has(metadata.namespace ?? ''))) {
      const slice = sliceOf(store, service)
      store.patch(endpointSliceKind, keyOf(slice), { type: 'apply', body: slice, manager: 'cluster', force: true })
    }
    changed.clear()
  }, reactionMs)
}

/** Makes Deployments ready, Services lead to their pods and routes accepted, behind the API server's back: it costs no request, and the one who is measured nothing. */
export const startClusterWork = (store: ClusterApi): void => {
  startEndpoints(store)
  for (const [kind, shelf, works] of workers) {
    const changed = new Map<string, KubeObject>()
    store.kernel.storage.subscribe(shelf, ({ type, key, object }) => {
      if (type === 'DELETED') changed.delete(key)
      else changed.set(key, object)
    })
    const react = () => {
      for (const [key, object] of [...changed]) {
        changed.delete(key)
        const status = works(object)
        if (status) store.patch(kind, keyOf(object), { type: 'merge', body: { status }, subresource: 'status', manager: 'cluster' })
      }
    }
    setInterval(react, reactionMs)
  }
}
