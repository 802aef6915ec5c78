import { drainMsOf } from '../api/canary.ts'
import type { CanaryStatus } from '../api/status.ts'
import { stateOf } from '../core/status-context.ts'
import { diagnosisDueInMs } from './diagnoses.ts'
import type { Look } from './look.ts'
import { triedAgainAfterMs } from './record.ts'
import { doubtDueInMs } from './second-look.ts'
import { wakeAfterMs } from './wake.ts'
import type { World } from './world.ts'

/** When the next pass is due: in so many milliseconds, at once (0), or when a watch says so (`undefined`). */
export interface Requeue {
  readonly afterMs: number | undefined
}

/** Until something is due by the clock alone. */
export const sleepUntilDue = (look: Look, world: World, status: CanaryStatus = look.canary.status): Requeue => {
  const { canary, seen, obstacle } = look
  if (obstacle?.reason === 'CRDOutdated') return { afterMs: triedAgainAfterMs }
  const { settleMs } = world.options
  const drainMs = drainMsOf(canary, world.options.drainMs)
  const dueMs = wakeAfterMs({ ...seen, status, state: stateOf(status), drainMs, settleMs })
  const recorded = { ...look, canary: { ...canary, status } }
  return { afterMs: earliest(dueMs, diagnosisDueInMs(recorded), doubtDueInMs(recorded)) }
}

const earliest = (...times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter(ms => ms !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
