import * as z from 'zod'
import { Whole } from './field.ts'

/** The fields that say how traffic moves. Values above 100 are clamped, because manifests of the field rely on it. */
export const Steps = z.object({
  maxWeight: Whole.optional()
    .describe('Percent of live requests at which the canary is promoted. Ignored with stepWeights; clamped to 100.')
    .meta({ presumed: 100 }),
  stepWeight: Whole.optional().describe('Percent added after each passed analysis; the last step is clamped to maxWeight.'),
  stepWeights: z
    .array(Whole)
    .max(101)
    .optional()
    .describe(
      'An explicit ladder of percentages instead of stepWeight. It rises from step to step; its last element is where the canary is promoted.',
    ),
  stepWeightPromotion: Whole.optional()
    .describe('Percent by which traffic returns to the primary while it is promoted; absent or 0: all at once.')
    .meta({ presumed: 0 }),
})
export type Steps = z.infer<typeof Steps>

const positive = (value: number | undefined, otherwise: number): number => (value !== undefined && value > 0 ? value : otherwise)

/** Percent of live requests at which the canary is promoted: 1..100. */
export const maxWeightOfSteps = ({ stepWeights = [], maxWeight }: Steps): number =>
  Math.min(100, positive(stepWeights.at(-1) ?? maxWeight, 100))

/**
 * The canary weights that a run passes, in order: whole percentages, strictly rising, the last one is `maxWeightOfSteps`.
 * Never empty: without a step it is the last weight alone.
 */
export const ladderOfSteps = (steps: Steps): number[] => {
  const top = maxWeightOfSteps(steps)
  const wanted = (steps.stepWeights ?? []).length > 0 ? (steps.stepWeights ?? []) : evenly(positive(steps.stepWeight, top), top)
  return [...new Set(wanted.filter(weight => weight > 0 && weight < top)), top].sort((a, b) => a - b)
}

const evenly = (step: number, top: number): number[] => Array.from({ length: Math.ceil(top / step) }, (_, index) => (index + 1) * step)

/** Whether each element is greater than the one before it. */
export const isRising = (ladder: readonly number[]): boolean =>
  ladder.every((weight, index) => index === 0 || weight > (ladder[index - 1] ?? weight))
