import type { Json, KubeObject } from '../api/object.ts'
import type { StringMap } from './pod-template.ts'

export interface DeploymentCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly lastUpdateTime?: string
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly conditions?: readonly DeploymentCondition[]
}

export interface DeploymentSpec {
  readonly replicas?: number
  readonly paused?: boolean
  readonly selector: { readonly matchLabels?: StringMap }
  readonly template: Json
  readonly [field: string]: unknown
}

/** The parts of a Deployment that are read here; the API server has validated them. */
export interface Deployment {
  readonly spec: DeploymentSpec
  readonly status: DeploymentStatus
}

export const deploymentOf = (object: KubeObject): Deployment => ({
  spec: object['spec'] as DeploymentSpec,
  status: (object['status'] ?? {}) as DeploymentStatus,
})

/** Pods it asks for; the API server reads absence as one. */
export const replicasOf = ({ spec }: Deployment): number => spec.replicas ?? 1
