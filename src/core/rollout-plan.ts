import { intervalMs, ladderOf, strategyOf, thresholdOf } from '../api/analysis.ts'
import { type Canary, progressDeadlineMs } from '../api/canary.ts'
import { webhooksOf } from '../api/webhook.ts'

/** What the routing layer can do, as far as the rollout asks. */
export interface Abilities {
  readonly weigh: boolean
  readonly mirror: boolean
  readonly mirrorIterations: boolean
}

/** How one rollout is to run: the spec, read once, in the machine's terms. All weights in whole percent. */
export interface RolloutPlan {
  readonly strategy: 'canary' | 'blue-green' | 'ab-testing'
  /** Rising weights of a weighted run; empty for the other strategies. */
  readonly ladder: readonly number[]
  /** Iterations of blue/green and A/B; 0 for a weighted run. */
  readonly iterations: number
  /** One mirrored step before the ramp, or mirroring during blue/green iterations. */
  readonly mirror: boolean
  /** Whether live traffic can be sent to the canary at all. */
  readonly weighs: boolean
  readonly returnStep: number
  readonly threshold: number
  readonly intervalMs: number
  /** Steps of many canaries fall due together, on multiples of this time; 0: each on its own. */
  readonly slotMs: number
  /** How long it takes to record a step, where that is worth counting: a step gets so much more, for its route is written only then. */
  readonly lagMs: number
  readonly deadlineMs: number
  readonly skipAnalysis: boolean
  /** Whether a confirm-rollout gate stands before the start. */
  readonly startIsGated: boolean
  /** Whether there are rollback hooks, through which people call a rollout off at any time. */
  readonly mayBeCalledOff: boolean
}

/** The field runs ten iterations where a weighted run is asked of a layer that cannot weigh. */
const fallbackIterations = 10

/** The pace that the controller sets: the floor of the analysis interval, what share of an interval its slots have, and how long it takes to record a status. */
export interface Pace {
  readonly minIntervalMs: number
  readonly slotShare?: number
  readonly lagMs?: number
}

/** A lag below this share of an interval changes nothing. */
const leastLag = 0.05

/** In whole milliseconds, as times are. */
const countedLag = (lagMs: number, intervalMs: number): number =>
  lagMs < intervalMs * leastLag ? 0 : Math.min(Math.ceil(lagMs), intervalMs)

/** What the spec alone says. */
type Wishes = Omit<RolloutPlan, 'slotMs' | 'lagMs'>

interface Reading {
  readonly from: readonly unknown[]
  readonly wishes: Wishes
}

/** What was read last from each spec: every pass asks for it. Nobody changes a spec in place. */
const lastReadings = new WeakMap<Canary['spec'], Reading>()

/** Reads the plan from the spec. */
export const rolloutPlan = (canary: Canary, can: Abilities, { minIntervalMs, slotShare = 0, lagMs = 0 }: Pace): RolloutPlan => {
  const from = [can.weigh, can.mirror, can.mirrorIterations, minIntervalMs]
  const last = lastReadings.get(canary.spec)
  const isSame = last?.from.every((part, index) => part === from[index]) ?? false
  const wishes = last && isSame ? last.wishes : wishesOf(canary, can, minIntervalMs)
  if (!isSame) lastReadings.set(canary.spec, { from, wishes })
  return { ...wishes, slotMs: wishes.intervalMs * slotShare, lagMs: countedLag(lagMs, wishes.intervalMs) }
}

const wishesOf = (canary: Canary, can: Abilities, minIntervalMs: number): Wishes => {
  const { analysis, skipAnalysis } = canary.spec
  const { iterations = 0, stepWeightPromotion = 0 } = analysis
  const weighted = iterations <= 0 && can.weigh
  const strategy = can.weigh ? strategyOf(canary) : 'blue-green'
  return {
    strategy,
    ladder: weighted ? ladderOf(canary) : [],
    iterations: weighted ? 0 : iterations > 0 ? iterations : fallbackIterations,
    mirror: analysis.mirror && (weighted ? can.mirror : can.mirrorIterations) && strategy !== 'ab-testing',
    weighs: can.weigh,
    returnStep: can.weigh ? stepWeightPromotion : 0,
    threshold: thresholdOf(canary),
    intervalMs: intervalMs(canary, minIntervalMs),
    deadlineMs: progressDeadlineMs(canary),
    skipAnalysis,
    startIsGated: webhooksOf(canary, 'confirm-rollout').length > 0,
    mayBeCalledOff: webhooksOf(canary, 'rollback').length > 0 && !skipAnalysis,
  }
}
