import { type KubeObject, keyOf, keyText, type ObjectKey } from '../../src/api/object.ts'
import type { Clock } from '../../src/clock.ts'
import { oncePerObject } from '../../src/controller/memo.ts'
import { imageOf } from '../support/cluster-hands.ts'
import type { Chance } from './chance.ts'
import { type Crew, type Pod, type PodKeeper, podKeepers, specOf } from './pod-keepers.ts'
import { teamNamespace } from './setup.ts'
import type { SimStore } from './sim-store.ts'
import { qualityOf } from './versions.ts'

/** What goes wrong with the team's pods, apart from what their version does by itself. */
export interface PodMood {
  /** No node takes a new pod of the team. */
  isFull: boolean
  /** No node takes a new pod of anybody. */
  isFullForAll: boolean
  /** Workloads whose pods do not come up, whatever their version. */
  readonly withered: Set<string>
}

/** What the controllers of a cluster and its nodes make of Deployments and DaemonSets: pods that come up in their own time, roll, flap and crash. */
export interface PodRoom {
  readonly mood: PodMood
  /** All pods of one workload fall over and have to come up again. */
  shake(name: string): void
}

export interface PodRoomOptions {
  readonly clock: Clock
  readonly chance: Chance
  readonly store: SimStore
}

const textOf = oncePerObject((part: object) => JSON.stringify(part))

export const createPodRoom = ({ clock, chance, store }: PodRoomOptions): PodRoom => {
  const crews = new Map<string, Crew>()
  const planned = new Set<string>()
  const mood: PodMood = { isFull: false, isFullForAll: false, withered: new Set() }

  const plan = (keeper: PodKeeper, key: ObjectKey, delayMs: number): void => {
    const id = `${keeper.shelf} ${keyText(key)}`
    if (planned.has(id)) return
    planned.add(id)
    clock.schedule(delayMs, () => {
      planned.delete(id)
      work(keeper, key)
    })
  }

  const staysDown = ({ namespace, name }: ObjectKey): boolean =>
    mood.isFullForAll || (namespace === teamNamespace && (mood.isFull || mood.withered.has(name)))

  const comeUp = (pod: Pod, keeper: PodKeeper, object: KubeObject): void => {
    const { name } = object.metadata
    const image = imageOf(object)
    const quality = qualityOf(image)
    const crashes = quality.pods === 'crash' || (quality.pods === 'crash in the primary' && name.endsWith('-primary'))
    if (crashes) return
    clock.schedule(chance.whole(...quality.startMs), () => {
      if (pod.isGone) return
      if (staysDown(keyOf(object))) return comeUp(pod, keeper, object)
      pod.isReady = true
      plan(keeper, keyOf(object), 1)
      if (quality.pods === 'flap') clock.schedule(chance.whole(5000, 40_000), () => fall(pod, keeper, object))
    })
  }

  const fall = (pod: Pod, keeper: PodKeeper, object: KubeObject): void => {
    if (pod.isGone || !pod.isReady) return
    pod.isReady = false
    plan(keeper, keyOf(object), 1)
    comeUp(pod, keeper, object)
  }

  const remove = (crew: Crew, pod: Pod): void => {
    pod.isGone = true
    crew.pods = crew.pods.filter(one => one !== pod)
  }

  const crewOf = (object: KubeObject): Crew => {
    const uid = object.metadata.uid ?? ''
    const template = textOf(specOf(object).template)
    const crew = crews.get(uid) ?? { pods: [], template, movedAtMs: clock.monotonicMs(), isFresh: true }
    crews.set(uid, crew)
    if (crew.template !== template) {
      crew.template = template
      crew.movedAtMs = clock.monotonicMs()
      crew.isFresh = true
    }
    return crew
  }

  /** A rolling update. */
  const roll = (crew: Crew, keeper: PodKeeper, object: KubeObject): void => {
    const wanted = keeper.wanted(object)
    const { least, most } = keeper.bounds(wanted)
    const isNew = (pod: Pod): boolean => pod.template === crew.template
    for (const pod of crew.pods.filter(one => !isNew(one))) {
      const rest = crew.pods.filter(one => one !== pod && one.isReady).length
      if (!pod.isReady || rest >= least) remove(crew, pod)
    }
    const spare = crew.pods.filter(isNew).toSorted((a, b) => Number(a.isReady) - Number(b.isReady))
    for (const pod of spare.slice(0, Math.max(0, spare.length - wanted))) remove(crew, pod)
    const room = most - crew.pods.length
    const missing = wanted - crew.pods.filter(isNew).length
    for (let index = 0; index < Math.min(room, missing); index += 1) {
      const pod: Pod = { template: crew.template, isReady: false, isGone: false }
      crew.pods.push(pod)
      comeUp(pod, keeper, object)
    }
  }

  const work = (keeper: PodKeeper, key: ObjectKey): void => {
    const object = store.stored(keeper.kind, key)
    if (!object) return
    const crew = crewOf(object)
    roll(crew, keeper, object)
    const status = keeper.status(object, crew, clock)
    if (JSON.stringify(status) === JSON.stringify(object['status'])) return
    store.cluster.update(keeper.kind, { ...object, status }, { subresource: 'status', manager: 'kube-controller-manager' })
  }

  const dismiss = (uid = ''): void => {
    for (const pod of crews.get(uid)?.pods ?? []) pod.isGone = true
    crews.delete(uid)
  }

  for (const keeper of podKeepers)
    store.cluster.kernel.storage.subscribe(keeper.shelf, ({ type, object, before }) => {
      const { uid, generation } = object.metadata
      if (type === 'DELETED') dismiss(uid)
      else if (before?.metadata.generation !== generation) plan(keeper, keyOf(object), chance.whole(3, 80))
    })

  const patrol = (): void => {
    for (const keeper of podKeepers) for (const object of store.storedAll(keeper.kind)) plan(keeper, keyOf(object), 1)
    clock.schedule(patrolMs, patrol)
  }
  clock.schedule(patrolMs, patrol)

  const shake = (keeper: PodKeeper, name: string): void => {
    const object = store.stored(keeper.kind, { namespace: 'test', name })
    if (object) for (const pod of crewOf(object).pods) fall(pod, keeper, object)
  }

  return {
    mood,
    shake: name => {
      for (const keeper of podKeepers) shake(keeper, name)
    },
  }
}

/** Deadlines are noticed without any event. */
const patrolMs = 15_000
