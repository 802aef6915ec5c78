import { daemonSetKind, deploymentKind } from '../../src/api/kinds.ts'
import { parkingMark } from '../../src/api/marks.ts'
import type { KindRef, KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { replicaSetOf } from '../support/endpoints.ts'

/* What the controllers of Deployments and DaemonSets want of their pods, and what they say of them. */

export interface Pod {
  readonly template: string
  isReady: boolean
  isGone: boolean
}

/** The pods of one workload. */
export interface Crew {
  pods: Pod[]
  template: string
  /** When it last came forward, for the Deployment's own deadline. */
  movedAtMs: number
  /** Its template is new since the status was written last. */
  isFresh: boolean
}

/** How one kind of workload deals with pods. */
export interface PodKeeper {
  readonly kind: KindRef
  /** As storage names the kind. */
  readonly shelf: string
  wanted(object: KubeObject): number
  /** Ready pods that a rolling update leaves, and pods that it has at most. */
  bounds(wanted: number): { readonly least: number; readonly most: number }
  status(object: KubeObject, crew: Crew, clock: Clock): object
}

interface WorkloadSpec {
  readonly replicas?: number
  readonly progressDeadlineSeconds?: number
  readonly template: { readonly spec: { readonly nodeSelector?: Readonly<Record<string, string>> } }
}

export const specOf = (object: KubeObject): WorkloadSpec => object['spec'] as WorkloadSpec
const replicasOf = (object: KubeObject): number => specOf(object).replicas ?? 1

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

const defaultDeadlineSeconds = 600

const deploymentStatus = (object: KubeObject, crew: Crew, clock: Clock) => {
  const wanted = replicasOf(object)
  const updated = crew.pods.filter(pod => pod.template === crew.template).length
  const ready = crew.pods.filter(pod => pod.isReady).length
  const before = (object['status'] ?? {}) as StatusBefore
  const isDone = updated === wanted && crew.pods.length === wanted && ready === wanted
  if (isDone || updated !== before.updatedReplicas || ready !== before.readyReplicas) crew.movedAtMs = clock.monotonicMs()
  const isProgress = crew.isFresh || updated > (before.updatedReplicas ?? 0) || ready > (before.readyReplicas ?? 0)
  crew.isFresh = false
  const words = [availability(ready >= wanted - Math.floor(wanted / 4)), progress(isDone, isLate(object, crew, clock))]
  return {
    observedGeneration: object.metadata.generation,
    replicas: crew.pods.length,
    updatedReplicas: updated,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: Math.max(0, wanted - ready),
    conditions: words.map(one =>
      condition(before, { clock, isProgress: isProgress && one[0] === 'Progressing', replicaSet: replicaSetOf(object) }, one),
    ),
  }
}

type Words = readonly [type: string, status: string, reason: string]

const isLate = (object: KubeObject, { movedAtMs }: Crew, clock: Clock): boolean => {
  const { progressDeadlineSeconds = defaultDeadlineSeconds } = specOf(object)
  return clock.monotonicMs() - movedAtMs > progressDeadlineSeconds * 1000
}

const availability = (isEnough: boolean): Words =>
  isEnough ? ['Available', 'True', 'MinimumReplicasAvailable'] : ['Available', 'False', 'MinimumReplicasUnavailable']

const progress = (isDone: boolean, late: boolean): Words => {
  if (isDone) return ['Progressing', 'True', 'NewReplicaSetAvailable']
  return late ? ['Progressing', 'False', 'ProgressDeadlineExceeded'] : ['Progressing', 'True', 'ReplicaSetUpdated']
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
}

interface StatusBefore {
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly conditions?: readonly Condition[]
}

/** Progress is refreshed with each pod that comes up, and with a new template. */
const condition = (
  before: StatusBefore,
  { clock, isProgress, replicaSet }: { readonly clock: Clock; readonly isProgress: boolean; readonly replicaSet: string },
  [type, status, reason]: Words,
) => {
  const known = before.conditions?.find(one => one.type === type)
  const now = timeText(clock.nowMs())
  const message = type === 'Progressing' ? `ReplicaSet "${replicaSet}": ${reason}` : reason
  if (known?.status === status && known.reason === reason) return isProgress ? { ...known, lastUpdateTime: now, message } : known
  return { type, status, lastUpdateTime: now, lastTransitionTime: now, reason, message }
}

/** The cluster has two nodes. A DaemonSet that asks for a label which no node has gets no pods. */
const nodes = 2
const onNodes = (object: KubeObject): number => (parkingMark in (specOf(object).template.spec.nodeSelector ?? {}) ? 0 : nodes)

const daemonSetStatus = (object: KubeObject, crew: Crew) => {
  const ready = crew.pods.filter(pod => pod.isReady).length
  return {
    observedGeneration: object.metadata.generation,
    desiredNumberScheduled: onNodes(object),
    currentNumberScheduled: crew.pods.length,
    numberMisscheduled: 0,
    updatedNumberScheduled: crew.pods.filter(pod => pod.template === crew.template).length,
    numberAvailable: ready,
    numberReady: ready,
  }
}

/** Those who run pods, each as Kubernetes does by default. */
export const podKeepers: readonly PodKeeper[] = [
  {
    kind: deploymentKind,
    shelf: 'deployments.apps',
    wanted: replicasOf,
    bounds: wanted => ({ least: wanted - Math.floor(wanted / 4), most: wanted + Math.ceil(wanted / 4) }),
    status: deploymentStatus,
  },
  {
    kind: daemonSetKind,
    shelf: 'daemonsets.apps',
    wanted: onNodes,
    bounds: wanted => ({ least: wanted - 1, most: wanted }),
    status: daemonSetStatus,
  },
]
