import { usageByGroup } from '../node/process-usage.ts'
import type { RunningNode } from '../node/start.ts'
import { labelsOf } from '../objects/view.ts'
import type { Sighting } from './usage-book.ts'

/** Looks at every container of the node that is a process. */
export const sightingsOf = async (node: Pick<RunningNode, 'running'>): Promise<readonly Sighting[]> => {
  const groups = await usageByGroup()
  return node.running().flatMap(({ pod, containers }) =>
    containers.flatMap(({ name: container, processGroup }): Sighting[] => {
      const usage = groups.get(processGroup)
      if (!usage) return []
      const { namespace = '', name } = pod.metadata
      return [{ namespace, pod: name, labels: labelsOf(pod), container, processGroup, ...usage }]
    }),
  )
}
