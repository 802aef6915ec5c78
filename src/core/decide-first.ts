import type { RolloutState } from '../api/phases.ts'
import { type Decision, decide } from './decide.ts'
import { declaredAfter } from './declared-replicas.ts'
import { inventoryAfter } from './inventory.ts'
import { newsOf } from './news.ts'
import type { Observation } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import { sameJson } from './same-json.ts'
import { contextOf, stateOf } from './status-context.ts'

/**
 * What has to be recorded before the world is made to follow, because it needs no question, or because acting takes from the world what status
 * has to remember. Undefined where there is nothing of that, as in most passes: then no status is put together.
 */
export const decideFirst = (seen: Observation): Decision | undefined => {
  const state = stateOf(seen.canary.status)
  const context = contextOf(seen.canary.status, seen.nowMs)
  const isNews = seen.obstacle !== undefined || newsOf({ state, context, seen }) !== undefined
  return isNews || learns({ state, context, seen }) ? decide(seen) : undefined
}

interface Turn {
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly seen: Observation
}

/** Nothing comes before the way back. */
const learns = ({ state, context, seen }: Turn): boolean => {
  if (state === 'Failed.returning') return false
  const { declaredReplicas, inventory } = seen.canary.status
  const now = [declaredAfter({ state, context, event: undefined, seen }), inventoryAfter({ context, seen })]
  return !sameJson(now, [declaredReplicas, inventory])
}
