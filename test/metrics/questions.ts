import type { MetricAnswer, MetricQuestion } from '../../src/metrics/metric-store.ts'

/** A question to a store at this address. */
export const aQuestion = (address: string, change: Partial<MetricQuestion> = {}): MetricQuestion => ({
  address,
  query: 'sum(up)',
  intervalMs: 60_000,
  ...change,
})

/** An answer in one line: the value, or the reason there is none. */
export const inShort = (answer: MetricAnswer): number | string => ('value' in answer ? answer.value : answer.silence.reason)

/** The words of a silence. */
export const wordsOf = (answer: MetricAnswer): string => ('value' in answer ? '' : answer.silence.message)
