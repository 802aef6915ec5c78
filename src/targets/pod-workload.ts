import type { Json, KindRef, KubeObject } from '../api/object.ts'
import type { StringMap } from './pod-template.ts'

/** The parts of the spec that every kind of workload with pods has; the API server has validated them. */
export interface PodWorkloadSpec {
  readonly selector: { readonly matchLabels?: StringMap }
  readonly template: Json
  readonly [field: string]: unknown
}

export const podSpecOf = (object: KubeObject): PodWorkloadSpec => object['spec'] as PodWorkloadSpec

/** What tells one kind of workload with pods from the others. */
export interface PodWorkload {
  readonly kind: KindRef
  /** Fields of the spec beside the template that a primary takes over with each promotion. */
  readonly settings: readonly string[]
  /** Whether it is told how many pods to have, and a scaler may tell it. */
  readonly hasReplicas: boolean
  /** The pod template without what parking adds. */
  template(object: KubeObject): Json
  /** Pods it asks for now; 0 when it is parked. */
  pods(object: KubeObject): number
  /** The object as if it were parked, with no pods. */
  emptied(object: KubeObject): KubeObject
  /** Why no primary can be made from such a target; undefined when one can. */
  misfit(object: KubeObject): string | undefined
}
