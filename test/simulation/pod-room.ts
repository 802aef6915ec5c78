import { deploymentKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { imageOf } from '../support/cluster-hands.ts'
import { replicaSetOf } from '../support/endpoints.ts'
import type { Chance } from './chance.ts'
import type { SimStore } from './sim-store.ts'
import { qualityOf } from './versions.ts'

/** What goes wrong with pods, apart from what their version does by itself. */
export interface PodMood {
  /** No node takes a new pod. */
  isFull: boolean
  /** Deployments whose pods do not come up, whatever their version. */
  readonly withered: Set<string>
}

interface Pod {
  readonly template: string
  isReady: boolean
  isGone: boolean
}

interface Crew {
  pods: Pod[]
  template: string
  /** When it last came forward, for the Deployment's own deadline. */
  movedAtMs: number
  /** Its template is new since the status was written last. */
  isFresh: boolean
}

interface DeploymentSpec {
  readonly replicas?: number
  readonly progressDeadlineSeconds?: number
  readonly template: unknown
}

const specOf = (object: KubeObject): DeploymentSpec => object['spec'] as DeploymentSpec
const replicasOf = (object: KubeObject): number => specOf(object).replicas ?? 1

/** What the controllers of a cluster and its nodes make of Deployments: pods that come up in their own time, roll, flap and crash. */
export interface PodRoom {
  readonly mood: PodMood
  /** All pods of one Deployment fall over and have to come up again. */
  shake(name: string): void
}

export interface PodRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
}

export const createPodRoom = ({ clock, chance, store }: PodRoomOptions): PodRoom => {
  const crews = new Map<string, Crew>()
  const planned = new Set<string>()
  const mood: PodMood = { isFull: false, withered: new Set() }

  const plan = (name: string, delayMs: number): void => {
    if (planned.has(name)) return
    planned.add(name)
    clock.schedule(delayMs, () => {
      planned.delete(name)
      work(name)
    })
  }

  const comeUp = (pod: Pod, name: string, image: string): void => {
    const quality = qualityOf(image)
    const crashes = quality.pods === 'crash' || (quality.pods === 'crash in the primary' && name.endsWith('-primary'))
    if (crashes) return
    clock.schedule(chance.whole(...quality.startMs), () => {
      if (pod.isGone) return
      if (mood.isFull || mood.withered.has(name)) return comeUp(pod, name, image)
      pod.isReady = true
      plan(name, 1)
      if (quality.pods === 'flap') clock.schedule(chance.whole(5000, 40_000), () => fall(pod, name, image))
    })
  }

  const fall = (pod: Pod, name: string, image: string): void => {
    if (pod.isGone || !pod.isReady) return
    pod.isReady = false
    plan(name, 1)
    comeUp(pod, name, image)
  }

  const remove = (crew: Crew, pod: Pod): void => {
    pod.isGone = true
    crew.pods = crew.pods.filter(one => one !== pod)
  }

  const crewOf = (object: KubeObject): Crew => {
    const uid = object.metadata.uid ?? ''
    const template = JSON.stringify(specOf(object).template)
    const crew = crews.get(uid) ?? { pods: [], template, movedAtMs: clock.monotonicMs(), isFresh: true }
    crews.set(uid, crew)
    if (crew.template !== template) {
      crew.template = template
      crew.movedAtMs = clock.monotonicMs()
      crew.isFresh = true
    }
    return crew
  }

  /** A rolling update with a surge of a quarter and a quarter away, both rounded as Kubernetes does. */
  const roll = (crew: Crew, object: KubeObject): void => {
    const wanted = replicasOf(object)
    const isNew = (pod: Pod): boolean => pod.template === crew.template
    const least = wanted - Math.floor(wanted / 4)
    for (const pod of crew.pods.filter(one => !isNew(one))) {
      const rest = crew.pods.filter(one => one !== pod && one.isReady).length
      if (!pod.isReady || rest >= least) remove(crew, pod)
    }
    const spare = crew.pods.filter(isNew).toSorted((a, b) => Number(a.isReady) - Number(b.isReady))
    for (const pod of spare.slice(0, Math.max(0, spare.length - wanted))) remove(crew, pod)
    const room = wanted + Math.ceil(wanted / 4) - crew.pods.length
    const missing = wanted - crew.pods.filter(isNew).length
    for (let index = 0; index < Math.min(room, missing); index += 1) {
      const pod: Pod = { template: crew.template, isReady: false, isGone: false }
      crew.pods.push(pod)
      comeUp(pod, object.metadata.name, imageOf(object))
    }
  }

  const work = (name: string): void => {
    const object = store.stored(deploymentKind, { namespace: 'test', name })
    if (!object) return
    const crew = crewOf(object)
    roll(crew, object)
    const status = statusOf(object, crew, clock)
    if (JSON.stringify(status) === JSON.stringify(object['status'])) return
    store.cluster.update(deploymentKind, { ...object, status }, { subresource: 'status', manager: 'kube-controller-manager' })
  }

  const dismiss = (uid = ''): void => {
    for (const pod of crews.get(uid)?.pods ?? []) pod.isGone = true
    crews.delete(uid)
  }

  store.cluster.kernel.storage.subscribe('deployments.apps', ({ type, object, before }) => {
    const { name, uid, generation } = object.metadata
    if (type === 'DELETED') dismiss(uid)
    else if (before?.metadata.generation !== generation) plan(name, chance.whole(3, 80))
  })

  const patrol = (): void => {
    for (const { metadata } of store.storedAll(deploymentKind)) if (metadata.namespace === 'test') plan(metadata.name, 1)
    clock.schedule(patrolMs, patrol)
  }
  clock.schedule(patrolMs, patrol)

  return {
    mood,
    shake: name => {
      const object = store.stored(deploymentKind, { namespace: 'test', name })
      if (!object) return
      for (const pod of crewOf(object).pods) fall(pod, name, imageOf(object))
    },
  }
}

/** Deadlines are noticed without any event. */
const patrolMs = 15_000

const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`

const defaultDeadlineSeconds = 600

const statusOf = (object: KubeObject, crew: Crew, clock: Clock) => {
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
