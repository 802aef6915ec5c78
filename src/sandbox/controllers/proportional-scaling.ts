/** A ReplicaSet with pods in the middle of a rollout whose Deployment was resized. */
export interface Scalable {
  readonly name: string
  readonly replicas: number
  /** Replicas plus surge of the Deployment when this one was last sized. */
  readonly maxReplicasThen: number
  readonly createdAt: string
}

export interface Resize {
  /** Replicas that the Deployment asks for now. */
  readonly wanted: number
  readonly maxSurge: number
}

/** Largest first; of equal ones the newer first when growing, the older first when shrinking. */
const bySize =
  (growing: boolean) =>
  (a: Scalable, b: Scalable): number =>
    b.replicas - a.replicas || (growing ? b.createdAt.localeCompare(a.createdAt) : a.createdAt.localeCompare(b.createdAt))

/** By how much this one changes when its share of the whole stays what it was, never past what is left to give or take. */
const shareOf = (one: Scalable, { wanted, maxSurge }: Resize, left: number): number => {
  if (one.replicas === 0 || left === 0) return 0
  const fair = wanted === 0 ? -one.replicas : Math.round((one.replicas * (wanted + maxSurge)) / one.maxReplicasThen) - one.replicas
  return left > 0 ? Math.min(fair, left) : Math.max(fair, left)
}

/**
 * New sizes by name when a Deployment is resized in the middle of a rollout: the change is spread over all ReplicaSets with pods in
 * proportion, so that a broken new version does not get all the new pods. What rounding leaves over goes to the largest.
 */
export const proportionalSizes = (scalables: readonly Scalable[], resize: Resize): ReadonlyMap<string, number> => {
  const allowed = resize.wanted > 0 ? resize.wanted + resize.maxSurge : 0
  const change = allowed - scalables.reduce((sum, one) => sum + one.replicas, 0)
  let left = change
  const sizes = scalables.toSorted(bySize(change > 0)).map(one => {
    const given = change === 0 ? 0 : shareOf(one, resize, left)
    left -= given
    return { name: one.name, replicas: one.replicas + given }
  })
  return new Map(sizes.map(({ name, replicas }, index) => [name, index === 0 ? Math.max(0, replicas + left) : replicas]))
}
