import { isBuiltIn, type Metric, rangeOf } from '../api/metric.ts'
import type { Measurement } from '../core/evidence.ts'
import { messageOf } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Measurer, MetricAnswer } from './metric-store.ts'
import { inquiryOf } from './question.ts'
import { noData, unreachable } from './silence.ts'
import { type Context, defaultStore, sourceOf } from './source.ts'

/** For one metric, Secrets and second questions included. All are asked at once, so a store that hangs holds up a pass no longer than this. */
const deadlineMs = 10_000

/** Asks the stores what the metrics of a Canary need. */
export const measurerOf = (tools: Omit<Context, 'canary' | 'io'>): Measurer => ({
  measure: (canary, metrics, io) =>
    Promise.all(
      metrics.map(metric =>
        within(io, {
          work: limited => measureOne(metric, { ...tools, canary, io: limited }),
          late: why => measurementOf(metric, defaultStore, unreachable(why)),
        }),
      ),
    ),
  probe: async (canary, io) => {
    if (canary.spec.skipAnalysis) return []
    const { metrics } = canary.spec.analysis
    const problems = await Promise.all(
      metrics.map(metric =>
        within<string | undefined>(io, {
          work: limited => probeOne(metric, { ...tools, canary, io: limited }),
          late: why => why,
        }),
      ),
    )
    return [...new Set(problems.filter(problem => problem !== undefined))]
  },
})

const measureOne = async (metric: Metric, context: Context): Promise<Measurement> => {
  const source = await sourceOf(metric, context)
  if ('silence' in source) return measurementOf(metric, defaultStore, source)
  const { store } = source
  const inquiry = inquiryOf(metric, source, context)
  if ('silence' in inquiry) return measurementOf(metric, store.name, inquiry)
  const first = await store.ask(inquiry.question, context.io)
  const saysNothing = 'silence' in first && first.silence.kind === 'no-data'
  const second = saysNothing && inquiry.whenSilent ? await store.ask(inquiry.whenSilent, context.io) : first
  const answer = 'value' in second ? scaled(second.value, inquiry.factor) : first
  return measurementOf(metric, store.name, answer)
}

const scaled = (value: number, factor: number): MetricAnswer => {
  const product = value * factor
  return Number.isFinite(product) ? { value: product } : noData(`expected one finite number, got ${value} times ${factor}`)
}

/** Durations are compared as whole milliseconds on both sides, as the field does. */
const measurementOf = (metric: Metric, store: string, answer: MetricAnswer): Measurement => {
  const unit = unitOf(metric)
  const exact = unit === 'milliseconds' ? Math.trunc : (value: number) => value
  const { min, max } = rangeOf(metric)
  return {
    name: metric.name,
    ...('value' in answer ? { value: exact(answer.value) } : answer),
    ...(min === undefined ? {} : { min: exact(min) }),
    ...(max === undefined ? {} : { max: exact(max) }),
    unit,
    store,
  }
}

const unitOf = (metric: Metric): Measurement['unit'] => {
  if (!isBuiltIn(metric)) return 'plain'
  return metric.name === 'request-duration' ? 'milliseconds' : 'percent'
}

const probeOne = async (metric: Metric, context: Context): Promise<string | undefined> => {
  const source = await sourceOf(metric, context)
  if ('silence' in source) return source.silence.message
  const problem = await source.store.probe(source.access, context.io)
  return problem === undefined ? undefined : `${source.label} is not available: ${problem}`
}

interface Errand<T> {
  readonly work: (io: Io) => Promise<T>
  /** What stands for the result when there is none, and why there is none. */
  readonly late: (why: string) => T
}

/** Never rejects, and never takes longer than the deadline, whatever the store does. */
const within = async <T>(io: Io, { work, late }: Errand<T>): Promise<T> => {
  const over = new AbortController()
  const signal = AbortSignal.any([io.signal, over.signal])
  const ended = Promise.withResolvers<T>()
  const end = () => ended.resolve(late(over.signal.aborted ? `no answer within ${deadlineMs / 1000}s` : 'the question was called off'))
  const cancel = io.clock.schedule(deadlineMs, () => over.abort())
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await Promise.race([ended.promise, work({ ...io, signal })])
  } catch (error) {
    return late(messageOf(error))
  } finally {
    cancel()
    signal.removeEventListener('abort', end)
  }
}
