import type { Deployment, ReplicaSet } from '../objects/workloads.ts'
import { isComplete } from './deployment-status.ts'
import {
  annotationNumber,
  annotations,
  type DeploymentWorld,
  deploymentFences,
  hasPods,
  isRecreate,
  revisionOf,
} from './deployment-view.ts'
import { controllerUid } from './plan.ts'
import { proportionalSizes } from './proportional-scaling.ts'
import { nextFresh, nextOld, type Rollout, type Share } from './rolling-update.ts'

/** The world with the ReplicaSets told apart: `fresh` runs the present template. */
export interface Sorted extends DeploymentWorld {
  readonly fresh: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

/** How the ReplicaSets should change next. */
export interface Step {
  /** Replicas of the ReplicaSet of the present template that is to be made. */
  readonly create?: number
  /** New sizes by name; those not named stay. */
  readonly sizes: ReadonlyMap<string, number>
  readonly remove: readonly ReplicaSet[]
}

const sizing = (sizes: Iterable<readonly [string, number]>): Step => ({ sizes: new Map(sizes), remove: [] })
const stay = sizing([])

const shareOf = (replicaSet: ReplicaSet): Share => ({ replicas: replicaSet.spec.replicas, available: replicaSet.status.availableReplicas })

const sizedTo = (replicaSets: readonly ReplicaSet[], replicas: number): Step =>
  sizing(replicaSets.map(one => [one.metadata.name, replicas] as const))

/** The one ReplicaSet that a resize concerns when no rollout is running; undefined when several have pods. */
const onlyOne = ({ replicaSets, fresh, old }: Sorted): ReplicaSet | undefined => {
  const active = replicaSets.filter(hasPods)
  if (active.length > 1) return undefined
  return active[0] ?? fresh ?? old.toSorted((a, b) => revisionOf(b) - revisionOf(a))[0]
}

const isSaturated = ({ spec }: Deployment, fresh: ReplicaSet | undefined): boolean =>
  fresh !== undefined &&
  fresh.spec.replicas === spec.replicas &&
  fresh.status.availableReplicas === spec.replicas &&
  annotationNumber(fresh, annotations.desiredReplicas) === spec.replicas

/** Follows a change of `spec.replicas`, in the middle of a rollout or not. */
const resize = (world: Sorted): Step => {
  const { deployment, replicaSets, fresh, old } = world
  const only = onlyOne(world)
  if (only) return sizedTo([only], deployment.spec.replicas)
  if (isSaturated(deployment, fresh)) return sizedTo(old.filter(hasPods), 0)
  if (isRecreate(deployment)) return stay
  const { maxSurge } = deploymentFences(deployment)
  const scalables = replicaSets.filter(hasPods).map(one => ({
    name: one.metadata.name,
    replicas: one.spec.replicas,
    maxReplicasThen: annotationNumber(one, annotations.maxReplicas) ?? (deployment.status.replicas || deployment.spec.replicas + maxSurge),
    createdAt: one.metadata.creationTimestamp ?? '',
  }))
  return sizing(proportionalSizes(scalables, { wanted: deployment.spec.replicas, maxSurge }))
}

/** Old ReplicaSets without pods beyond those the Deployment wants to remember, lowest revision first. */
const beyondHistory = ({ deployment, old }: Sorted): ReplicaSet[] => {
  const kept = old.filter(one => one.metadata.deletionTimestamp === undefined)
  const surplus = Math.max(0, kept.length - deployment.spec.revisionHistoryLimit)
  const isEmpty = (one: ReplicaSet) =>
    !hasPods(one) && one.status.replicas === 0 && one.status.observedGeneration >= (one.metadata.generation ?? 0)
  return kept
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .slice(0, surplus)
    .filter(isEmpty)
}

const tidy = (world: Sorted): Step => ({ ...stay, remove: beyondHistory(world) })

const whenComplete = (world: Sorted): Step => (isComplete(world.deployment, world.deployment.status) ? tidy(world) : stay)

const roll = (world: Sorted): Step => {
  const { deployment, fresh, old } = world
  const rollout: Rollout = {
    wanted: deployment.spec.replicas,
    fences: deploymentFences(deployment),
    fresh: fresh ? shareOf(fresh) : { replicas: 0, available: 0 },
    old: old.map(shareOf),
  }
  const size = nextFresh(rollout)
  if (!fresh) return { ...stay, create: size }
  if (size !== fresh.spec.replicas) return sizedTo([fresh], size)
  const oldSizes = nextOld(rollout)
  const changed = old.flatMap((one, index) =>
    oldSizes[index] === one.spec.replicas ? [] : [[one.metadata.name, oldSizes[index] ?? 0] as const],
  )
  return changed.length > 0 ? sizing(changed) : whenComplete(world)
}

/** Whether a pod of an older template may still be at work: Recreate never lets two versions run together. */
const oldPodsRun = ({ old, pods, fresh }: Sorted): boolean =>
  old.some(one => one.status.replicas > 0) ||
  pods.some(pod => controllerUid(pod) !== fresh?.metadata.uid && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed')

const recreate = (world: Sorted): Step => {
  const { deployment, fresh, old } = world
  if (old.some(hasPods)) return sizedTo(old.filter(hasPods), 0)
  if (oldPodsRun(world)) return stay
  if (!fresh) return { ...stay, create: deployment.spec.replicas }
  return fresh.spec.replicas === deployment.spec.replicas ? whenComplete(world) : sizedTo([fresh], deployment.spec.replicas)
}

const wasResized = ({ deployment, replicaSets }: Sorted): boolean =>
  replicaSets.filter(hasPods).some(one => {
    const then = annotationNumber(one, annotations.desiredReplicas)
    return then !== undefined && then !== deployment.spec.replicas
  })

/** One step towards what the Deployment asks for. Called again and again, it gets there and then stays. */
export const nextStep = (world: Sorted): Step => {
  if (world.deployment.metadata.deletionTimestamp !== undefined) return stay
  if (world.deployment.spec.paused) return { ...resize(world), remove: beyondHistory(world) }
  if (wasResized(world)) return resize(world)
  return isRecreate(world.deployment) ? recreate(world) : roll(world)
}
