import type { Canary } from '../api/canary.ts'
import { type HookType, type Webhook, webhooksOf } from '../api/webhook.ts'
import type { Evidence } from '../core/evidence.ts'
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
}

/** Gates and preparations that approved at this step are not asked again; load tests and rollback hooks always are. */
const askedOnce: readonly HookType[] = ['pre-rollout', 'confirm-traffic-increase', 'confirm-promotion']

const toAsk = (canary: Canary, type: HookType): readonly Webhook[] => {
  const granted = askedOnce.includes(type) ? (canary.status.grants ?? []) : []
  return webhooksOf(canary, type).filter(hook => !granted.includes(hook.name))
}

/** Asks metrics and hooks side by side. Neither ever throws: what went wrong is part of the answer. */
export const gather = async ({ canary, questions, phase }: Inquiry, { measurer, hooks }: GatherTools, io: Io): Promise<Evidence> => {
  const calls = questions.hooks.flatMap(type => toAsk(canary, type))
  const [measurements, answers] = await Promise.all([
    questions.metrics ? measurer.measure(canary, canary.spec.analysis.metrics, io) : [],
    Promise.all(calls.map(hook => hooks.call({ canary, hook, phase }, io))),
  ])
  return { measurements, answers }
}
