import { phaseOf, type RolloutState } from '../api/phases.ts'
import type { HookType } from '../api/webhook.ts'
import type { RolloutContext } from './rollout-context.ts'
import type { RolloutPlan } from './rollout-plan.ts'
import { isSo } from './states.ts'
import { nextWeight } from './steps.ts'

/** What has to be asked before the next decision. */
export interface Questions {
  readonly hooks: readonly HookType[]
  readonly metrics: boolean
  /** Whether this is asked while something else is waited for. */
  readonly isAppeal?: boolean
}

interface Situation {
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly plan: RolloutPlan
  /** An idle Canary whose target changed. */
  readonly revisionIsNew: boolean
}

/** Whether nothing is left to take but the promotion. */
const isPromotionPoint = (context: RolloutContext, plan: RolloutPlan): boolean =>
  plan.ladder.length > 0
    ? !context.mirrored && nextWeight(plan.ladder, context.weight) === undefined
    : context.iterations >= plan.iterations

const analysisHooks: readonly HookType[] = ['rollback', 'rollout']

const startingHooks = ({ plan, context }: Situation): readonly HookType[] => {
  const gated = plan.ladder.length > 0 && !(plan.mirror && context.weight === 0)
  return gated ? ['rollback', 'pre-rollout', 'confirm-traffic-increase'] : ['rollback', 'pre-rollout']
}

const analysingHooks = ({ plan, context }: Situation): readonly HookType[] => [
  ...analysisHooks,
  ...(plan.ladder.length > 0 && !context.mirrored ? (['confirm-traffic-increase'] as const) : []),
  ...(isPromotionPoint(context, plan) ? (['confirm-promotion'] as const) : []),
]

/** Where somebody wrote a longer ladder meanwhile, weights grow again. */
const waitingHooks = ({ plan, context }: Situation): readonly HookType[] => [
  ...analysisHooks,
  ...(nextWeight(plan.ladder, context.weight) === undefined ? [] : (['confirm-traffic-increase'] as const)),
  'confirm-promotion',
]

const nothing: Questions = { hooks: [], metrics: false }

/** Only whether people call the rollout off. */
const appeal: Questions = { hooks: ['rollback'], metrics: false }

/** The questions of a state, or undefined where it decides without asking anybody. */
export const questionsOf = (situation: Situation): Questions | undefined => {
  const { state, plan } = situation
  if (isSo('mayStart', state)) return startQuestions(situation)
  if (state === 'Promoting.shifting') return appealOf(situation) ? appeal : nothing
  const ask = asked[state]
  return plan.skipAnalysis && state !== 'Waiting' ? ask && nothing : ask?.(situation)
}

const endings = ['Promoting', 'Finalising']

/**
 * What is asked while something else is waited for: people may call a rollout off at any time, from its gate to its last step. Before the
 * first rollout there is nothing to go back to.
 */
export const appealOf = ({ state, context, plan }: Situation): Questions | undefined => {
  const isUnderWay = ['Waiting', 'Progressing', 'WaitingPromotion'].includes(phaseOf(state))
  const ends = endings.includes(phaseOf(state)) && context.analysed?.hash !== context.promoted?.hash
  return plan.mayBeCalledOff && (isUnderWay || ends) ? { ...appeal, isAppeal: true } : undefined
}

const asked: Readonly<Partial<Record<RolloutState, (situation: Situation) => Questions>>> = {
  Waiting: () => ({ hooks: ['rollback', 'confirm-rollout'], metrics: false }),
  'Progressing.starting': situation => ({ hooks: startingHooks(situation), metrics: false }),
  'Progressing.analysing': situation => ({ hooks: analysingHooks(situation), metrics: true }),
  'Progressing.switching': () => ({ hooks: analysisHooks, metrics: true }),
  WaitingPromotion: situation => ({ hooks: waitingHooks(situation), metrics: true }),
}

const startQuestions = ({ plan, revisionIsNew }: Situation): Questions | undefined =>
  plan.startIsGated && revisionIsNew ? { hooks: ['confirm-rollout'], metrics: false } : undefined

/** Whether the questions are due. A state that has not said when is asked at once. */
export const isDue = (context: RolloutContext, nowMs: number): boolean =>
  context.nextEvidenceAtMs === undefined || nowMs >= context.nextEvidenceAtMs
