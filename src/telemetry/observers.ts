import type { Canary } from '../api/canary.ts'
import { type KindRef, keyText } from '../api/object.ts'
import { phaseOf, type RolloutState } from '../api/phases.ts'
import type { Reason } from '../api/reasons.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Notice } from '../core/notices.ts'
import type { RolloutPlan } from '../core/rollout-plan.ts'
import type { CanaryLabels, RolloutEnd } from './canary-metrics.ts'
import type { Metrics } from './metrics.ts'
import type { KubeRequest } from './outside-metrics.ts'

const labelsOf = ({ metadata: { namespace = '', name }, spec }: Canary): CanaryLabels => ({ namespace, name, target: spec.targetRef.name })

const outcomeOf = (reason: Reason, skipAnalysis: boolean): RolloutEnd['outcome'] => {
  if (reason !== 'PromotionFinished') return 'failed'
  return skipAnalysis ? 'skipped' : 'promoted'
}

/** What the controller tells of Canaries, as metrics. */
export const controllerObserver = ({ canaries, loop }: Metrics) => ({
  seen: (canary: Canary, state: RolloutState): void => {
    const { canaryWeight: weight = 0, outbox = [], outboxDropped: dropped = 0 } = canary.status
    const labels = labelsOf(canary)
    canaries.show(labels, { phase: phaseOf(state), weight })
    loop.outbox(keyText(labels), { waiting: outbox.length, dropped })
  },
  measured: (canary: Canary, { measurements }: Evidence, lateMs: number): void => {
    loop.late(lateMs)
    for (const { name, value, unit } of measurements)
      if (value !== undefined) canaries.measured(labelsOf(canary), name, unit === 'milliseconds' ? value / 1000 : value)
  },
  decided: (canary: Canary, { strategy, skipAnalysis }: RolloutPlan, notices: readonly Notice[]): void => {
    for (const { reason } of notices.filter(({ final }) => final))
      canaries.ended(labelsOf(canary), { strategy, outcome: outcomeOf(reason, skipAnalysis) })
  },
  analysed: (canary: Canary, durationMs: number): void => canaries.analysed(labelsOf(canary), durationMs / 1000),
  forgotten: (namespace: string, name: string): void => {
    canaries.forget(namespace, name)
    loop.forgetOutbox(keyText({ namespace, name }))
  },
})

/** What the work queue tells. */
export const queueObserver = ({ loop }: Metrics) => ({
  depth: (keys: number): void => loop.depth(keys),
  started: (_key: string, waitedMs: number): void => loop.waited(waitedMs),
  finished: (_key: string, durationMs: number, outcome: string): void => loop.pass(outcome, durationMs),
})

/** What the transport to the API server tells. */
export const transportObserver = ({ outside }: Metrics) => ({
  request: (facts: KubeRequest): void => outside.kubeRequest(facts),
  connection: ({ pool }: { readonly pool: string }): void => outside.kubeConnection(pool),
})

/** What reflectors tell. */
export const reflectorObserver = ({ outside }: Metrics) => ({
  listed: ({ plural }: KindRef): void => outside.reflectorListed(plural),
  ended: ({ plural }: KindRef, code: string): void => outside.reflectorRestarted(plural, code),
})

/** What the recorder of Kubernetes Events tells. */
export const eventObserver = ({ outside }: Metrics) => ({
  written: (): void => outside.eventWritten(),
  dropped: (): void => outside.eventDropped(),
})

/** What the measuring of metrics tells of its questions. */
export const queryObserver = ({ outside }: Metrics) => ({
  asked: (store: string): void => outside.queryAsked(store),
  shared: (store: string): void => outside.queryShared(store),
})
