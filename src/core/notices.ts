import { withAdvice } from '../api/advice.ts'
import type { Canary } from '../api/canary.ts'
import { aboutReason, type Reason } from '../api/reasons.ts'
import type { RolloutEvent } from './events.ts'
import type { RolloutContext } from './rollout-context.ts'

/** What the machine says happened; the words are made here. */
export interface NoticeParams {
  readonly reason: Reason | 'CheckFailed' | 'CheckInconclusive' | 'RolledBackAtOnce'
}

/** An alert for chat, in the field's words. */
export interface Alert {
  readonly severity: 'info' | 'warn' | 'error'
  readonly text: string
  /** Lists target, threshold, deadline and routing. */
  readonly withDetails?: boolean
}

/** One thing people should hear: a Kubernetes Event, the event webhooks, and perhaps chat. */
export interface Notice {
  readonly type: 'Normal' | 'Warning'
  readonly reason: Reason
  /** The field's words, because log and alert pipelines match on them. */
  readonly message: string
  /** What was measured against which limit, which pods, what a hook answered: where the words do not say so themselves. */
  readonly because?: string
  readonly alert?: Alert
  /** A rollout ended: post-rollout hooks are due. */
  readonly final?: boolean
}

interface Scene {
  readonly canary: Canary
  readonly event: RolloutEvent
  readonly before: RolloutContext
  readonly after: RolloutContext
}

const canaryText = ({ canary }: Scene): string => `${canary.metadata.name}.${canary.metadata.namespace ?? ''}`
const targetText = ({ canary }: Scene): string => `${canary.spec.targetRef.name}.${canary.metadata.namespace ?? ''}`
const primaryText = ({ canary }: Scene): string => `${canary.spec.targetRef.name}-primary.${canary.metadata.namespace ?? ''}`

const verdictOf = ({ event }: Scene) => ('verdict' in event ? event.verdict : undefined)
const wordsOf = (scene: Scene): string => verdictOf(scene)?.message ?? ('message' in scene.event ? scene.event.message : '')

const gateAlerts: Readonly<Record<string, string>> = {
  'confirm-rollout': 'Canary is waiting for approval.',
  'confirm-traffic-increase': 'Canary traffic increase is waiting for approval.',
  'confirm-promotion': 'Canary promotion is waiting for approval.',
}

/** A gate is announced when it starts to hold, not every interval; any other wait is told once too. */
const gateNotice = (scene: Scene): Notice => {
  const gate = verdictOf(scene)?.gate
  const text = gate && !gate.muted ? gateAlerts[gate.type] : undefined
  const reason = verdictOf(scene)?.reason ?? 'GateClosed'
  const detail = verdictOf(scene)?.detail
  return {
    type: 'Warning',
    reason,
    message: wordsOf(scene),
    ...(detail ? { because: detail } : {}),
    ...(text ? { alert: { severity: 'warn', text } } : {}),
  }
}

const rollbackNotice = (scene: Scene): Notice => {
  const reason = scene.after.failure?.reason ?? 'ProgressDeadlineExceeded'
  const because = wordsOf(scene)
  const { why, ...rest } = rollbackWords[reason]?.(scene, because) ?? {
    why: `progress deadline exceeded ${because}`,
    alert: { severity: 'error', text: `Progress deadline exceeded ${because}` },
  }
  return { type: 'Warning', reason, message: `Rolling back ${canaryText(scene)} ${why}`, ...rest }
}

interface RollbackWords extends Pick<Notice, 'because'> {
  readonly why: string
  readonly alert: Alert
}

/** Why a canary is rolled back at once; what is not here is a deadline that passed. */
const rollbackWords: Readonly<Partial<Record<Reason, (scene: Scene, because: string) => RollbackWords>>> = {
  RollbackRequested: (_, because) => ({
    why: 'manual webhook invoked',
    because,
    alert: { severity: 'warn', text: 'Rolling back manual webhook invoked' },
  }),
  FailedChecksThreshold: (scene, because) => thresholdWords(scene.before.failedChecks, because),
  TargetMissing: (_, because) => ({ why: because, alert: { severity: 'error', text: `Target is missing: ${because}` } }),
}

const thresholdWords = (failedChecks: number, because: string): RollbackWords => ({
  why: `failed checks threshold reached ${failedChecks}`,
  because,
  alert: { severity: 'error', text: `Failed checks threshold reached ${failedChecks}` },
})

const promoted = (scene: Scene): Notice =>
  scene.event.plan.skipAnalysis
    ? {
        type: 'Normal',
        reason: 'PromotionFinished',
        message: `Promotion completed! Canary analysis was skipped for ${targetText(scene)}`,
        alert: { severity: 'info', text: 'Canary analysis was skipped, promotion finished.' },
        final: true,
      }
    : {
        type: 'Normal',
        reason: 'PromotionFinished',
        message: `Promotion completed! Scaling down ${targetText(scene)}`,
        alert: { severity: 'info', text: 'Canary analysis completed successfully, promotion finished.' },
        final: true,
      }

const normal = (reason: Reason, message: string): Notice => ({ type: 'Normal', reason, message })

/** The words of each notice: the field's, because log and alert pipelines match on them. */
const words: Readonly<Partial<Record<NoticeParams['reason'], (scene: Scene) => Notice>>> = {
  Initialized: scene => ({
    ...normal('Initialized', `Initialization done! ${canaryText(scene)}`),
    alert: { severity: 'info', text: `New ${scene.canary.spec.targetRef.kind} detected, initialization completed.`, withDetails: true },
  }),
  RevisionDetected: scene => ({
    ...normal('RevisionDetected', `New revision detected! Scaling up ${targetText(scene)}`),
    alert: { severity: 'info', text: 'New revision detected, progressing canary analysis.', withDetails: true },
  }),
  RevisionRestarted: scene => normal('RevisionRestarted', `New revision detected! Restarting analysis for ${targetText(scene)}`),
  AnalysisRestarted: scene => normal('AnalysisRestarted', `Restarting analysis for ${targetText(scene)}: ${wordsOf(scene)}`),
  PinMissing: scene => {
    const message = `${primaryText(scene)} is gone and its pinned template too, it is built again from ${targetText(scene)} as it is now`
    return { type: 'Warning', reason: 'PinMissing', message, alert: { severity: 'error', text: message } }
  },
  AnalysisStarted: scene => normal('AnalysisStarted', `Starting canary analysis for ${targetText(scene)}`),
  WeightAdvanced: scene => normal('WeightAdvanced', `Advance ${canaryText(scene)} canary weight ${scene.after.weight}`),
  IterationAdvanced: scene =>
    normal('IterationAdvanced', `Advance ${canaryText(scene)} canary iteration ${scene.after.iterations}/${scene.event.plan.iterations}`),
  TrafficSwitched: scene =>
    normal(
      'TrafficSwitched',
      scene.before.mirrored ? 'Stop traffic mirroring and route all traffic to canary' : 'Routing all traffic to canary',
    ),
  GateClosed: gateNotice,
  CheckFailed: scene => ({ type: 'Warning', reason: verdictOf(scene)?.reason ?? 'MetricOutOfRange', message: wordsOf(scene) }),
  CheckInconclusive: scene => ({ type: 'Warning', reason: verdictOf(scene)?.reason ?? 'NoData', message: wordsOf(scene) }),
  FailedChecksThreshold: scene => {
    const { why, ...rest } = thresholdWords(scene.before.failedChecks + 1, wordsOf(scene))
    return { type: 'Warning', reason: 'FailedChecksThreshold', message: `Rolling back ${canaryText(scene)} ${why}`, ...rest }
  },
  NoEvidence: scene => ({
    type: 'Warning',
    reason: 'NoEvidence',
    message: `Rolling back ${canaryText(scene)} no evidence in ${scene.before.unanswered + 1} intervals`,
    because: wordsOf(scene),
    alert: { severity: 'error', text: `No evidence in ${scene.before.unanswered + 1} intervals` },
  }),
  RolledBackAtOnce: rollbackNotice,
  RolledBack: scene => ({
    type: 'Warning',
    reason: 'RolledBack',
    message: `Canary failed! Scaling down ${canaryText(scene)}`,
    final: true,
  }),
  PromotionStarted: scene => normal('PromotionStarted', `Copying ${targetText(scene)} template spec to ${primaryText(scene)}`),
  TrafficReturning: scene =>
    normal(
      'TrafficReturning',
      scene.after.weight === 0 && scene.event.plan.returnStep <= 0
        ? 'Routing all traffic to primary'
        : `Advance ${canaryText(scene)} primary weight ${100 - scene.after.weight}`,
    ),
  PromotionFinished: promoted,
  PromotionFailed: scene => ({
    type: 'Warning',
    reason: 'PromotionFailed',
    message: `Promotion of ${targetText(scene)} failed, primary not ready: ${wordsOf(scene)}`,
    alert: { severity: 'error', text: `Promotion failed, primary not ready: ${wordsOf(scene)}` },
    final: true,
  }),
  ReturnedToPromoted: scene =>
    normal('ReturnedToPromoted', `${targetText(scene)} is back on the promoted revision, the analysis ends here`),
  Terminating: scene => normal('Terminating', `Terminating canary ${canaryText(scene)}`),
}

/**
 * All that is known, for `kubectl describe`: the field's words, why, and what to do where somebody has to do something. A failed check that the
 * threshold allows is told in the field's words alone.
 */
export const eventText = ({ type, reason, message, because, alert }: Notice): string => {
  const found = because ? `${message}: ${because}` : message
  const lasts = alert !== undefined || aboutReason(reason)?.kind !== 'verdict'
  return type === 'Warning' && lasts ? withAdvice(reason, found) : found
}

/** The words for what the machine said. */
export const toNotice = (params: NoticeParams, scene: Scene): Notice => {
  const speak = words[params.reason]
  return speak ? speak(scene) : normal('RevisionMoved', params.reason)
}

const hookWords: Readonly<Record<string, string>> = {
  'confirm-rollout': 'Confirm-rollout',
  'pre-rollout': 'Pre-rollout',
  'confirm-traffic-increase': 'Confirm-traffic-increase',
  'confirm-promotion': 'Confirm-promotion',
}

/** A gate or a pre-rollout hook said yes. */
export const hookPassed = (type: string, name: string): Notice =>
  normal(type === 'pre-rollout' ? 'HookPassed' : 'GatePassed', `${hookWords[type]} check ${name} passed`)
