import type { Canary } from '../api/canary.ts'
import type { CanaryStatus } from '../api/status.ts'
import { conditionsOf } from './conditions.ts'
import type { Notice } from './notices.ts'
import type { Observation, Obstacle } from './observation.ts'
import { contextOf, stateOf } from './status-context.ts'

/** Whether another controller works on the same Canaries. */
export const isStandBy = (obstacle: Obstacle | undefined): obstacle is Obstacle => obstacle?.reason === 'OtherControllerActive'

const isSaid = ({ status }: Canary, { reason }: Obstacle): boolean =>
  status.conditions?.some(condition => condition.type === 'Stalled' && condition.reason === reason) ?? false

/**
 * While another controller works nothing of the status is touched but conditions of ours, and those once: that controller writes it all the
 * time. A Canary without any condition is left alone, because by that controllers of the field know those they have to begin with.
 */
export const standBy = (seen: Observation, obstacle: Obstacle): { readonly status: CanaryStatus; readonly notices: readonly Notice[] } => {
  const { canary, nowMs } = seen
  const { status } = canary
  if (!status.conditions || isSaid(canary, obstacle)) return { status, notices: [] }
  const scene = { canary, state: stateOf(status), context: contextOf(status, nowMs), hold: undefined, obstacle, nowMs, remarks: [] }
  const said = conditionsOf(scene).filter(({ type }) => type !== 'Promoted')
  const theirs = status.conditions.filter(({ type }) => !said.some(one => one.type === type))
  const { reason, message } = obstacle
  return { status: { ...status, conditions: [...theirs, ...said] }, notices: [{ type: 'Warning', reason, message }] }
}
