import { mirrorShareOf, readyThresholds } from '../api/analysis.ts'
import { type Canary, keepsCapacity } from '../api/canary.ts'
import { isIdle, phaseOf, type RolloutState } from '../api/phases.ts'
import type { CanarySizing, Capacity } from '../api/status.ts'
import type { Observation, Obstacle } from './observation.ts'
import { unreachable } from './reach.ts'
import type { RolloutContext } from './rollout-context.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import { isSo } from './states.ts'
import { timeText } from './status-context.ts'
import { nextWeight } from './steps.ts'

/*
 * How many pods a share of the traffic needs. What serves today is the measure: the pods that the primary had when the rollout began, or has
 * more of since. A canary that is about to get 30 % of the requests needs 30 % of them, rounded up.
 */

/** Pods for so many percent of what `pods` carry: rounded up, and one at least for a share that is there. */
export const podsFor = (sharePercent: number, pods: number): number =>
  sharePercent > 0 ? Math.max(1, Math.ceil((pods * sharePercent) / 100)) : 0

/** How many of so many pods have to be ready; one at least. */
export const readyOf = (pods: number, thresholdPercent: number): number => Math.max(1, Math.trunc((pods * thresholdPercent) / 100))

/** How far the scalers of both tracks go. */
export interface ScalerLimits {
  readonly canary: number
  readonly primary: number
}

/** One moment of a rollout. */
export interface Moment {
  readonly canary: Canary
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly plan: RolloutPlan
}

/**
 * Percent of the live requests that the canary is taken to get. Copies count like requests, in the share that `mirrorWeight` says. Nobody
 * knows how many requests an A/B test matches: all of them, for all we know.
 */
export const shareNow = ({ canary, context: { weight, mirrored } }: Pick<Moment, 'canary' | 'context'>): number =>
  mirrored ? Math.max(weight, mirrorShareOf(canary)) : weight

const shareOfStep = ({ canary, context, plan }: Moment): number => {
  if (plan.ladder.length > 0) {
    const startsMirrored = plan.mirror && !context.mirrored && context.weight === 0
    return startsMirrored ? mirrorShareOf(canary) : (nextWeight(plan.ladder, context.weight) ?? context.weight)
  }
  return plan.strategy === 'ab-testing' || plan.weighs ? 100 : 0
}

/** Percent that the canary gets with the step that comes next, or has already where that is more: its pods are made ready while it waits. */
export const shareAhead = (moment: Moment): number => {
  const { state, context } = moment
  if (context.servingFrom === 'canary') return 100
  return isSo('analyses', state) && !moment.plan.skipAnalysis ? Math.max(shareNow(moment), shareOfStep(moment)) : shareNow(moment)
}

interface Turn {
  readonly before: Pick<Moment, 'state' | 'context'>
  readonly after: Pick<Moment, 'state' | 'context'>
  readonly seen: Observation
}

/**
 * What a rollout has to remember of sizes. It is recorded in the write that begins the rollout, before anything is done about it, and is
 * forgotten, so that everybody gets their bounds back, in the one that ends it.
 */
export const capacityAfter = (turn: Turn): Capacity | undefined => {
  const { after, seen } = turn
  const { capacity: old } = seen.canary.status
  if (seen.obstacle || !seen.primaryTrack || !seen.canaryTrack) return old
  if (!isSo('keepsSize', after.state) || !keepsCapacity(seen.canary)) return undefined
  const kept = keptAfter(turn)
  const canary = seen.scalers ? sizingAfter(kept, turn) : undefined
  const { canary: _, limited, ...sizes } = kept
  return { ...sizes, ...(canary && { canary }), ...((limited || isLimited(sizes, canary, seen)) && { limited: true }) }
}

/** A rollout that begins before the one before it is tidied up finds what that kept. */
const keptAfter = (turn: Turn): Capacity => {
  const { before, after, seen } = turn
  const { capacity: old } = seen.canary.status
  const startsAgain = before.state === 'Failed.parking' && phaseOf(after.state) === 'Progressing'
  const begun = old === undefined || startsAgain ? begin(turn, old) : old
  return promotesNow(turn) ? promote(begun, turn) : begun
}

const podsOf = (seen: Observation) => ({
  primary: Math.max(1, seen.primaryTrack?.wantedPods ?? 1),
  canary: seen.canaryTrack?.wantedPods ?? 0,
})

/** After a failed promotion the canary serves: then its size counts too. */
const begin = ({ before, after, seen }: Turn, old: Capacity | undefined): Capacity => {
  const pods = podsOf(seen)
  const isServing = after.context.servingFrom === 'canary'
  const primary = Math.max(pods.primary, isServing ? pods.canary : 0, old?.primary ?? 0)
  const wasParked = !isServing && (isIdle(before.state) || before.state === 'Waiting') // else its pods are those that we gave it
  const isDeclared = wasParked && !seen.scalers && pods.canary > 0 && pods.canary !== primary
  return { primary, ...(isDeclared && { declared: pods.canary }) }
}

const promotesNow = ({ before, after }: Turn): boolean => phaseOf(after.state) === 'Promoting' && phaseOf(before.state) !== 'Promoting'

/**
 * The primary has to take over from both tracks: what it has itself, and what the canary was given beyond the share that was meant for it.
 * Without a scaler nobody but a person sizes the target, and the primary gets what they wanted for it.
 */
const promote = (kept: Capacity, { after, seen }: Turn): Capacity => {
  const pods = podsOf(seen)
  if (!seen.scalers) {
    const declared = pods.canary > Math.max(kept.primary, kept.declared ?? 0) ? pods.canary : kept.declared
    return { ...kept, primary: Math.max(kept.primary, pods.canary), ...(declared !== undefined && { declared }) }
  }
  const meant = Math.max(podsFor(after.context.weight, kept.primary), kept.canary?.pods ?? 0)
  const serving = after.context.weight > 0 ? (seen.canaryTrack?.servingPods ?? 0) : 0
  return { ...kept, primary: Math.max(kept.primary, pods.primary) + Math.max(0, serving - meant) }
}

/** Since when the track that is about to lose its pods is left out: starts anew whenever the route is not as it should be. */
export const drainSinceAfter = ({ before, after, seen }: Turn): string | undefined => {
  const { drainSince } = seen.canary.status
  if (seen.obstacle) return drainSince
  const isSameRoute = before.context.weight === after.context.weight && before.context.mirrored === after.context.mirrored
  if (!isSo('drains', after.state) || !seen.routeIsTaken || !isSameRoute) return undefined
  const isKnown = before.state === after.state && drainSince !== undefined && Date.parse(drainSince) <= seen.nowMs
  return isKnown ? drainSince : timeText(seen.nowMs)
}

/** For so long a scaler that takes pods away again is not given way to. */
const insistMs = 30_000

/** The size that the target is given for the share ahead: worked out once per step; from when it had that size on, its scaler decides. */
const sizingAfter = (kept: Capacity, { after, seen }: Turn): CanarySizing | undefined => {
  const share = shareAhead({ ...after, canary: seen.canary, plan: seen.plan })
  if (share === 0) return undefined
  const known = kept.canary?.share === share ? kept.canary : freshSizing(share, kept, seen)
  if (known.sized) return known
  const isRefused = seen.canary.status.hold?.reason === 'DeferredWrite' // by the API server, not by a scaler
  const isOver = !isRefused && seen.nowMs - Date.parse(known.since) >= insistMs
  return podsOf(seen).canary >= known.pods || isOver ? { ...known, sized: true } : known
}

const freshSizing = (share: number, kept: Capacity, seen: Observation): CanarySizing => ({
  share,
  pods: Math.min(podsFor(share, podsToday(kept, seen)), seen.scalers?.canary ?? Number.POSITIVE_INFINITY),
  since: timeText(seen.nowMs),
})

/** What serves today. */
export const podsToday = (kept: Capacity, { primaryTrack }: Pick<Observation, 'primaryTrack'>): number =>
  Math.max(kept.primary, primaryTrack?.servingPods ?? 0)

/** Whether a scaler allows less than would be right. */
const isLimited = (kept: Capacity, sizing: CanarySizing | undefined, seen: Observation): boolean => {
  if (!seen.scalers) return false
  if (kept.primary > seen.scalers.primary) return true
  if (!sizing) return false
  return podsFor(sizing.share, kept.primary) > sizing.pods || (sizing.sized === true && podsOf(seen).canary < sizing.pods)
}

/** Ready pods that the canary has to have for a share; a scaler that wants fewer knows better. */
export const canaryNeeds = (
  sharePercent: number,
  seen: Pick<Observation, 'canary' | 'canaryTrack' | 'primaryTrack' | 'scalers'>,
): number => {
  const { capacity } = seen.canary.status
  if (!capacity || sharePercent === 0) return sharePercent === 0 ? 0 : 1
  const right = podsFor(sharePercent, podsToday(capacity, seen))
  const allowed = seen.scalers ? Math.min(right, allowedPods(sharePercent, capacity, seen)) : right
  return readyOf(allowed, readyThresholds(seen.canary).canary)
}

/** Until the target had the size for the share ahead that size is waited for; then what its scaler makes of it. */
const allowedPods = (sharePercent: number, { canary: sizing }: Capacity, { canaryTrack }: Pick<Observation, 'canaryTrack'>): number => {
  const isAwaited = sizing !== undefined && sizing.share === sharePercent && !sizing.sized
  return isAwaited ? sizing.pods : (canaryTrack?.wantedPods ?? 0)
}

/** Whether the canary can carry a share: all its pods are ready, or, where a scaler gives it ever more of them, as many as that takes. */
export const canaryCarries = (
  sharePercent: number,
  seen: Pick<Observation, 'canary' | 'canaryTrack' | 'primaryTrack' | 'scalers'>,
): boolean => {
  const { canaryTrack, canary, scalers } = seen
  if (!canaryTrack || canaryTrack.readyPods === 0 || canaryTrack.kind === 'stuck' || canaryTrack.isUnseen) return false
  const isEnough = canaryTrack.readyPods >= canaryNeeds(sharePercent, seen)
  return canaryTrack.kind === 'ready' ? isEnough : isEnough && scalers !== undefined && canary.status.capacity !== undefined
}

/** Why the canary cannot take the step that comes next; undefined when its ready pods fit it, and requests get to them. */
export const shortageOf = (moment: Pick<Moment, 'state' | 'context'>, seen: Observation): Obstacle | undefined => {
  if (!seen.canaryTrack || !keepsCapacity(seen.canary)) return undefined
  const share = shareAhead({ ...moment, canary: seen.canary, plan: seen.plan })
  const needed = canaryNeeds(share, seen)
  return seen.canaryTrack.readyPods < needed ? shortage({ share, needed }, seen) : unreachable(seen.canaryTrack, needed)
}

/** What is missing, in words. */
export const shortage = (
  { share, needed }: { readonly share: number; readonly needed: number },
  seen: Pick<Observation, 'canary' | 'canaryTrack'>,
): Obstacle => {
  const { readyPods = 0, message = '' } = seen.canaryTrack ?? {}
  const { name } = seen.canary.spec.targetRef
  const missing = needed - readyPods
  return {
    reason: 'CapacityMissing',
    message: `waiting for ${missing} more ready pod${missing === 1 ? '' : 's'} of ${name}: ${share}% of the traffic needs ${needed}, ${readyPods} ready${message && `; ${message}`}`,
  }
}

/** What a scaler allows, and what would be right. */
export const limitText = ({ primary, canary }: Capacity, seen: Observation): string => {
  const { name, namespace = '' } = seen.canary.metadata
  const isPrimary = primary > (seen.scalers?.primary ?? primary)
  const [track, allowed, right] = isPrimary
    ? (['primary', seen.scalers?.primary ?? 0, primary] as const)
    : (['canary', Math.min(podsOf(seen).canary, canary?.pods ?? 0), podsFor(canary?.share ?? 0, primary)] as const)
  return `the scaler of the ${track} of ${name}.${namespace} allows ${allowed} pods where ${right} would be right; ${name}.${namespace} goes on with these`
}
