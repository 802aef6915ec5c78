import { phaseOf, type RolloutState } from '../api/phases.ts'
import { aboutReason } from '../api/reasons.ts'
import type { CanaryStatus, Pin } from '../api/status.ts'
import { canaryCarries, shareNow, shortageOf } from './capacity.ts'
import { evaluate } from './checks.ts'
import type { RolloutEvent } from './events.ts'
import type { Evidence } from './evidence.ts'
import type { Observation } from './observation.ts'
import type { Readiness } from './readiness.ts'
import type { RolloutContext } from './rollout-context.ts'
import { isSo } from './states.ts'
import { isForeign, takeOverNews } from './take-over.ts'
import { fatal, type Verdict } from './verdict.ts'

interface Situation {
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly seen: Observation
}
type News = RolloutEvent | undefined
type Body = RolloutEvent extends infer E ? (E extends RolloutEvent ? Omit<E, 'nowMs' | 'plan'> : never) : never

/** Whether the target asks for something that is neither what the primary runs nor what was judged last. */
export const revisionIsNew = (context: RolloutContext, hash: string | undefined): boolean =>
  hash !== undefined && hash !== context.promoted?.hash && hash !== context.analysed?.hash

/** What a look at the target says: what a new hash means depends on where the rollout stands. */
const revisionNews = (situation: Situation): Body | undefined => {
  const pin = situation.seen.revision?.pin
  if (!pin) return undefined
  const { state, context, seen } = situation
  const changed: Body = seen.primaryIsLost ? { type: 'PRIMARY_LOST', revision: pin } : { type: 'REVISION_CHANGED', revision: pin }
  if (isSo('followsTarget', state)) return midRunNews(situation, changed)
  if (seen.hindrance) return undefined
  if (phaseOf(state) === 'Initializing')
    return pin.hash === context.analysed?.hash ? undefined : { type: 'REVISION_CHANGED', revision: pin }
  return atRestNews(situation, changed)
}

const atRestNews = ({ state, context, seen }: Situation, changed: Body): Body | undefined => {
  const isNew = revisionIsNew(context, seen.revision?.pin.hash)
  // Nothing serves, and nothing else is left to serve: no gate stands before that.
  if (isNew && changed.type === 'PRIMARY_LOST') return isSo('mayStartOver', state) ? changed : undefined
  if (state === 'Waiting') return isNew ? undefined : { type: 'RETURNED_TO_PROMOTED' }
  return isSo('mayStart', state) && isNew && !seen.plan.startIsGated ? changed : undefined
}

/** In mid-run: a newer revision starts over, the promoted one ends the run. */
const midRunNews = ({ context, seen }: Situation, changed: Body): Body | undefined => {
  const hash = seen.revision?.pin.hash
  if (hash === context.analysed?.hash) return undefined
  return hash === context.promoted?.hash && context.servingFrom === 'primary' ? { type: 'RETURNED_TO_PROMOTED' } : changed
}

/** A weight that was recorded for some requests only must not become one of another meaning; nor are copies sent by a layer that makes none. */
const planNews = ({ state, context, seen }: Situation): Body | undefined => {
  const { routing, strategy } = seen.canary.status
  const isLive = (context.weight > 0 || context.mirrored) && context.servingFrom === 'primary'
  if (!isLive || !isSo('analyses', state)) return undefined
  const asked = seen.places?.asked.routing
  if (routing && asked && asked !== routing && context.mirrored && !seen.plan.mirror)
    return { type: 'PLAN_CHANGED', message: `the routing layer changed from ${routing} to ${asked}` }
  return strategy && strategy !== seen.plan.strategy
    ? { type: 'PLAN_CHANGED', message: `the strategy changed from ${strategy} to ${seen.plan.strategy}` }
    : undefined
}

const healthNews = ({ state, context, seen }: Situation): Body | undefined => {
  const { canaryTrack, primaryTrack, hindrance } = seen
  if (isSo('analyses', state)) {
    if (hindrance?.reason === 'TargetMissing') return { type: 'CANARY_STUCK', ...hindrance }
    if (canaryTrack?.kind === 'stuck') return { type: 'CANARY_STUCK', message: canaryTrack.message }
  }
  const wasCalledOff = state === 'Finalising.draining' && context.analysed?.hash === context.promoted?.hash // the primary is as it was
  if (!isSo('needsPrimary', state) || wasCalledOff || primaryTrack?.kind !== 'stuck') return undefined
  const { message } = primaryTrack
  return bothStuck({ context, seen }, message) ?? { type: 'PRIMARY_STUCK', message }
}

/** Why the canary cannot take over from a primary that does not come up; undefined when it can. */
const unfitness = ({ context, seen }: Omit<Situation, 'state'>): string | undefined => {
  if (context.servingFrom === 'canary') return undefined
  if (seen.revision?.pin.hash !== context.analysed?.hash) return 'the target does not run what was analysed'
  return (seen.canaryTrack?.readyPods ?? 0) > 0 ? undefined : 'the canary has no ready pod'
}

const bothStuck = (situation: Omit<Situation, 'state'>, message: string): Body | undefined => {
  const why = unfitness(situation)
  return why === undefined ? undefined : { type: 'BOTH_STUCK', message: `${message}, and ${why}` }
}

/** Nobody may have looked for a while. What was missing in the cluster may have come meanwhile: that is found out first. */
const stillHolds = ({ reason }: NonNullable<CanaryStatus['hold']>, situation: Situation): boolean =>
  aboutReason(reason)?.isAnswer === true || typeof situation.seen.convergence === 'object' || lackOf(situation).reason === reason

const deadlineNews = ({ state, context, seen }: Situation): Body | undefined => {
  const { hold } = seen.canary.status
  if (!hold || aboutReason(hold.reason)?.isPatient || !isSo('hasDeadline', state)) return undefined
  if (seen.nowMs - Date.parse(hold.since) <= seen.plan.deadlineMs || !stillHolds(hold, { state, context, seen })) return undefined
  const both = isSo('isLate', state) ? bothStuck({ context, seen }, hold.message) : undefined
  return both ?? { type: 'DEADLINE_EXCEEDED', verdict: overdue(hold) }
}

const overdue = (hold: NonNullable<CanaryStatus['hold']>): Verdict => ({
  kind: 'fatal',
  reason: hold.reason === 'StoreUnreachable' ? 'StoreUnreachable' : 'ProgressDeadlineExceeded',
  message: hold.message,
})

/** A canary that its scaler is still giving pods to is as ready as one that has them all, when those it has are enough. */
const settledTrack = (context: RolloutContext, seen: Observation): Readiness | undefined => {
  const { canary, canaryTrack } = seen
  const isEnough = canaryTrack?.kind === 'waiting' && canaryCarries(shareNow({ canary, context }), seen)
  return isEnough ? { ...canaryTrack, kind: 'ready' } : canaryTrack
}

/** The revision that waits for its start. */
const waitingRevision = (context: RolloutContext, { revision }: Observation) =>
  revision && revisionIsNew(context, revision.pin.hash) ? { revision: revision.pin } : {}

/** People were asked while something else is waited for: that goes on, and they are asked again an interval later. */
const appealNews = ({ context, seen }: Situation): Body | undefined => {
  const { evidence, canary, convergence } = seen
  if (!evidence?.isAppeal) return undefined
  const verdict = evaluate({ canaryName: canary.metadata.name, evidence, canaryTrack: undefined, primaryTrack: undefined })
  if (verdict.kind === 'fatal') return { type: 'CHECKS_FATAL', verdict, ...waitingRevision(context, seen), grants: [] }
  return convergence === 'converged' ? undefined : { type: 'STEP_DELAYED' }
}

const verdictOn = (evidence: Evidence, { state, context, seen }: Situation): Verdict => {
  const { metadata } = seen.canary
  const needsTracks = isSo('analyses', state)
  return evaluate({
    canaryName: `${metadata.name}.${metadata.namespace ?? ''}`,
    evidence,
    canaryTrack: needsTracks ? settledTrack(context, seen) : undefined,
    shortage: needsTracks ? shortageOf({ state, context }, seen) : undefined,
    primaryTrack: needsTracks && context.servingFrom === 'primary' ? seen.primaryTrack : undefined,
  })
}

/** What the tracks lack for the next step, whatever outside systems would say. */
export const lackOf = (situation: Situation): Verdict => verdictOn({ measurements: [], answers: [] }, situation)

const evidenceNews = ({ state, context, seen }: Situation): Body | undefined => {
  if (!seen.evidence || seen.evidence.isAppeal) return undefined
  const verdict = verdictOn(seen.evidence, { state, context, seen })
  const grants = seen.evidence.answers.filter(answer => answer.ok).map(answer => answer.name)
  const waiting = waitingRevision(context, seen)
  switch (verdict.kind) {
    case 'pass':
      return passed({ state, context, seen }, { ...waiting, grants })
    case 'fail':
      return { type: 'CHECKS_FAILED', verdict, grants }
    case 'wait':
      return { type: 'CHECKS_WAITING', verdict, grants }
    case 'inconclusive':
      return { type: 'CHECKS_INCONCLUSIVE', verdict, grants }
    case 'fatal':
      return { type: 'CHECKS_FATAL', verdict, ...waiting, grants }
    default:
      return verdict.kind satisfies never
  }
}

/** Good evidence counts only while the world is what it speaks of, and only below the threshold, which somebody may have lowered. */
const passed = ({ state, context, seen }: Situation, body: Omit<Extract<Body, { type: 'CHECKS_PASSED' }>, 'type'>): Body | undefined => {
  const { convergence, plan, hindrance } = seen
  if (convergence !== undefined && convergence !== 'converged') return undefined
  if (hindrance && isSo('needsTarget', state)) return undefined
  const isSpent = isSo('analyses', state) && context.failedChecks >= plan.threshold
  return isSpent ? { type: 'CHECKS_FATAL', verdict: spent(context), grants: body.grants } : { type: 'CHECKS_PASSED', ...body }
}

const spent = ({ failedChecks }: RolloutContext): Verdict =>
  fatal({ reason: 'FailedChecksThreshold', message: `the threshold was lowered to what ${failedChecks} failed checks reach` })

/** How much of an interval a step has to have before it is judged. */
const leastShare = 0.9
/** The clock of the API server is read to the second. */
const clockToleranceMs = 2000

const paceNews = ({ state, context, seen }: Situation): Body | undefined => {
  const { nextEvidenceAtMs } = context
  if (nextEvidenceAtMs === undefined) return undefined
  const leftMs = nextEvidenceAtMs - seen.nowMs
  const isCutShort = seen.routeIsBehind === true && isSo('isStep', state) && leftMs < leastShare * seen.plan.intervalMs
  const isFarAway = leftMs > seen.plan.intervalMs + seen.plan.slotMs + seen.plan.lagMs + clockToleranceMs
  return isCutShort || isFarAway ? { type: 'STEP_DELAYED' } : undefined
}

/** Nothing counts as copied as long as nobody knows what: another controller began it, and there is no target to tell. */
export const copiesUnknown = ({ state, analysed }: { readonly state: RolloutState; readonly analysed: Pin | undefined }): boolean =>
  state === 'Promoting.copying' && analysed === undefined

const convergenceNews = ({ state, context: { analysed }, seen }: Situation): Body | undefined =>
  seen.convergence === 'converged' && !copiesUnknown({ state, analysed }) ? { type: 'CONVERGED' } : undefined

type Source = (situation: Situation) => Body | undefined

const takenOverNews: Source = ({ state, seen }) => takeOverNews(state, { ...seen, status: seen.canary.status })

/** A rollback that another controller began comes to its end only after it was taken over: its weight may still be that of a share. */
const isOthers = ({ state, seen }: Situation): boolean => state === 'Failed.returning' && isForeign(seen.canary.status)

/** What needs no question comes first; the first news found is the pass's only one. */
const sources: readonly Source[] = [
  takenOverNews,
  revisionNews,
  planNews,
  healthNews,
  deadlineNews,
  appealNews,
  evidenceNews,
  paceNews,
  convergenceNews,
]

/** The news of one look at the world; undefined when nothing happened. */
export const newsOf = (situation: Situation): News => {
  const { seen } = situation
  const now = { nowMs: seen.nowMs, plan: seen.plan }
  if (seen.deleting) return { ...now, type: 'DELETED' }
  if (seen.obstacle || seen.leftBehind?.kind === 'unread') return undefined
  for (const source of isOthers(situation) ? [takenOverNews] : sources) {
    const body = source(situation)
    if (body) return { ...now, ...body } as RolloutEvent
  }
  return undefined
}
