import { conditionOf, type Finding } from '../objects/conditions.ts'
import { type Condition, timestamp } from '../objects/view.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../objects/workloads.ts'
import { deploymentFences } from './deployment-view.ts'
import { sum } from './plan.ts'

export const progressReasons = {
  created: 'NewReplicaSetCreated',
  found: 'FoundNewReplicaSet',
  updated: 'ReplicaSetUpdated',
  complete: 'NewReplicaSetAvailable',
  deadline: 'ProgressDeadlineExceeded',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const

type Counts = Pick<
  DeploymentStatus,
  'observedGeneration' | 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas' | 'unavailableReplicas'
>

const actual = (replicaSets: readonly ReplicaSet[]): number => sum(replicaSets, one => one.status.replicas)

/** The numbers of a Deployment's status, from those of its ReplicaSets. */
export const countsOf = (deployment: Deployment, replicaSets: readonly ReplicaSet[], fresh: ReplicaSet | undefined): Counts => {
  const availableReplicas = sum(replicaSets, one => one.status.availableReplicas)
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: actual(replicaSets),
    updatedReplicas: fresh ? actual([fresh]) : 0,
    readyReplicas: sum(replicaSets, one => one.status.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(replicaSets, one => one.spec.replicas) - availableReplicas),
  }
}

/** Whether every pod is of the present template and serves, and no other is left. */
export const isComplete = ({ spec, metadata }: Deployment, status: Counts): boolean =>
  status.updatedReplicas === spec.replicas &&
  status.replicas === spec.replicas &&
  status.availableReplicas === spec.replicas &&
  status.observedGeneration >= (metadata.generation ?? 0)

const hasProgressed = ({ status: before }: Deployment, now: Counts): boolean =>
  now.updatedReplicas > before.updatedReplicas ||
  now.replicas - now.updatedReplicas < before.replicas - before.updatedReplicas ||
  now.readyReplicas > before.readyReplicas ||
  now.availableReplicas > before.availableReplicas

const deadlineMs = ({ spec }: Deployment): number => spec.progressDeadlineSeconds * 1000

/** The API writes "no deadline" as the largest number it has. */
export const hasDeadline = ({ spec }: Deployment): boolean => spec.progressDeadlineSeconds < 2 ** 31 - 1

const noteworthyMs = (condition: Condition): number => Date.parse(condition.lastUpdateTime ?? condition.lastTransitionTime ?? '')

/** Milliseconds until the progress deadline of an unfinished rollout; undefined when none is running against it. */
export const deadlineInMs = (deployment: Deployment, conditions: readonly Condition[], nowMs: number): number | undefined => {
  const progressing = conditionOf(conditions, 'Progressing')
  if (!hasDeadline(deployment) || !progressing || deployment.spec.paused) return undefined
  if (progressing.reason === progressReasons.complete || progressing.reason === progressReasons.deadline) return undefined
  return Math.max(0, noteworthyMs(progressing) + deadlineMs(deployment) - nowMs)
}

export const progressing = (reason: string, message: string, status: Condition['status'] = 'True'): Finding => ({
  type: 'Progressing',
  status,
  reason,
  message,
})

/** What the conditions of one rollout are derived from. */
export interface RolloutFacts {
  readonly deployment: Deployment
  readonly counts: Counts
  readonly conditions: readonly Condition[]
  /** Name of the ReplicaSet of the present template, once it exists. */
  readonly freshName: string | undefined
  readonly nowMs: number
}

/** What Progressing should say now; undefined leaves it as it is. */
export const progressOf = ({ deployment, counts, conditions, freshName, nowMs }: RolloutFacts): Finding | undefined => {
  if (!hasDeadline(deployment)) return undefined
  const before = conditionOf(conditions, 'Progressing')
  const subject = freshName === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${freshName}"`
  if (counts.replicas === counts.updatedReplicas && before?.reason === progressReasons.complete) return undefined
  if (isComplete(deployment, counts)) return progressing(progressReasons.complete, `${subject} has successfully progressed.`)
  if (hasProgressed(deployment, counts)) return progressing(progressReasons.updated, `${subject} is progressing.`)
  const late = deadlineInMs(deployment, conditions, nowMs) === 0
  return late ? progressing(progressReasons.deadline, `${subject} has timed out progressing.`, 'False') : undefined
}

/** What Available should say: enough pods serve, or too few. */
export const availabilityOf = (deployment: Deployment, counts: Counts): Finding =>
  counts.availableReplicas >= deployment.spec.replicas - deploymentFences(deployment).maxUnavailable
    ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }

/** Pods that could not be created, as the ReplicaSets report it; the newest one's trouble comes first. */
export const failureOf = (replicaSets: readonly ReplicaSet[]): Finding | undefined => {
  const failure = replicaSets.toReversed().flatMap(one => conditionOf(one.status.conditions, 'ReplicaFailure') ?? [])[0]
  return failure && { type: 'ReplicaFailure', status: failure.status, reason: failure.reason ?? '', message: failure.message ?? '' }
}

/**
 * The conditions with this one set. Two differences to the conditions of other kinds: the text alone is no change, and
 * `lastUpdateTime` moves each time a rollout gets further, because the progress deadline counts from it.
 */
export const withFinding = (conditions: readonly Condition[], finding: Finding | undefined, nowMs: number): readonly Condition[] => {
  if (!finding) return conditions
  const before = conditionOf(conditions, finding.type)
  const again = before?.status === finding.status && before.reason === finding.reason
  if (again && finding.reason !== progressReasons.updated) return conditions
  const now = timestamp(nowMs)
  const since = before?.status === finding.status ? before.lastTransitionTime : undefined
  const after = { ...finding, lastUpdateTime: now, lastTransitionTime: since ?? now }
  return [...conditions.filter(condition => condition.type !== finding.type), after]
}
