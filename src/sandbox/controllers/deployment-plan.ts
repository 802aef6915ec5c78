import { conditionOf, type Finding } from '../objects/conditions.ts'
import { deployments, replicaSets as replicaSetKind } from '../objects/kinds.ts'
import { annotationsOf, type Labels } from '../objects/view.ts'
import type { Deployment, ReplicaSet } from '../objects/workloads.ts'
import { findFresh, freshAnnotations, freshReplicaSet, nextRevision } from './deployment-revision.ts'
import {
  availabilityOf,
  countsOf,
  deadlineInMs,
  failureOf,
  hasDeadline,
  progressing,
  progressOf,
  progressReasons,
  withFinding,
} from './deployment-status.ts'
import { nextStep, type Sorted, type Step } from './deployment-step.ts'
import { annotations, type DeploymentWorld, revisionOf, sizeAnnotations } from './deployment-view.ts'
import { type Plan, statusWrite, type Write } from './plan.ts'

const sort = (world: DeploymentWorld): Sorted => {
  const fresh = findFresh(world.deployment, world.replicaSets)
  return { ...world, fresh, old: world.replicaSets.filter(one => one !== fresh) }
}

const differing = (replicaSet: ReplicaSet, wanted: Labels): Labels =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => annotationsOf(replicaSet)[name] !== value))

/** What of one ReplicaSet must change: its size, what it remembers of the Deployment's size, and for the present template its revision. */
const replicaSetPatch = (one: ReplicaSet, world: Sorted, step: Step): Write[] => {
  const { deployment, fresh, old } = world
  const replicas = step.sizes.get(one.metadata.name) ?? one.spec.replicas
  const sized = replicas > 0 || one.spec.replicas > 0 ? sizeAnnotations(deployment) : {}
  const changed = differing(one, { ...sized, ...(one === fresh ? freshAnnotations(deployment, one, nextRevision(old)) : {}) })
  const minReadySeconds = one === fresh ? deployment.spec.minReadySeconds : one.spec.minReadySeconds
  const spec = {
    ...(replicas === one.spec.replicas ? {} : { replicas }),
    ...(minReadySeconds === one.spec.minReadySeconds ? {} : { minReadySeconds }),
  }
  const body = {
    ...(Object.keys(changed).length > 0 ? { metadata: { annotations: changed } } : {}),
    ...(Object.keys(spec).length > 0 ? { spec } : {}),
  }
  return Object.keys(body).length > 0 ? [{ verb: 'patch', kind: replicaSetKind, object: one, body }] : []
}

const revisionWrite = (deployment: Deployment, revision: number): Write[] =>
  annotationsOf(deployment)[annotations.revision] === String(revision)
    ? []
    : [
        {
          verb: 'patch',
          kind: deployments,
          object: deployment,
          body: { metadata: { annotations: { [annotations.revision]: String(revision) } } },
        },
      ]

const revisionNow = ({ fresh, old }: Sorted): number => Math.max(fresh ? revisionOf(fresh) : 0, nextRevision(old))

/** The news about Progressing that come from the Deployment's spec and its new ReplicaSet, not from its pods. */
const specNews = ({ deployment, fresh }: Sorted, created: string | undefined): Finding | undefined => {
  const before = conditionOf(deployment.status.conditions, 'Progressing')
  if (!hasDeadline(deployment)) return undefined
  if (deployment.spec.paused && before?.reason !== progressReasons.deadline)
    return progressing(progressReasons.paused, 'Deployment is paused', 'Unknown')
  if (created !== undefined) return progressing(progressReasons.created, `Created new replica set "${created}"`)
  if (!deployment.spec.paused && before?.reason === progressReasons.paused)
    return progressing(progressReasons.resumed, 'Deployment is resumed', 'Unknown')
  return fresh && !before ? progressing(progressReasons.found, `Found new replica set "${fresh.metadata.name}"`) : undefined
}

const statusOf = (world: Sorted, created: string | undefined) => {
  const { deployment, replicaSets, fresh, nowMs } = world
  const counts = countsOf(deployment, replicaSets, fresh)
  const told = withFinding(deployment.status.conditions, specNews(world, created), nowMs)
  const available = withFinding(told, availabilityOf(deployment, counts), nowMs)
  const facts = { deployment, counts, conditions: available, freshName: created ?? fresh?.metadata.name, nowMs }
  const progressed = deployment.spec.paused ? available : withFinding(available, progressOf(facts), nowMs)
  const failure = failureOf(replicaSets)
  const conditions = failure ? withFinding(progressed, failure, nowMs) : progressed.filter(({ type }) => type !== 'ReplicaFailure')
  return { ...counts, conditions }
}

/** A foreign ReplicaSet has the name that ours would get: count it, and the next name differs. */
const avoidCollision = ({ deployment }: Sorted): Plan => ({
  writes: statusWrite(deployments, deployment, { collisionCount: (deployment.status.collisionCount ?? 0) + 1 }),
})

/** Everything one pass over a Deployment should write. `isTaken` says whether a ReplicaSet of this name, not ours, exists. */
export const planDeployment = (seen: DeploymentWorld, isTaken: (name: string) => boolean): Plan => {
  const world = sort(seen)
  const { deployment, replicaSets } = world
  const step = nextStep(world)
  const revision = revisionNow(world)
  const fresh = step.create === undefined ? undefined : freshReplicaSet(deployment, { replicas: step.create, revision })
  if (fresh && isTaken(fresh.metadata.name)) return avoidCollision(world)
  const status = statusOf(world, fresh?.metadata.name)
  const wake = deadlineInMs(deployment, status.conditions, seen.nowMs)
  return {
    writes: [
      ...(fresh ? [{ verb: 'create', kind: replicaSetKind, manifest: fresh } as const] : []),
      ...(deployment.metadata.deletionTimestamp === undefined ? replicaSets.flatMap(one => replicaSetPatch(one, world, step)) : []),
      ...step.remove.map(object => ({ verb: 'delete', kind: replicaSetKind, object }) as const),
      ...(fresh || world.fresh ? revisionWrite(deployment, revision) : []),
      ...statusWrite(deployments, deployment, status),
    ],
    // A second more, because the times in conditions are cut to whole seconds.
    ...(wake === undefined ? {} : { wakeAfterMs: wake + 1000 }),
  }
}
