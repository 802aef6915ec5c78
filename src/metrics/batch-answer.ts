import * as z from 'zod'
import type { StoreAnswer } from './prometheus-answer.ts'
import { batchLabel } from './query-batch.ts'

/**
 * An answer that leaves nothing out. Warnings tell of stores that did not answer and of limits that cut something off; Thanos writes them,
 * VictoriaMetrics says `isPartial`.
 */
const Whole = z.object({
  status: z.literal('success'),
  data: z.object({ resultType: z.literal('vector'), result: z.array(z.unknown()) }),
  warnings: z.array(z.unknown()).max(0).nullish(),
  isPartial: z.literal(false).nullish(),
})

const Marked = z.object({ metric: z.object({ [batchLabel]: z.string() }) })

const vectorIn = ({ status, body }: StoreAnswer): readonly unknown[] | undefined => {
  const whole = status === 200 ? Whole.safeParse(body) : undefined
  return whole?.success ? whole.data.data.result : undefined
}

/** A good query has one series. Whoever has more than these makes the answer of a batch long for all. */
const mostSeries = 20

/** Whether the answer to a query alone is one that could be part of a batch's: an instant vector, not long, with nothing left out. */
export const suitsBatch = (answer: StoreAnswer): boolean => {
  const all = vectorIn(answer)
  return all !== undefined && all.length <= mostSeries
}

/** What a batch of so many queries brought to each, as if it had been asked alone; undefined when any of it is in doubt. */
export const splitBatch = (answer: StoreAnswer, count: number): readonly StoreAnswer[] | undefined => {
  const all = vectorIn(answer)
  if (!all) return undefined
  const parts = Array.from({ length: count }, (): unknown[] => [])
  for (const series of all) {
    const part = parts[placeOf(series)]
    if (!part || part.length === mostSeries) return undefined
    part.push(series)
  }
  return parts.map(result => ({ status: answer.status, body: { status: 'success', data: { resultType: 'vector', result } } }))
}

const placeOf = (series: unknown): number => {
  const mark = Marked.safeParse(series).data?.metric[batchLabel] ?? ''
  return /^\d{1,4}$/.test(mark) ? Number(mark) : Number.NaN
}
