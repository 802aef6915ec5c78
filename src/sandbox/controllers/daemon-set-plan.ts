import { daemonSets, pods as podKind } from '../objects/kinds.ts'
import type { Node } from '../objects/node.ts'
import type { Pod } from '../objects/pod.ts'
import { availableInMs, isActive, isReady, isTerminating } from '../objects/pod-state.ts'
import { labelsOf } from '../objects/view.ts'
import type { DaemonSet } from '../objects/workloads.ts'
import { suits } from './placement.ts'
import { byAge, type Plan, statusWrite, type Write } from './plan.ts'
import { podFrom } from './replica-set-plan.ts'
import { fencesOf } from './rolling-update.ts'
import { labelled, randomSuffix, templateHash } from './template-hash.ts'

const revisionHashLabel = 'controller-revision-hash'

/** A DaemonSet, the pods it controls, and all nodes, read at one moment. */
export interface DaemonSetWorld {
  readonly daemonSet: DaemonSet
  readonly pods: readonly Pod[]
  readonly nodes: readonly Node[]
  readonly nowMs: number
}

interface Place {
  readonly node: string
  /** The pod that this node keeps; the oldest where there are several. */
  readonly pod: Pod | undefined
}

/** Daemon pods tolerate what keeps others away from a node that is not ready or cordoned. */
const wantedOn = ({ daemonSet, nodes }: DaemonSetWorld): readonly string[] =>
  nodes.filter(node => suits(node, daemonSet.spec.template.spec.nodeSelector ?? {})).map(node => node.metadata.name)

const placesOf = (world: DaemonSetWorld): Place[] => {
  const active = world.pods.filter(isActive).toSorted(byAge)
  return wantedOn(world).map(node => ({ node, pod: active.find(pod => pod.spec.nodeName === node) }))
}

/** Pods that no node keeps: on a node that is not wanted any more, a second one on the same node, or one that ended. */
const surplus = ({ pods }: DaemonSetWorld, places: readonly Place[]): Pod[] => {
  const kept = new Set(places.map(({ pod }) => pod))
  return pods.filter(pod => !isTerminating(pod) && !kept.has(pod))
}

const isUpdated = (pod: Pod, hash: string): boolean => labelsOf(pod)[revisionHashLabel] === hash

const isAvailable = ({ daemonSet, nowMs }: DaemonSetWorld, pod: Pod | undefined): boolean =>
  pod !== undefined && availableInMs(pod, daemonSet.spec.minReadySeconds, nowMs) === 0

/** Pods of an older template to take away now: those that do not serve, and of the others as many as may be missing. */
const toReplace = (world: DaemonSetWorld, places: readonly Place[], hash: string): Pod[] => {
  const { updateStrategy } = world.daemonSet.spec
  if (updateStrategy.type === 'OnDelete') return []
  const rolling = updateStrategy.rollingUpdate ?? {}
  const { maxUnavailable } = fencesOf({ maxSurge: 0, maxUnavailable: rolling.maxUnavailable ?? 1 }, places.length)
  const outdated = places.flatMap(({ pod }) => (pod && !isUpdated(pod, hash) ? [pod] : []))
  const [serving, idle] = [outdated.filter(pod => isAvailable(world, pod)), outdated.filter(pod => !isAvailable(world, pod))]
  const missing = places.filter(({ pod }) => !isAvailable(world, pod)).length
  return [...idle, ...serving.slice(0, Math.max(0, maxUnavailable - missing))]
}

const newPod = ({ daemonSet }: DaemonSetWorld, node: string, { hash, random }: { hash: string; random: () => number }): Write => {
  const name = `${daemonSet.metadata.name}-${randomSuffix(random)}`
  const pod = podFrom(daemonSet, labelled(daemonSet.spec.template, revisionHashLabel, hash), name)
  return { verb: 'create', kind: podKind, manifest: { ...pod, spec: { ...daemonSet.spec.template.spec, nodeName: node } } }
}

const statusOf = (world: DaemonSetWorld, places: readonly Place[], hash: string) => {
  const placed = places.flatMap(({ pod }) => pod ?? [])
  const available = placed.filter(pod => isAvailable(world, pod)).length
  return {
    observedGeneration: world.daemonSet.metadata.generation ?? 0,
    desiredNumberScheduled: places.length,
    currentNumberScheduled: placed.length,
    numberMisscheduled: new Set(surplus(world, places).map(pod => pod.spec.nodeName)).size,
    updatedNumberScheduled: placed.filter(pod => isUpdated(pod, hash)).length,
    numberReady: placed.filter(isReady).length,
    numberAvailable: available,
    numberUnavailable: places.length - available,
  }
}

/** Everything one pass over a DaemonSet should write. A pod is replaced only after its place is free: there is no surge. */
export const planDaemonSet = (world: DaemonSetWorld, random: () => number): Plan => {
  const { daemonSet, pods, nowMs } = world
  const hash = templateHash(daemonSet.spec.template)
  const places = placesOf(world)
  const gone = daemonSet.metadata.deletionTimestamp !== undefined
  const leaving = new Set(pods.filter(isTerminating).map(pod => pod.spec.nodeName))
  const empty = places.filter(({ node, pod }) => !pod && !leaving.has(node))
  const waits = pods.flatMap(pod => availableInMs(pod, daemonSet.spec.minReadySeconds, nowMs) || [])
  const podWrites: Write[] = [
    ...[...surplus(world, places), ...toReplace(world, places, hash)].map(object => ({ verb: 'delete', kind: podKind, object }) as const),
    ...empty.map(({ node }) => newPod(world, node, { hash, random })),
  ]
  return {
    writes: [...statusWrite(daemonSets, daemonSet, statusOf(world, places, hash)), ...(gone ? [] : podWrites)],
    ...(waits.length > 0 ? { wakeAfterMs: Math.min(...waits) } : {}),
  }
}
