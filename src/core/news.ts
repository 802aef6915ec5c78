import type { RolloutState } from '../api/phases.ts'
import type { CanaryStatus } from '../api/status.ts'
import { evaluate } from './checks.ts'
import type { RolloutEvent } from './events.ts'
import type { Observation } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import type { Verdict } from './verdict.ts'

interface Situation {
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly seen: Observation
}
type News = RolloutEvent | undefined
type Body = RolloutEvent extends infer E ? (E extends RolloutEvent ? Omit<E, 'nowMs' | 'plan'> : never) : never

const analysisStates: readonly RolloutState[] = [
  'Progressing.scaling',
  'Progressing.starting',
  'Progressing.analysing',
  'Progressing.switching',
  'WaitingPromotion',
]
/** Nothing runs here, and a new revision may start. */
const startStates: readonly RolloutState[] = ['Initialized.parking', 'Initialized', 'Succeeded', 'Failed.parking', 'Failed']
const initStates: readonly RolloutState[] = ['Initializing.creating', 'Initializing.switching']
/** From here on only the health of the primary counts. */
const primaryStates: readonly RolloutState[] = ['Promoting.sizing', 'Promoting.shifting', 'Promoting.settling', 'Finalising.draining']
const deadlineStates: readonly RolloutState[] = [...analysisStates, 'Promoting.copying', ...primaryStates.slice(0, 3)]

/** Whether the target asks for something that is neither what the primary runs nor what was judged last. */
export const revisionIsNew = (context: RolloutContext, hash: string | undefined): boolean =>
  hash !== undefined && hash !== context.promoted?.hash && hash !== context.analysed?.hash

/** What a look at the target says: what a new hash means depends on where the rollout stands. */
const revisionNews = (situation: Situation): Body | undefined => {
  const pin = situation.seen.revision?.pin
  if (!pin) return undefined
  const changed: Body = { type: 'REVISION_CHANGED', revision: pin }
  const { state, context } = situation
  if (initStates.includes(state)) return pin.hash === context.analysed?.hash ? undefined : changed
  if (analysisStates.includes(state) || state === 'Promoting.copying') return midRunNews(situation, changed)
  return atRestNews(situation, changed)
}

const atRestNews = ({ state, context, seen }: Situation, changed: Body): Body | undefined => {
  const isNew = revisionIsNew(context, seen.revision?.pin.hash)
  if (state === 'Waiting') return isNew ? undefined : { type: 'RETURNED_TO_PROMOTED' }
  return startStates.includes(state) && isNew && !seen.plan.startIsGated ? changed : undefined
}

/** In mid-run: a newer revision starts over, the promoted one ends the run. */
const midRunNews = ({ context, seen }: Situation, changed: Body): Body | undefined => {
  const hash = seen.revision?.pin.hash
  if (hash === context.analysed?.hash) return undefined
  return hash === context.promoted?.hash && context.servingFrom === 'primary' ? { type: 'RETURNED_TO_PROMOTED' } : changed
}

const healthNews = ({ state, seen }: Situation): Body | undefined => {
  const { canaryTrack, primaryTrack } = seen
  if (analysisStates.includes(state) && canaryTrack?.kind === 'stuck') return { type: 'CANARY_STUCK', message: canaryTrack.message }
  if (primaryStates.includes(state) && primaryTrack?.kind === 'stuck') return { type: 'PRIMARY_STUCK', message: primaryTrack.message }
  return undefined
}

/** Reasons that only a person can lift: no deadline counts against them. */
const humanReasons = ['GateClosed', 'Suspended']

const deadlineNews = ({ state, seen }: Situation): Body | undefined => {
  const { hold } = seen.canary.status
  if (!hold || humanReasons.includes(hold.reason) || !deadlineStates.includes(state)) return undefined
  return seen.nowMs - Date.parse(hold.since) > seen.plan.deadlineMs ? { type: 'DEADLINE_EXCEEDED', verdict: overdue(hold) } : undefined
}

const overdue = (hold: NonNullable<CanaryStatus['hold']>): Verdict => ({
  kind: 'fatal',
  reason: hold.reason === 'StoreUnreachable' ? 'StoreUnreachable' : 'ProgressDeadlineExceeded',
  message: hold.message,
})

const evidenceNews = ({ state, context, seen }: Situation): Body | undefined => {
  if (!seen.evidence) return undefined
  const { metadata } = seen.canary
  const needsTracks = analysisStates.includes(state)
  const verdict = evaluate({
    canaryName: `${metadata.name}.${metadata.namespace ?? ''}`,
    evidence: seen.evidence,
    canaryTrack: needsTracks ? seen.canaryTrack : undefined,
    primaryTrack: needsTracks && context.servingFrom === 'primary' ? seen.primaryTrack : undefined,
  })
  const grants = seen.evidence.answers.filter(answer => answer.ok).map(answer => answer.name)
  switch (verdict.kind) {
    case 'pass':
      return passed(context, seen, grants)
    case 'fail':
      return { type: 'CHECKS_FAILED', verdict, grants }
    case 'wait':
      return { type: 'CHECKS_WAITING', verdict, grants }
    case 'inconclusive':
      return { type: 'CHECKS_INCONCLUSIVE', verdict, grants }
    case 'fatal':
      return { type: 'CHECKS_FATAL', verdict, grants }
    default:
      return verdict.kind satisfies never
  }
}

const passed = (context: RolloutContext, seen: Observation, grants: readonly string[]): Body => {
  const pin = seen.revision?.pin
  return pin && revisionIsNew(context, pin.hash) ? { type: 'CHECKS_PASSED', revision: pin, grants } : { type: 'CHECKS_PASSED', grants }
}

const convergenceNews = ({ seen }: Situation): Body | undefined => (seen.convergence === 'converged' ? { type: 'CONVERGED' } : undefined)

/** What needs no question comes first; the first news found is the pass's only one. */
const sources: readonly ((situation: Situation) => Body | undefined)[] = [
  revisionNews,
  healthNews,
  deadlineNews,
  evidenceNews,
  convergenceNews,
]

/** The news of one look at the world; undefined when nothing happened. */
export const newsOf = (situation: Situation): News => {
  const { seen } = situation
  const now = { nowMs: seen.nowMs, plan: seen.plan }
  if (seen.deleting) return { ...now, type: 'DELETED' }
  if (seen.obstacle) return undefined
  for (const source of sources) {
    const body = source(situation)
    if (body) return { ...now, ...body } as RolloutEvent
  }
  return undefined
}
