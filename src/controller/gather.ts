import type { Canary } from '../api/canary.ts'
import { type HookType, type Webhook, webhooksOf } from '../api/webhook.ts'
import { evaluate } from '../core/checks.ts'
import type { Evidence, Measurement } from '../core/evidence.ts'
import { askableMetrics } from '../core/evidence-window.ts'
import type { Questions } from '../core/questions.ts'
import type { Io } from '../io.ts'
import type { Measurer } from '../metrics/metric-store.ts'
import type { HookCaller } from '../webhooks/hook.ts'

export interface GatherTools {
  readonly measurer: Measurer
  readonly hooks: HookCaller
}

export interface Inquiry {
  readonly canary: Canary
  readonly questions: Questions
  /** Phase as hooks are told it. */
  readonly phase: string
  /** The API server's clock, epoch milliseconds. */
  readonly nowMs: number
}

/** Gates and preparations that approved at this step are not asked again; load tests and rollback hooks always are. */
const askedOnce: readonly HookType[] = ['pre-rollout', 'confirm-traffic-increase', 'confirm-promotion']

const toAsk = (canary: Canary, type: HookType): readonly Webhook[] => {
  const granted = askedOnce.includes(type) ? (canary.status.grants ?? []) : []
  return webhooksOf(canary, type).filter(hook => !granted.includes(hook.name))
}

/** What came in is bad enough to act on: nobody else is waited for. */
const isSettled = (evidence: Evidence): boolean => {
  const { kind } = evaluate({ canaryName: '', evidence, canaryTrack: undefined, primaryTrack: undefined })
  return kind === 'fatal' || kind === 'fail'
}

/**
 * Asks metrics and hooks side by side. Neither ever throws: what went wrong is part of the answer. As soon as one of them fails the rest is
 * called off, so that a hook that hangs never delays a rollback.
 */
export const gather = async ({ canary, questions, phase, nowMs }: Inquiry, { measurer, hooks }: GatherTools, io: Io): Promise<Evidence> => {
  const over = new AbortController()
  const limited = { ...io, signal: AbortSignal.any([io.signal, over.signal]) }
  const settled = Promise.withResolvers<void>()
  let evidence: Evidence = { measurements: [], answers: [], ...(questions.isAppeal && { isAppeal: true }) }
  const note = (found: Partial<Evidence>): void => {
    evidence = { ...evidence, ...found }
    if (isSettled(evidence)) settled.resolve()
  }
  const calls = questions.hooks.flatMap(type => toAsk(canary, type))
  const asked = [
    ...(questions.metrics ? [measure({ canary, nowMs }, measurer, limited).then(measurements => note({ measurements }))] : []),
    ...calls.map(hook => hooks.call({ canary, hook, phase }, limited).then(answer => note({ answers: [...evidence.answers, answer] }))),
  ]
  await Promise.race([Promise.all(asked), settled.promise])
  const known = evidence // what comes in after this was called off, and says nothing
  over.abort(new Error('no longer needed'))
  return known
}

const measure = async (
  { canary, nowMs }: Pick<Inquiry, 'canary' | 'nowMs'>,
  measurer: Measurer,
  io: Io,
): Promise<readonly Measurement[]> => {
  const { metrics, complete } = askableMetrics(canary, nowMs)
  const isNothingLeft = metrics.length < canary.spec.analysis.metrics.length && metrics.length === 0
  return complete(isNothingLeft ? [] : await measurer.measure(canary, metrics, io))
}
