import type { Pod } from '../objects/pod.ts'
import { annotationsOf, type Labels } from '../objects/view.ts'
import type { Deployment, ReplicaSet } from '../objects/workloads.ts'
import { type Fences, fencesOf } from './rolling-update.ts'

/** A Deployment and everything that belongs to it, read at one moment. */
export interface DeploymentWorld {
  readonly deployment: Deployment
  /** Those it controls, oldest first. */
  readonly replicaSets: readonly ReplicaSet[]
  /** Pods of its ReplicaSets; only Recreate asks for them. */
  readonly pods: readonly Pod[]
  readonly nowMs: number
}

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const

export const isRecreate = (deployment: Deployment): boolean => deployment.spec.strategy.type === 'Recreate'

export const deploymentFences = (deployment: Deployment): Fences =>
  isRecreate(deployment)
    ? { maxSurge: 0, maxUnavailable: 0 }
    : fencesOf(deployment.spec.strategy.rollingUpdate ?? {}, deployment.spec.replicas)

/** What each ReplicaSet remembers of the Deployment's size, so that a later resize is noticed and spread fairly. */
export const sizeAnnotations = (deployment: Deployment): Labels => ({
  [annotations.desiredReplicas]: String(deployment.spec.replicas),
  [annotations.maxReplicas]: String(deployment.spec.replicas + deploymentFences(deployment).maxSurge),
})

export const annotationNumber = (replicaSet: ReplicaSet, name: string): number | undefined => {
  const value = Number.parseInt(annotationsOf(replicaSet)[name] ?? '', 10)
  return Number.isNaN(value) ? undefined : value
}

export const revisionOf = (replicaSet: ReplicaSet): number => annotationNumber(replicaSet, annotations.revision) ?? 0

export const hasPods = (replicaSet: ReplicaSet): boolean => replicaSet.spec.replicas > 0
