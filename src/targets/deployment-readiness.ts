import type { KubeObject } from '../api/object.ts'
import type { PodNames, Readiness, ReadinessRule } from '../core/readiness.ts'
import { type Deployment, type DeploymentCondition, deploymentOf, replicasOf } from './deployment-object.ts'

/** Why it has not got there, in the order in which a rollout goes through these stages. Each says undefined when its stage is done. */
type Stage = (deployment: Deployment, thresholdPercent: number) => string | undefined

const counts = ({ status }: Deployment) => {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  return { replicas, updated: updatedReplicas, available: availableReplicas }
}

const podsAreUpdated: Stage = deployment => {
  const { updated } = counts(deployment)
  const wanted = replicasOf(deployment)
  return updated < wanted ? `${updated} out of ${wanted} new replicas have been updated` : undefined
}

const oldPodsAreGone: Stage = deployment => {
  const { replicas, updated } = counts(deployment)
  return replicas > updated ? `${replicas - updated} old replicas are pending termination` : undefined
}

const podsAreAvailable: Stage = (deployment, thresholdPercent) => {
  const { updated, available } = counts(deployment)
  const required = Math.trunc((updated * thresholdPercent) / 100)
  return available < required
    ? `${available} of ${updated} (readyThreshold ${thresholdPercent}%) updated replicas are available`
    : undefined
}

const stages: readonly Stage[] = [podsAreUpdated, oldPodsAreGone, podsAreAvailable]

const conditionOf = ({ status }: Deployment, type: string): DeploymentCondition | undefined =>
  status.conditions?.find(condition => condition.type === type)

/** The Deployment's own deadline, as its controller reports it. */
const gaveUp = (deployment: Deployment): boolean => conditionOf(deployment, 'Progressing')?.reason === 'ProgressDeadlineExceeded'

/**
 * Ours: too few pods, and no progress, for longer than the deadline. A new template is progress: pods that were missing before it say nothing
 * about it.
 */
const isOverdue = (deployment: Deployment, { deadlineMs, nowMs }: ReadinessRule): boolean => {
  const available = conditionOf(deployment, 'Available')
  const progressing = conditionOf(deployment, 'Progressing')
  if (!progressing || available?.status !== 'False' || available.reason !== 'MinimumReplicasUnavailable') return false
  const missingSinceMs = Date.parse(available.lastUpdateTime ?? '')
  const progressedMs = Date.parse(progressing.lastUpdateTime ?? '')
  return Math.max(missingSinceMs, progressedMs || 0) + deadlineMs < nowMs
}

/** At least so many pods of the newest template serve: those available that cannot all be old ones. */
const newestPods = (deployment: Deployment): number => {
  const { replicas, updated, available } = counts(deployment)
  return Math.max(0, available - Math.max(0, replicas - updated))
}

/** Pods that the API server refuses to create: a quota, an admission webhook. Each attempt has another name, which says nothing. */
const refusal = (deployment: Deployment): string => {
  const { status, message = '' } = conditionOf(deployment, 'ReplicaFailure') ?? {}
  return status === 'True' && message ? `; pods cannot be created: ${message.replace(/^pods "[^"]*" is /, '')}` : ''
}

const waitingText = (stage: string, deployment: Deployment): string =>
  `waiting for rollout to finish: ${stage}${deployment.spec.paused ? ' (the Deployment is paused)' : ''}${refusal(deployment)}`

/** The controller of Deployments names the newest ReplicaSet in each of its messages; pods are named after theirs, of which so much is kept. */
const replicaSetName = /replica ?set "([^"]+)"/i
const longestPodBase = 58

const newestNames = (deployment: Deployment): { readonly newest?: PodNames } => {
  const { message = '', lastUpdateTime = '' } = conditionOf(deployment, 'Progressing') ?? {}
  const name = replicaSetName.exec(message)?.[1]
  return name === undefined ? {} : { newest: { prefix: `${name}-`.slice(0, longestPodBase), sinceMs: Date.parse(lastUpdateTime) } }
}

const gaveUpText = (object: KubeObject): string =>
  `deployment ${JSON.stringify(object.metadata.name)} exceeded its progress deadline${refusal(deploymentOf(object))}`

/**
 * How far a Deployment has come. One that wants no pods is ready with `readyPods` 0: nothing is wrong with it, and no traffic may go there.
 * One whose status speaks of an older generation is never ready, but its pods are those last reported: a scaler that asks for one more takes
 * none away.
 */
export const deploymentReadiness = (object: KubeObject, rule: ReadinessRule): Readiness => {
  const deployment = deploymentOf(object)
  const pods = {
    readyPods: newestPods(deployment),
    servingPods: counts(deployment).available,
    wantedPods: replicasOf(deployment),
    ...newestNames(deployment),
  }
  if ((object.metadata.generation ?? 0) > (deployment.status.observedGeneration ?? 0)) {
    const message = waitingText('observed deployment generation less than desired generation', deployment)
    return { kind: 'waiting', message, ...pods, isUnseen: true }
  }
  if (gaveUp(deployment)) return { kind: 'stuck', message: gaveUpText(object), ...pods }
  const stage = stages.map(check => check(deployment, rule.thresholdPercent)).find(text => text !== undefined)
  if (stage === undefined) return { kind: 'ready', message: '', ...pods }
  return { kind: isOverdue(deployment, rule) ? 'stuck' : 'waiting', message: waitingText(stage, deployment), ...pods }
}
