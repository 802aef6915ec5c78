import { withCondition } from '../objects/conditions.ts'
import { pods as podKind } from '../objects/kinds.ts'
import type { Node } from '../objects/node.ts'
import type { Pod } from '../objects/pod.ts'
import { isActive } from '../objects/pod-state.ts'
import { isOpen, suits } from './placement.ts'
import { nothing, type Plan, statusWrite } from './plan.ts'

/** A pod, the nodes it may go to, and how many pods each has. */
export interface SchedulerWorld {
  readonly pod: Pod
  readonly nodes: readonly Node[]
  podsOn(nodeName: string): number
  readonly nowMs: number
}

const unschedulable = ({ pod, nodes, nowMs }: SchedulerWorld): Plan => {
  const message = `0/${nodes.length} nodes are available: none is ready, untainted and carries the pod's nodeSelector.`
  const finding = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const
  return { writes: statusWrite(podKind, pod, { conditions: withCondition(pod.status.conditions ?? [], finding, nowMs) }) }
}

/** Binds a pod that has no node yet to the suitable one with the fewest pods. */
export const planBinding = (world: SchedulerWorld): Plan => {
  const { pod, nodes, podsOn } = world
  if (pod.spec.nodeName || !isActive(pod)) return nothing
  const suitable = nodes.filter(node => isOpen(node) && suits(node, pod.spec.nodeSelector ?? {})).map(({ metadata }) => metadata.name)
  const [best] = suitable.map(name => ({ name, pods: podsOn(name) })).toSorted((a, b) => a.pods - b.pods || a.name.localeCompare(b.name))
  return best ? { writes: [{ verb: 'bind', object: pod, nodeName: best.name }] } : unschedulable(world)
}
