import type { Manifest } from '../../api/object.ts'
import { withCondition } from '../objects/conditions.ts'
import { pods as podKind, replicaSets as replicaSetKind } from '../objects/kinds.ts'
import type { Pod } from '../objects/pod.ts'
import { availableInMs, isActive, isReady, readySinceMs } from '../objects/pod-state.ts'
import { labelsMatch } from '../objects/selector.ts'
import { annotationsOf, labelsOf } from '../objects/view.ts'
import type { PodTemplate, ReplicaSet } from '../objects/workloads.ts'
import { controlledBy, type Plan, type Seen, statusWrite, type Write } from './plan.ts'
import { randomSuffix } from './template-hash.ts'

/** A ReplicaSet and the pods it controls, read at one moment. */
export interface ReplicaSetWorld {
  readonly replicaSet: ReplicaSet
  readonly pods: readonly Pod[]
  /** Why pods could not be created the last time, if they could not. */
  readonly failure: string | undefined
  readonly nowMs: number
}

/** A pod made from a workload's template. */
export const podFrom = (owner: Seen, template: PodTemplate, name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: owner.metadata.namespace ?? '',
    labels: template.metadata?.labels ?? {},
    annotations: template.metadata?.annotations ?? {},
    ownerReferences: [controlledBy(owner)],
  },
  spec: template.spec,
})

const deletionCost = (pod: Pod): number => Number.parseInt(annotationsOf(pod)['controller.kubernetes.io/pod-deletion-cost'] ?? '0', 10) || 0

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

const restarts = ({ status }: Pod): number => (status.containerStatuses ?? []).reduce((total, one) => total + one.restartCount, 0)

/** By which measure a pod is given up first; the first that differs decides, and the smaller value goes. */
const keepsakes: readonly ((pod: Pod) => number)[] = [
  pod => (pod.spec.nodeName ? 1 : 0),
  pod => phaseRank[pod.status.phase ?? 'Pending'] ?? 0,
  pod => (isReady(pod) ? 1 : 0),
  deletionCost,
  pod => -(readySinceMs(pod) ?? 0),
  pod => -restarts(pod),
  pod => -Date.parse(pod.metadata.creationTimestamp ?? ''),
]

/** Those to delete first come first: the ones that nobody would miss, then the youngest. */
export const byDispensability = (a: Pod, b: Pod): number => {
  for (const keepsake of keepsakes) {
    const difference = keepsake(a) - keepsake(b)
    if (difference !== 0 && !Number.isNaN(difference)) return difference
  }
  return a.metadata.name.localeCompare(b.metadata.name)
}

const statusOf = ({ replicaSet, failure, nowMs }: ReplicaSetWorld, active: readonly Pod[]) => {
  const { spec, status, metadata } = replicaSet
  const labels = spec.template.metadata?.labels ?? {}
  const others = status.conditions.filter(({ type }) => type !== 'ReplicaFailure')
  const failed = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure ?? '' } as const
  return {
    observedGeneration: metadata.generation ?? 0,
    replicas: active.length,
    fullyLabeledReplicas: active.filter(pod => labelsMatch(labels, labelsOf(pod))).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter(pod => availableInMs(pod, spec.minReadySeconds, nowMs) === 0).length,
    conditions: failure === undefined ? others : withCondition(status.conditions, failed, nowMs),
  }
}

const podWrites = ({ replicaSet }: ReplicaSetWorld, active: readonly Pod[], random: () => number): Write[] => {
  const { spec, metadata } = replicaSet
  if (metadata.deletionTimestamp !== undefined) return []
  const missing = spec.replicas - active.length
  if (missing >= 0)
    return Array.from({ length: missing }, () => ({
      verb: 'create',
      kind: podKind,
      manifest: podFrom(replicaSet, spec.template, `${metadata.name}-${randomSuffix(random)}`),
    }))
  return active
    .toSorted(byDispensability)
    .slice(0, -missing)
    .map(object => ({ verb: 'delete', kind: podKind, object }))
}

/** The earliest moment at which another pod counts as available, if only time is missing. */
const nextAvailableMs = ({ replicaSet, nowMs }: ReplicaSetWorld, active: readonly Pod[]): number | undefined => {
  const waits = active.flatMap(pod => availableInMs(pod, replicaSet.spec.minReadySeconds, nowMs) || [])
  return waits.length > 0 ? Math.min(...waits) : undefined
}

/** Everything one pass over a ReplicaSet should write: what it sees goes first, so that a refused pod does not hide it. */
export const planReplicaSet = (world: ReplicaSetWorld, random: () => number): Plan => {
  const active = world.pods.filter(isActive)
  const wakeAfterMs = nextAvailableMs(world, active)
  return {
    writes: [...statusWrite(replicaSetKind, world.replicaSet, statusOf(world, active)), ...podWrites(world, active, random)],
    ...(wakeAfterMs === undefined ? {} : { wakeAfterMs }),
  }
}
