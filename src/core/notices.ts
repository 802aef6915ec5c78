import { withAdvice } from '../api/advice.ts'
import type { Canary } from '../api/canary.ts'
import { aboutReason, type Reason, reasons } from '../api/reasons.ts'
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

/** Whether an event is good news, and how grave an alert is, stands in the table of reasons. */
const said = (reason: Reason, message: string): Notice => ({ type: reasons[reason].event, reason, message })
const alerted = (reason: Reason, text: string): Alert => ({ severity: aboutReason(reason)?.alert ?? 'error', text })

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
    ...said(reason, wordsOf(scene)),
    ...(detail ? { because: detail } : {}),
    ...(text ? { alert: alerted(reason, text) } : {}),
  }
}

/** A rollout that ends this way is never good news, whatever its reason means elsewhere. */
const rollingBack = (reason: Reason, why: string): Notice => ({ ...said(reason, `Rolling back ${why}`), type: 'Warning' })

const rollbackNotice = (scene: Scene): Notice => {
  const reason = scene.after.failure?.reason ?? 'ProgressDeadlineExceeded'
  const because = wordsOf(scene)
  const { why, ...rest } = rollbackWords[reason]?.(scene, because) ?? {
    why: `progress deadline exceeded ${because}`,
    alert: alerted(reason, `Progress deadline exceeded ${because}`),
  }
  return { ...rollingBack(reason, `${canaryText(scene)} ${why}`), ...rest }
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
    alert: alerted('RollbackRequested', 'Rolling back manual webhook invoked'),
  }),
  FailedChecksThreshold: (scene, because) => thresholdWords(scene.before.failedChecks, because),
  TargetMissing: (_, because) => ({ why: because, alert: alerted('TargetMissing', `Target is missing: ${because}`) }),
}

const thresholdWords = (failedChecks: number, because: string): RollbackWords => ({
  why: `failed checks threshold reached ${failedChecks}`,
  because,
  alert: alerted('FailedChecksThreshold', `Failed checks threshold reached ${failedChecks}`),
})

const promoted = (scene: Scene): Notice => {
  const [words, text] = scene.event.plan.skipAnalysis
    ? ['Canary analysis was skipped for', 'Canary analysis was skipped, promotion finished.']
    : ['Scaling down', 'Canary analysis completed successfully, promotion finished.']
  return {
    ...said('PromotionFinished', `Promotion completed! ${words} ${targetText(scene)}`),
    alert: alerted('PromotionFinished', text),
    final: true,
  }
}

const whoServes = (scene: Scene): string =>
  scene.after.servingFrom === 'canary' ? `all traffic stays with ${targetText(scene)}` : `and ${targetText(scene)} cannot stand in for it`

/** The words of each notice: the field's, because log and alert pipelines match on them. */
const words: Readonly<Partial<Record<NoticeParams['reason'], (scene: Scene) => Notice>>> = {
  Initialized: scene => ({
    ...said('Initialized', `Initialization done! ${canaryText(scene)}`),
    alert: { ...alerted('Initialized', `New ${scene.canary.spec.targetRef.kind} detected, initialization completed.`), withDetails: true },
  }),
  RevisionDetected: scene => ({
    ...said('RevisionDetected', `New revision detected! Scaling up ${targetText(scene)}`),
    alert: { ...alerted('RevisionDetected', 'New revision detected, progressing canary analysis.'), withDetails: true },
  }),
  RevisionRestarted: scene => said('RevisionRestarted', `New revision detected! Restarting analysis for ${targetText(scene)}`),
  AnalysisRestarted: scene => said('AnalysisRestarted', `Restarting analysis for ${targetText(scene)}: ${wordsOf(scene)}`),
  PinMissing: scene => {
    const message = `${primaryText(scene)} is gone and its pinned template too, it is built again from ${targetText(scene)} as it is now`
    return { ...said('PinMissing', message), alert: alerted('PinMissing', message) }
  },
  AnalysisStarted: scene => said('AnalysisStarted', `Starting canary analysis for ${targetText(scene)}`),
  WeightAdvanced: scene => said('WeightAdvanced', `Advance ${canaryText(scene)} canary weight ${scene.after.weight}`),
  IterationAdvanced: scene =>
    said('IterationAdvanced', `Advance ${canaryText(scene)} canary iteration ${scene.after.iterations}/${scene.event.plan.iterations}`),
  TrafficSwitched: scene =>
    said(
      'TrafficSwitched',
      scene.before.mirrored ? 'Stop traffic mirroring and route all traffic to canary' : 'Routing all traffic to canary',
    ),
  GateClosed: gateNotice,
  CheckFailed: scene => said(verdictOf(scene)?.reason ?? 'MetricOutOfRange', wordsOf(scene)),
  CheckInconclusive: scene => said(verdictOf(scene)?.reason ?? 'NoData', wordsOf(scene)),
  FailedChecksThreshold: scene => {
    const { why, ...rest } = thresholdWords(scene.before.failedChecks + 1, wordsOf(scene))
    return { ...rollingBack('FailedChecksThreshold', `${canaryText(scene)} ${why}`), ...rest }
  },
  NoEvidence: scene => ({
    ...rollingBack('NoEvidence', `${canaryText(scene)} no evidence in ${scene.before.unanswered + 1} intervals`),
    because: wordsOf(scene),
    alert: alerted('NoEvidence', `No evidence in ${scene.before.unanswered + 1} intervals`),
  }),
  RolledBackAtOnce: rollbackNotice,
  RolledBack: scene => ({ ...said('RolledBack', `Canary failed! Scaling down ${canaryText(scene)}`), final: true }),
  PromotionStarted: scene => said('PromotionStarted', `Copying ${targetText(scene)} template spec to ${primaryText(scene)}`),
  TrafficReturning: scene =>
    said(
      'TrafficReturning',
      scene.after.weight === 0 && scene.event.plan.returnStep <= 0
        ? 'Routing all traffic to primary'
        : `Advance ${canaryText(scene)} primary weight ${100 - scene.after.weight}`,
    ),
  PromotionFinished: promoted,
  PromotionFailed: scene => ({
    ...said('PromotionFailed', `Promotion of ${targetText(scene)} failed, primary not ready: ${wordsOf(scene)}`),
    alert: alerted('PromotionFailed', `Promotion failed, primary not ready: ${wordsOf(scene)}`),
    final: true,
  }),
  RestoreFailed: scene => ({
    ...said('RestoreFailed', `${primaryText(scene)} cannot be given back what was promoted, ${whoServes(scene)}: ${wordsOf(scene)}`),
    alert: alerted('RestoreFailed', `Rollback failed, primary not ready: ${wordsOf(scene)}`),
  }),
  ReturnedToPromoted: scene => said('ReturnedToPromoted', `${targetText(scene)} is back on the promoted revision, the analysis ends here`),
  Terminating: scene => said('Terminating', `Terminating canary ${canaryText(scene)}`),
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
  return speak ? speak(scene) : said('RevisionMoved', params.reason)
}

const hookWords: Readonly<Record<string, string>> = {
  'confirm-rollout': 'Confirm-rollout',
  'pre-rollout': 'Pre-rollout',
  'confirm-traffic-increase': 'Confirm-traffic-increase',
  'confirm-promotion': 'Confirm-promotion',
}

/** A gate or a pre-rollout hook said yes. */
export const hookPassed = (type: string, name: string): Notice =>
  said(type === 'pre-rollout' ? 'HookPassed' : 'GatePassed', `${hookWords[type]} check ${name} passed`)
