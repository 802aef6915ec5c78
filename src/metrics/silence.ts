import type { MetricAnswer } from './metric-store.ts'

/** No number, and why. */
export type Silence = Extract<MetricAnswer, { readonly silence: unknown }>

type Kind = Silence['silence']['kind']
type Because = Silence['silence']['reason']

const silent =
  (kind: Kind, reason: Because) =>
  (message: string): Silence => ({ silence: { kind, reason, message } })

/** The store answered, but with nothing to judge by. */
export const noData = silent('no-data', 'NoData')
/** The store could not be asked. */
export const unreachable = silent('unreachable', 'StoreUnreachable')
/** Whoever asked does not wait any more. */
export const calledOff = unreachable('the question was called off')
/** The question is wrong, and stays so until somebody changes it. */
export const invalid = silent('invalid', 'MetricInvalid')
export const secretMissing = silent('invalid', 'SecretMissing')
export const templateMissing = silent('invalid', 'MetricTemplateMissing')

/** The same silence with other words. */
export const reworded = ({ silence }: Silence, words: (message: string) => string): Silence => ({
  silence: { ...silence, message: words(silence.message) },
})
