import { initialTransition, transition } from 'xstate'
import { clip } from '../api/advice.ts'
import { isIdle, phaseOf, type RolloutState } from '../api/phases.ts'
import type { CanaryStatus, Capacity, CheckRecord, DeclaredReplicas, Hold, Place } from '../api/status.ts'
import { cookiesAfter } from './affinity.ts'
import { capacityAfter, drainSinceAfter, limitText } from './capacity.ts'
import { evaluate } from './checks.ts'
import { conditionsOf } from './conditions.ts'
import { declaredAfter, declaredNotices } from './declared-replicas.ts'
import type { RolloutEvent } from './events.ts'
import type { Measurement } from './evidence.ts'
import { evidenceSinceAfter } from './evidence-window.ts'
import { historyAfter } from './history.ts'
import { holdAfter, holdNotices, isToldAlready } from './holds.ts'
import { inventoryAfter, moveNotices } from './inventory.ts'
import { rolloutMachine } from './machine.ts'
import { newsOf } from './news.ts'
import { hookPassed, type Notice, type NoticeParams, toNotice } from './notices.ts'
import type { Observation, Obstacle, Revision } from './observation.ts'
import { post } from './outbox.ts'
import { freshContext, type RolloutContext } from './rollout-context.ts'
import { sameJson } from './same-json.ts'
import { isStandBy, standBy } from './stand-by.ts'
import { contextOf, fromStateValue, stateOf, statusOf, timeText, toStateValue } from './status-context.ts'
import { isForeign } from './take-over.ts'

/** What the status becomes, and what people should hear. */
export interface Decision {
  readonly state: RolloutState
  readonly status: CanaryStatus
  readonly notices: readonly Notice[]
  /** Whether `status` says anything else than before, and so has to be recorded. */
  readonly changed: boolean
  /** Whether this decision sends traffic back: it must take effect even if it cannot be recorded. */
  readonly rollsBack: boolean
  readonly event: RolloutEvent | undefined
}

interface Step {
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly notices: readonly Notice[]
}

/** What the status becomes, and what people should hear. Runs nothing: same input, same answer. */
export const decide = (seen: Observation): Decision => (isStandBy(seen.obstacle) ? standingBy(seen, seen.obstacle) : decideNow(seen))

const standingBy = (seen: Observation, obstacle: Obstacle): Decision => {
  const { status, notices } = standBy(seen, obstacle)
  const state = stateOf(status)
  return { state, status, notices, changed: !sameJson(status, seen.canary.status), rollsBack: false, event: undefined }
}

const decideNow = (seen: Observation): Decision => {
  const before: Step = { state: stateOf(seen.canary.status), context: contextOf(seen.canary.status, seen.nowMs), notices: [] }
  const event = newsOf({ ...before, seen })
  const moved = event ? advance(before, event, seen) : before
  const hold = holdAfter({ before, after: moved, event, seen })
  const capacity = capacityAfter({ before, after: moved, seen })
  const declaredReplicas = declaredAfter({ ...before, event, seen })
  const inventory = inventoryAfter({ context: moved.context, seen })
  const others = [
    ...holdNotices(hold, event, seen),
    ...limitNotices(capacity, seen),
    ...declaredNotices(declaredReplicas, seen),
    ...moveNotices(inventory, seen),
    ...remarkNotices(seen),
  ]
  const after = { ...moved, notices: [...moved.notices, ...others] }
  const status = assemble({ before, after, event, hold, capacity, declaredReplicas, inventory, seen })
  return {
    state: after.state,
    status,
    notices: after.notices,
    changed: !sameJson(status, seen.canary.status),
    rollsBack: after.state === 'Failed.returning' && before.state !== 'Failed.returning',
    event,
  }
}

/** xstate works out where a machine begins with each transition, though nobody asks: here it is known. */
const [beginning] = initialTransition(rolloutMachine, freshContext(0))
const steadyMachine: typeof rolloutMachine = Object.assign(Object.create(rolloutMachine), { getInitialSnapshot: () => beginning })

/** One arrow of the machine. */
const advance = (before: Step, event: RolloutEvent, seen: Observation): Step => {
  const snapshot = rolloutMachine.resolveState({ value: toStateValue(before.state), context: before.context })
  const [next, actions] = transition(steadyMachine, snapshot, event)
  const state = fromStateValue(next.value)
  const context: RolloutContext = state === before.state ? next.context : { ...next.context, stateSinceMs: seen.nowMs }
  const scene = { canary: seen.canary, event, before: before.context, after: context }
  const isMoot = ({ reason }: NoticeParams) => reason === 'TrafficReturning' && before.context.weight === context.weight // none was away
  const isNews = (params: NoticeParams) => !isToldAlready(params, event, seen) && !isMoot(params)
  const spoken = actions.flatMap(action => (isNotice(action) && isNews(action.params) ? [toNotice(action.params, scene)] : []))
  return { state, context, notices: [...hookNotices(before.context, seen), ...spoken] }
}

/** The action type does not narrow by itself; this is the one place where it is looked at. */
const isNotice = (action: unknown): action is { readonly type: 'notice'; readonly params: NoticeParams } =>
  typeof action === 'object' && action !== null && 'type' in action && action.type === 'notice' && 'params' in action

/** Gates and pre-rollout hooks that said yes for the first time at this step. */
const hookNotices = (context: RolloutContext, seen: Observation): readonly Notice[] =>
  (seen.evidence?.answers ?? [])
    .filter(({ ok, type, name }) => ok && type !== 'rollout' && type !== 'rollback' && !context.grants.includes(name))
    .map(({ type, name }) => hookPassed(type, name))

interface Outcome {
  readonly before: Step
  readonly after: Step
  readonly event: RolloutEvent | undefined
  readonly seen: Observation
}

/** That a scaler allows too little is said once in a rollout. */
const limitNotices = (capacity: Capacity | undefined, seen: Observation): readonly Notice[] =>
  capacity?.limited && !seen.canary.status.capacity?.limited
    ? [{ type: 'Warning', reason: 'CapacityLimitedByScaler', message: limitText(capacity, seen) }]
    : []

/** What the manifest could say better is said once, and again when it changes. */
const remarkNotices = ({ remarks = [], canary }: Observation): readonly Notice[] => {
  const message = remarks.join('; ')
  const before = canary.status.conditions?.find(({ type }) => type === 'Notes')?.message
  return message === '' || message === before ? [] : [{ type: 'Warning', reason: 'SpecNotes', message }]
}

/** The verdict on each metric, for people who look. */
const recordsOf = (seen: Observation): readonly CheckRecord[] | undefined =>
  seen.evidence?.measurements.map(metric => {
    const { kind, message } = evaluate({
      canaryName: `${seen.canary.metadata.name}.${seen.canary.metadata.namespace ?? ''}`,
      evidence: { measurements: [metric], answers: [] },
      canaryTrack: undefined,
      primaryTrack: undefined,
    })
    return { name: metric.name, verdict: kind, ...numbersOf(metric), ...(message ? { message } : {}) }
  })

const numbersOf = ({ value, min, max }: Measurement): Pick<CheckRecord, 'value' | 'min' | 'max'> => ({
  ...(value === undefined || !Number.isFinite(value) ? {} : { value }),
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
})

interface Assembly extends Outcome {
  readonly hold: Hold | undefined
  readonly capacity: Capacity | undefined
  readonly declaredReplicas: DeclaredReplicas | undefined
  readonly inventory: readonly Place[] | undefined
}

const assemble = ({ before, after, event, hold, capacity, declaredReplicas, inventory, seen }: Assembly): CanaryStatus => {
  const { canary, nowMs } = seen
  const old = canary.status
  const { state, context } = after
  const phaseMoved = phaseOf(state) !== old.phase
  const { outbox, dropped } = post({ ...seen, notices: after.notices, phase: phaseOf(state) })
  const checks = recordsOf(seen)
  const merged = {
    ...old,
    ...statusOf(state, context),
    ...failureFields(context),
    ...takenOverFields(after, seen),
    ...revisionFields(before, after, seen),
    ...routingFields(context, seen),
    inventory,
    capacity,
    declaredReplicas,
    drainSince: drainSinceAfter({ before, after, seen }),
    evidenceSince: evidenceSinceAfter({ before, after, seen }),
    ...noCookies,
    ...cookiesAfter(canary, context),
    hold,
    checks: checks && checks.length > 0 ? checks : startsAnew(before, after) ? undefined : old.checks,
    history: historyAfter({ old, before, after, event, hold, evidence: seen.evidence, nowMs }),
    observedGeneration: canary.metadata.generation,
    lastTransitionTime: phaseMoved || !old.lastTransitionTime ? timeText(nowMs) : old.lastTransitionTime,
    conditions: conditionsOf({
      canary,
      state,
      context,
      hold,
      obstacle: obstacleAt(state, seen),
      nowMs,
      remarks: seen.remarks ?? [],
      declaredReplicas,
    }),
    outbox: outbox.length > 0 ? outbox : undefined,
    outboxDropped: (old.outboxDropped ?? 0) + dropped || undefined,
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) as CanaryStatus
}

const failureFields = ({ failure }: RolloutContext) => (failure ? { failure: { ...failure, message: clip(failure.message) } } : {})

/** Where nothing runs, what would keep a rollout from starting is what people have to know. */
const obstacleAt = (state: RolloutState, { obstacle, hindrance }: Observation): Obstacle | undefined =>
  obstacle ?? (isIdle(state) || phaseOf(state) === 'Initializing' ? hindrance : undefined)

/** What the recorded weight means: nothing of it changes while nothing may be done. */
const routingFields = ({ weight, mirrored }: RolloutContext, { obstacle, places, plan }: Observation) =>
  obstacle ? {} : { ...(places && { routing: places.asked.routing }), strategy: weight > 0 || mirrored ? plan.strategy : undefined }

const noCookies = { sessionAffinityCookie: undefined, primarySessionAffinityCookie: undefined, previousSessionAffinityCookie: undefined }

const startsAnew = (before: Step, after: Step): boolean => before.context.analysed?.hash !== after.context.analysed?.hash

/** The hash of another controller goes with the take-over. */
const takenOverFields = ({ context: { analysed } }: Step, { canary }: Observation): Partial<CanaryStatus> =>
  analysed && isForeign(canary.status) ? { lastAppliedSpec: analysed.hash } : {}

/** What the field's tools read of a revision: moves only together with the transition it belongs to. */
const revisionFields = (before: Step, after: Step, seen: Observation): Partial<Record<keyof CanaryStatus, unknown>> => {
  const { analysed, promoted } = after.context
  const { revision } = seen
  const takesUp =
    revision !== undefined &&
    analysed?.hash === revision.pin.hash &&
    (startsAnew(before, after) || seen.canary.status.lastAppliedSpec === undefined)
  const promotes = promoted !== undefined && promoted.hash !== before.context.promoted?.hash
  const trackedConfigs = (takesUp ? revision.trackedConfigs : undefined) ?? seen.canary.status.trackedConfigs
  return {
    ...(takesUp ? { lastAppliedSpec: revision.pin.hash, ...(trackedConfigs ? { trackedConfigs } : {}) } : {}),
    ...(promotes ? { lastPromotedSpec: promoted.hash } : {}),
    ...(revision ? { configVersions: versionsOf(revision, trackedConfigs) } : {}),
  }
}

/**
 * The versions at which tracked configuration had the very digests that status holds. A newer version with another digest is left out until
 * its revision is taken up: after a restart it would pass for the old one, and the change would be lost.
 */
const versionsOf = ({ configVersions = {}, trackedConfigs: seen = {} }: Revision, tracked: CanaryStatus['trackedConfigs'] = {}) => {
  const settled = Object.entries(configVersions).filter(([key]) => seen[key] === tracked[key])
  return settled.length > 0 ? Object.fromEntries(settled) : undefined
}
