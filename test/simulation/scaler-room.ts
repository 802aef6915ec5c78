import { deploymentKind, horizontalPodAutoscalerKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { scaledObjectKind } from '../support/cluster-hands.ts'
import type { SimStore } from './sim-store.ts'

interface ScalerSpec {
  readonly scaleTargetRef: { readonly name: string }
  readonly minReplicas?: number
  readonly maxReplicas?: number
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
}

const specOf = (scaler: KubeObject): ScalerSpec => scaler['spec'] as ScalerSpec

const bounded = (pods: number, least: number, most: number): number => Math.min(most, Math.max(least, pods))

/** Kubernetes' own scaler leaves what is parked alone. */
const byItsLoad = (scaler: KubeObject, replicas: number, needed: number): number => {
  const { minReplicas = 1, maxReplicas = 1 } = specOf(scaler)
  return replicas === 0 ? 0 : bounded(needed, minReplicas, maxReplicas)
}

/** KEDA gives pods to what is parked too, unless it is paused. */
const byItsTriggers = (scaler: KubeObject, needed: number): number => {
  const { minReplicaCount = 0, maxReplicaCount = 100 } = specOf(scaler)
  const paused = scaler.metadata.annotations?.['autoscaling.keda.sh/paused-replicas']
  return paused === undefined ? bounded(needed, minReplicaCount, maxReplicaCount) : Number(paused)
}

/** One round of all scalers; `needed` is what the load on a Deployment asks for. */
export const scaleAll = (store: SimStore, needed: (deployment: string) => number): void => {
  const scale = (scaler: KubeObject, wanted: (replicas: number, load: number) => number, manager: string): void => {
    const { name } = specOf(scaler).scaleTargetRef
    const key = { namespace: scaler.metadata.namespace ?? '', name }
    const found = store.stored(deploymentKind, key)
    if (!found) return
    const { replicas = 1 } = found['spec'] as { readonly replicas?: number }
    const given = wanted(replicas, needed(name))
    if (given !== replicas) store.cluster.patch(deploymentKind, key, { type: 'merge', body: { spec: { replicas: given } }, manager })
  }
  for (const scaler of store.storedAll(horizontalPodAutoscalerKind))
    scale(scaler, (replicas, load) => byItsLoad(scaler, replicas, load), 'horizontal-pod-autoscaler')
  for (const scaler of store.storedAll(scaledObjectKind)) scale(scaler, (_, load) => byItsTriggers(scaler, load), 'keda-operator')
}
