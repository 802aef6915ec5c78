import { clip } from '../api/advice.ts'
import type { RolloutState } from '../api/phases.ts'
import { aboutReason, reasons } from '../api/reasons.ts'
import type { Hold } from '../api/status.ts'
import type { RolloutEvent } from './events.ts'
import { lackOf } from './news.ts'
import type { Notice, NoticeParams } from './notices.ts'
import type { Observation, Obstacle } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import { timeText } from './status-context.ts'
import { verdictText } from './verdict.ts'

/*
 * Why a rollout does not go on just now: what is waited for, in words, and since when. It stays in the status as long as its reason does, so that the
 * deadline can count from there, and people hear of it once.
 */

interface Turn {
  readonly before: { readonly state: RolloutState }
  readonly after: { readonly state: RolloutState; readonly context: RolloutContext }
  readonly event: RolloutEvent | undefined
  readonly seen: Observation
}

/** What holds it after this decision; undefined where it goes on. */
export const holdAfter = ({ before, after, event, seen }: Turn): Hold | undefined => {
  if (after.state !== before.state && event?.type !== 'CHECKS_WAITING') return undefined
  const old = seen.canary.status.hold
  const now = holdNow(event, seen)
  if (now) return { reason: now.reason, message: holdText(now, old, seen), since: heldSince(now, old, seen.nowMs) }
  if (!old || isAnswered(seen)) return undefined
  const isOpen = seen.convergence !== 'converged' || aboutReason(old.reason)?.isAnswer
  return isOpen || lackOf({ state: after.state, context: after.context, seen }).reason === old.reason ? old : undefined
}

/** Whether what was asked is known now. Whether people call the rollout off says nothing about what else it waits for. */
const isAnswered = ({ evidence }: Observation): boolean => evidence !== undefined && !evidence.isAppeal

/** Why pods are not ready was known before this process began, and is asked again: it is not taken back meanwhile. */
const holdText = ({ reason, message }: Obstacle, old: Hold | undefined, { podTroubles }: Observation): string => {
  const isKnown = podTroubles === undefined && aboutReason(reason)?.isAboutPods && old?.reason === reason
  return isKnown && old.message.startsWith(`${clip(message)}; `) ? old.message : clip(message)
}

/** A hold keeps its `since` as long as its reason stays, unless the clock was set back behind it. */
const heldSince = ({ reason }: Obstacle, old: Hold | undefined, nowMs: number): string =>
  old?.reason === reason && Date.parse(old.since) <= nowMs ? old.since : timeText(nowMs)

const holdNow = (event: RolloutEvent | undefined, seen: Observation): Obstacle | undefined => {
  if (seen.obstacle) return seen.obstacle
  if (event?.type === 'CHECKS_WAITING' || event?.type === 'CHECKS_INCONCLUSIVE') {
    return { reason: event.verdict.reason ?? 'NoData', message: verdictText(event.verdict) }
  }
  return typeof seen.convergence === 'object' ? seen.convergence : undefined
}

/** Known reasons are told again only when it becomes known why pods are not ready. */
const isTold = ({ reason, message }: Hold, { canary, podTroubles }: Observation): boolean => {
  const { hold: old } = canary.status
  const isExplained = podTroubles !== undefined && message.includes(podTroubles)
  return old?.reason === reason && !(isExplained && !old.message.includes(podTroubles))
}

/** What stands in the way is said once, when it starts to; verdicts of the checks have words of their own. */
export const holdNotices = (hold: Hold | undefined, event: RolloutEvent | undefined, seen: Observation): readonly Notice[] => {
  const found = holdNow(event, seen)
  if (!hold || !found || (event !== undefined && 'verdict' in event) || isTold(hold, seen)) return []
  const message = found.reason === 'Suspended' ? 'skipping canary run as object is suspended' : found.message
  return [{ type: reasons[found.reason].event, reason: found.reason, message }]
}

/** People are told once that a rollout holds, not every interval. */
export const isToldAlready = ({ reason }: NoticeParams, event: RolloutEvent, seen: Observation): boolean => {
  const { hold } = seen.canary.status
  const repeats = reason === 'GateClosed' || reason === 'CheckInconclusive'
  return (
    repeats &&
    hold !== undefined &&
    'verdict' in event &&
    hold.reason === event.verdict.reason &&
    hold.message.startsWith(clip(event.verdict.message))
  )
}
