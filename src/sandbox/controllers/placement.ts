import { isTrue } from '../objects/conditions.ts'
import type { Node } from '../objects/node.ts'
import { labelsMatch } from '../objects/selector.ts'
import { type Labels, labelsOf } from '../objects/view.ts'

/** Whether a node takes new pods. Taints that keep pods away are obeyed; tolerations are beyond this small scheduler. */
export const isOpen = ({ spec, status }: Node): boolean =>
  !spec.unschedulable &&
  isTrue(status.conditions, 'Ready') &&
  !(spec.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')

export const suits = (node: Node, nodeSelector: Labels): boolean => labelsMatch(nodeSelector, labelsOf(node))
