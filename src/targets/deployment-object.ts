import { deploymentKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/object.ts'
import { type PodWorkload, type PodWorkloadSpec, podSpecOf } from './pod-workload.ts'

export interface DeploymentCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly DeploymentCondition[]
}

export interface DeploymentSpec extends PodWorkloadSpec {
  readonly replicas?: number
  readonly paused?: boolean
}

/** The parts of a Deployment that are read here; the API server has validated them. */
export interface Deployment {
  readonly spec: DeploymentSpec
  readonly status: DeploymentStatus
}

export const deploymentOf = (object: KubeObject): Deployment => ({
  spec: podSpecOf(object),
  status: (object['status'] ?? {}) as DeploymentStatus,
})

/** Pods it asks for; the API server reads absence as one. */
export const replicasOf = ({ spec }: Deployment): number => spec.replicas ?? 1

/** A Deployment: parked means no replicas. */
export const deploymentPods: PodWorkload = {
  kind: deploymentKind,
  settings: ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'],
  hasReplicas: true,
  template: object => podSpecOf(object).template,
  pods: object => replicasOf(deploymentOf(object)),
  emptied: object => ({ ...object, spec: { ...podSpecOf(object), replicas: 0 } }),
  misfit: () => undefined,
}
