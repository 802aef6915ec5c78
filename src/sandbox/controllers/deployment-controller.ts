import { type KubeObject, keyOf, type ObjectKey } from '../../api/object.ts'
import { deployments, pods, replicaSets } from '../objects/kinds.ts'
import { readPod } from '../objects/pod.ts'
import { readDeployment, readReplicaSet } from '../objects/workloads.ts'
import type { World } from '../objects/world.ts'
import type { Controller, Pass } from './control-loop.ts'
import { planDeployment } from './deployment-plan.ts'
import { isRecreate } from './deployment-view.ts'
import { rolloutNews } from './news.ts'
import { byAge } from './plan.ts'

/** Index of objects by the uid of their controller. */
export const byController = 'controller'

/** Keys of the controller of an object, when it is of this kind. */
export const controllerKey =
  (kind: string) =>
  ({ metadata }: KubeObject): ObjectKey[] => {
    const owner = metadata.ownerReferences?.find(one => one.controller && one.kind === kind)
    return owner ? [{ namespace: metadata.namespace ?? '', name: owner.name }] : []
  }

const deploymentOfPod = (pod: KubeObject, world: World): ObjectKey[] =>
  controllerKey('ReplicaSet')(pod).flatMap(key => {
    const replicaSet = world.store(replicaSets).get(key)
    return replicaSet ? controllerKey('Deployment')(replicaSet) : []
  })

/** Only Recreate looks at pods: the others would be woken for nothing by each of them. */
const recreatedOfPod = (pod: KubeObject, world: World): ObjectKey[] =>
  deploymentOfPod(pod, world).filter(key => {
    const deployment = world.store(deployments).get(key)
    return deployment !== undefined && isRecreate(readDeployment(deployment))
  })

const plan = ({ key, world, nowMs }: Pass) => {
  const object = world.store(deployments).get(key)
  if (!object) return undefined
  const deployment = readDeployment(object)
  const uid = object.metadata.uid ?? ''
  const own = world.store(replicaSets).byIndex(byController, uid).map(readReplicaSet).toSorted(byAge)
  const podsOf = (owner: string) => world.store(pods).byIndex(byController, owner).map(readPod)
  const isTaken = (name: string) => world.store(replicaSets).get({ namespace: key.namespace, name }) !== undefined
  return planDeployment(
    {
      deployment,
      replicaSets: own,
      pods: isRecreate(deployment) ? own.flatMap(one => podsOf(one.metadata.uid ?? '')) : [],
      nowMs,
    },
    isTaken,
  )
}

export const deploymentController: Controller = {
  name: 'deployment',
  kind: deployments,
  news: rolloutNews,
  wakes: [
    { kind: deployments, keysOf: object => [keyOf(object)] },
    { kind: replicaSets, keysOf: controllerKey('Deployment') },
    { kind: pods, keysOf: recreatedOfPod },
  ],
  plan,
}
