import { isDeepStrictEqual } from 'node:util'
import {
  daemonSetKind,
  deploymentKind,
  endpointSliceKind,
  horizontalPodAutoscalerKind,
  knativeServiceKind,
  serviceKind,
} from '../../src/api/kinds.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import { knativeRevisionKind } from '../../src/targets/knative-revision.ts'
import { type EndpointMood, endpointsOf, replicaSetOf } from './endpoints.ts'
import type { FakeKubeApi } from './fake-kube-api.ts'
import { httpRouteKind } from './team.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a test makes of the cluster's own controllers. */
export interface ClusterMood extends EndpointMood {
  /** Deployments, or Deployments with an image (`podinfo podinfo:v2`), whose pods do not come up. */
  readonly broken: ReadonlySet<string>
  /** Ready pods of a Deployment where not all come up. */
  readonly readyPods: Readonly<Record<string, number>>
  /** Deployments, or Deployments with an image, whose new pods do not come up, while the old ones serve on. */
  readonly rolling: ReadonlySet<string>
  /** Deployments that their controller has not looked at yet: their status is the one of before. */
  readonly unseen: ReadonlySet<string>
  readonly acceptRoutes: boolean
  /** Pods that the autoscaler of a Deployment asks for; `as it is`: those that it has. */
  readonly load: Readonly<Record<string, number | 'as it is'>>
}

export const imageOf = (deployment: KubeObject): string => {
  const spec = deployment['spec'] as { template: { spec: { containers: { image: string }[] } } }
  return spec.template.spec.containers[0]?.image ?? ''
}

const specOf = (object: KubeObject): Fields => object['spec'] as Fields

/** One round of what the controllers of a cluster do. */
export const workOnce = (api: FakeKubeApi, mood: ClusterMood): void => {
  const put = (objects: readonly (KubeObject | undefined)[]): void => {
    for (const object of objects) if (object) api.put(object)
  }
  put(api.storedAll(horizontalPodAutoscalerKind).map(scaler => scaled(api, scaler, mood)))
  put(api.storedAll(scaledObjectKind).map(scaler => drivenByEvents(api, scaler, mood)))
  put(api.storedAll(deploymentKind).map(deployment => rolledOut(api, deployment, mood)))
  if (api.watches(endpointSliceKind.kind).length > 0) put(api.storedAll(serviceKind).map(service => endpointsOf(api, service, mood)))
  for (const service of api.storedAll(knativeServiceKind)) put(reconciled(api, service, mood))
  put(api.storedAll(daemonSetKind).map(daemonSet => onEachNode(daemonSet, mood)))
  if (mood.acceptRoutes) put(api.storedAll(httpRouteKind).map(accepted))
}

export const scaledObjectKind: KindRef = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  plural: 'scaledobjects',
  namespaced: true,
}

/** What KEDA does to its Deployment: it gives pods to a parked one too, and what its pause says always. */
const drivenByEvents = (api: FakeKubeApi, scaler: KubeObject, { load }: ClusterMood): KubeObject | undefined => {
  const { scaleTargetRef, ...bounds } = specOf(scaler) as { readonly scaleTargetRef: { readonly name: string } }
  const { minReplicaCount = 0, maxReplicaCount = 100 } = bounds as { minReplicaCount?: number; maxReplicaCount?: number }
  const deployment = api.stored(deploymentKind, { namespace: scaler.metadata.namespace ?? '', name: scaleTargetRef.name })
  if (!deployment) return undefined
  const { replicas = 1 } = specOf(deployment) as { readonly replicas?: number }
  const asked = load[scaleTargetRef.name] ?? 'as it is'
  const paused = scaler.metadata.annotations?.['autoscaling.keda.sh/paused-replicas']
  const wanted = Math.min(maxReplicaCount, Math.max(minReplicaCount, asked === 'as it is' ? replicas : asked))
  const given = paused === undefined ? wanted : Number(paused)
  return given === replicas ? undefined : sizedAt(deployment, given)
}

const sizedAt = (deployment: KubeObject, replicas: number): KubeObject => ({
  ...deployment,
  metadata: { ...deployment.metadata, generation: (deployment.metadata.generation ?? 1) + 1 },
  spec: { ...specOf(deployment), replicas },
})

/** What an autoscaler does to its Deployment: nothing while that is parked. */
const scaled = (api: FakeKubeApi, scaler: KubeObject, { load }: ClusterMood): KubeObject | undefined => {
  const {
    scaleTargetRef,
    minReplicas = 1,
    maxReplicas,
  } = specOf(scaler) as {
    readonly scaleTargetRef: { readonly name: string }
    readonly minReplicas?: number
    readonly maxReplicas: number
  }
  const deployment = api.stored(deploymentKind, { namespace: scaler.metadata.namespace ?? '', name: scaleTargetRef.name })
  const { replicas = 1 } = (deployment ? specOf(deployment) : {}) as { readonly replicas?: number }
  const asked = load[scaleTargetRef.name] ?? 0
  const wanted = Math.min(maxReplicas, Math.max(minReplicas, asked === 'as it is' ? replicas : asked))
  return !deployment || replicas === 0 || replicas === wanted ? undefined : sizedAt(deployment, wanted)
}

/** Whether the mood names the workload, or the workload with its image. */
const isNamed = (names: ReadonlySet<string>, object: KubeObject): boolean =>
  names.has(object.metadata.name) || names.has(`${object.metadata.name} ${imageOf(object)}`)

/** The cluster of these tests has two nodes without labels: a DaemonSet that asks for one has no pods. */
const nodes = 2

interface KnativeStatus {
  readonly latestCreatedRevisionName?: string
  readonly latestReadyRevisionName?: string
}

/** What Knative does with a Service: a revision for each template, and a status that says where requests go. */
const reconciled = (api: FakeKubeApi, object: KubeObject, mood: ClusterMood): readonly (KubeObject | undefined)[] => {
  const before = (object['status'] ?? {}) as KnativeStatus
  const key = { namespace: object.metadata.namespace ?? '', name: before.latestCreatedRevisionName ?? '' }
  const revision = latestRevision(object, api.stored(knativeRevisionKind, key), mood)
  return [revision, served(object, revision.metadata.name, mood)]
}

const latestRevision = (object: KubeObject, latest: KubeObject | undefined, { broken }: ClusterMood): KubeObject => {
  const { template } = specOf(object) as { template: { spec: Fields } }
  const { latestCreatedRevisionName = '-0' } = (object['status'] ?? {}) as KnativeStatus
  const isSame = latest !== undefined && isDeepStrictEqual(latest['spec'], template.spec)
  const number = Number(latestCreatedRevisionName.split('-').at(-1)) + (isSame ? 0 : 1)
  const { name, namespace = '' } = object.metadata
  const condition = isNamed(broken, object) ? { type: 'Ready', status: 'Unknown', reason: 'Deploying' } : { type: 'Ready', status: 'True' }
  return {
    ...knativeRevision,
    metadata: isSame ? latest.metadata : { name: `${name}-${String(number).padStart(5, '0')}`, namespace },
    spec: template.spec,
    status: { conditions: [condition] },
  }
}

const knativeRevision = { apiVersion: knativeRevisionKind.apiVersion, kind: knativeRevisionKind.kind } as const

const served = (object: KubeObject, revisionName: string, { broken, acceptRoutes }: ClusterMood): KubeObject | undefined => {
  const { traffic } = specOf(object) as { traffic: readonly Fields[] }
  const { latestReadyRevisionName = '' } = (object['status'] ?? {}) as KnativeStatus
  const ready = isNamed(broken, object) ? latestReadyRevisionName : revisionName
  const status = {
    observedGeneration: object.metadata.generation,
    latestCreatedRevisionName: revisionName,
    latestReadyRevisionName: ready,
    traffic: traffic.map(entry => (entry['latestRevision'] === true ? { ...entry, revisionName: ready } : entry)),
    conditions: [{ type: 'RoutesReady', status: acceptRoutes ? 'True' : 'Unknown' }],
  }
  return isDeepStrictEqual(object['status'], status) ? undefined : { ...object, status }
}

/** Status of a DaemonSet whose pods came up at once; undefined when it says so already. */
const onEachNode = (object: KubeObject, { broken, readyPods, rolling }: ClusterMood): KubeObject | undefined => {
  const { name, generation = 1 } = object.metadata
  const { template } = specOf(object) as { template: { spec: { nodeSelector?: Fields } } }
  const desired = Object.keys(template.spec.nodeSelector ?? {}).length > 0 ? 0 : nodes
  const available = isNamed(broken, object) ? 0 : Math.min(desired, readyPods[name] ?? desired)
  const status = {
    observedGeneration: generation,
    desiredNumberScheduled: desired,
    currentNumberScheduled: desired,
    updatedNumberScheduled: isNamed(rolling, object) ? 0 : desired,
    numberAvailable: available,
    numberReady: available,
  }
  return isDeepStrictEqual(object['status'], status) ? undefined : { ...object, status }
}

/** Status of a Deployment whose pods came up at once; undefined when it says so already. */
const rolledOut = (api: FakeKubeApi, object: KubeObject, { broken, readyPods, rolling, unseen }: ClusterMood): KubeObject | undefined => {
  if (unseen.has(object.metadata.name)) return undefined
  const { replicas = 1 } = specOf(object) as { replicas?: number }
  const { name, generation = 1 } = object.metadata
  const before = object['status'] as Fields | undefined
  const isIn = (names: ReadonlySet<string>): boolean => isNamed(names, object)
  const available = isIn(broken) ? 0 : Math.min(replicas, readyPods[name] ?? replicas)
  const updated = isIn(rolling) ? 0 : replicas
  if (before?.['observedGeneration'] === generation && before['updatedReplicas'] === updated && before['availableReplicas'] === available)
    return undefined
  const status = {
    observedGeneration: generation,
    replicas,
    updatedReplicas: updated,
    readyReplicas: available,
    availableReplicas: available,
    conditions: [progressing(object, before, api.serverNowMs())],
  }
  return { ...object, status }
}

interface Condition {
  readonly type: string
  readonly message: string
}

/** The newest ReplicaSet is named, with the time at which it began to be. */
const progressing = (object: KubeObject, before: Fields | undefined, nowMs: number) => {
  const message = `ReplicaSet "${replicaSetOf(object)}" has successfully progressed.`
  const known = ((before?.['conditions'] ?? []) as readonly Condition[]).find(one => one.type === 'Progressing')
  const lastUpdateTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  return known?.message === message
    ? known
    : { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message, lastUpdateTime }
}

/** A gateway's controller takes every route. */
const accepted = (object: KubeObject): KubeObject | undefined => {
  const generation = object.metadata.generation ?? 1
  const status = object['status'] as { parents?: { conditions: { observedGeneration: number }[] }[] } | undefined
  if (status?.parents?.[0]?.conditions[0]?.observedGeneration === generation) return undefined
  const [parentRef] = specOf(object)['parentRefs'] as readonly unknown[]
  const conditions = ['Accepted', 'ResolvedRefs'].map(type => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    observedGeneration: generation,
  }))
  return { ...object, status: { parents: [{ parentRef, controllerName: 'test', conditions }] } }
}
