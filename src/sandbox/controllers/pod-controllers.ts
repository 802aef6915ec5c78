import { keyOf } from '../../api/object.ts'
import { daemonSets, nodes, pods, replicaSets } from '../objects/kinds.ts'
import { readNode } from '../objects/node.ts'
import { readPod } from '../objects/pod.ts'
import { readDaemonSet, readReplicaSet } from '../objects/workloads.ts'
import type { World } from '../objects/world.ts'
import type { Controller } from './control-loop.ts'
import { planDaemonSet } from './daemon-set-plan.ts'
import { byController, controllerKey } from './deployment-controller.ts'
import { bindingNews, podNews } from './news.ts'
import { planReplicaSet } from './replica-set-plan.ts'
import { planBinding } from './scheduler-plan.ts'

/** Index of pods by the node they are on; `''` are those without one. */
export const byNode = 'node'

const podsOf = (world: World, uid: string | undefined) =>
  world
    .store(pods)
    .byIndex(byController, uid ?? '')
    .map(readPod)

export const replicaSetController = (random: () => number): Controller => ({
  name: 'replicaset',
  kind: replicaSets,
  news: podNews,
  wakes: [
    { kind: replicaSets, keysOf: object => [keyOf(object)] },
    { kind: pods, keysOf: controllerKey('ReplicaSet') },
  ],
  plan: ({ key, world, nowMs, failure }) => {
    const object = world.store(replicaSets).get(key)
    return (
      object && planReplicaSet({ replicaSet: readReplicaSet(object), pods: podsOf(world, object.metadata.uid), failure, nowMs }, random)
    )
  },
})

const nodesOf = (world: World) => world.store(nodes).list().map(readNode)

export const daemonSetController = (random: () => number): Controller => ({
  name: 'daemonset',
  kind: daemonSets,
  news: podNews,
  wakes: [
    { kind: daemonSets, keysOf: object => [keyOf(object)] },
    { kind: pods, keysOf: controllerKey('DaemonSet') },
    { kind: nodes, keysOf: (_, world) => world.store(daemonSets).list().map(keyOf) },
  ],
  plan: ({ key, world, nowMs }) => {
    const object = world.store(daemonSets).get(key)
    return (
      object &&
      planDaemonSet({ daemonSet: readDaemonSet(object), pods: podsOf(world, object.metadata.uid), nodes: nodesOf(world), nowMs }, random)
    )
  },
})

export const scheduler: Controller = {
  name: 'scheduler',
  kind: pods,
  news: bindingNews,
  wakes: [
    { kind: pods, keysOf: object => (readPod(object).spec.nodeName ? [] : [keyOf(object)]) },
    { kind: nodes, keysOf: (_, world) => world.store(pods).byIndex(byNode, '').map(keyOf) },
  ],
  plan: ({ key, world, nowMs }) => {
    const object = world.store(pods).get(key)
    const podsOn = (name: string) => world.store(pods).byIndex(byNode, name).length
    return object && planBinding({ pod: readPod(object), nodes: nodesOf(world), podsOn, nowMs })
  },
}
