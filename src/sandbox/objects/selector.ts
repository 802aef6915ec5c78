import * as z from 'zod'
import { Labels } from './view.ts'

export const LabelSelector = z.looseObject({
  matchLabels: Labels.optional(),
  matchExpressions: z
    .array(
      z.looseObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
})
export type LabelSelector = z.infer<typeof LabelSelector>

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

const operators: Readonly<Record<Requirement['operator'], (value: string | undefined, values: readonly string[]) => boolean>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: value => value !== undefined,
  DoesNotExist: value => value === undefined,
}

/** Whether the labels carry each of these pairs. An empty selector selects everything: ask first where that is not meant. */
export const labelsMatch = (wanted: Labels, labels: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value)

/** Whether a label selector selects these labels. The empty selector selects everything. */
export const selectorMatches = (selector: LabelSelector, labels: Labels): boolean =>
  labelsMatch(selector.matchLabels ?? {}, labels) &&
  (selector.matchExpressions ?? []).every(({ key, operator, values }) => operators[operator](labels[key], values ?? []))
