import type { AlertRef } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'
import type { OutboxEntry } from '../api/status.ts'
import { webhooksOf } from '../api/webhook.ts'
import type { Alert, Notice } from './notices.ts'
import { timeText } from './status-context.ts'

/** Receivers that the controller itself has, beside those a Canary names. */
export interface Receivers {
  readonly globalAlert: boolean
  readonly globalEvent: boolean
}

/** At most this many messages wait, for at most this long. */
export const outboxLimit = { entries: 50, ageMs: 24 * 3_600_000 } as const

const levels = { info: 0, warn: 1, error: 2 } as const

const wants = (ref: AlertRef, alert: Alert): boolean => levels[alert.severity] >= levels[ref.severity || 'info']

const alertReceivers = (canary: Canary, alert: Alert, receivers: Receivers): readonly string[] => {
  const { alerts } = canary.spec.analysis
  if (alerts.length === 0) return receivers.globalAlert ? ['global'] : []
  return alerts
    .filter(ref => wants(ref, alert))
    .map(({ providerRef }) => `${providerRef.namespace || canary.metadata.namespace || ''}/${providerRef.name}`)
}

const eventReceivers = (canary: Canary, receivers: Receivers): readonly string[] => {
  const own = webhooksOf(canary, 'event').map(hook => hook.name)
  if (own.length > 0) return own
  return receivers.globalEvent ? ['global'] : []
}

type Draft = Omit<OutboxEntry, 'id' | 'at' | 'phase'>

const draftsOf = (notice: Notice, canary: Canary, receivers: Receivers): readonly Draft[] => {
  const { alert, reason, message, type, final } = notice
  const base = { severity: type === 'Warning' ? ('warn' as const) : ('info' as const), reason, message }
  return [
    ...eventReceivers(canary, receivers).map(receiver => ({ ...base, channel: 'event' as const, receiver })),
    ...(final ? webhooksOf(canary, 'post-rollout').map(hook => ({ ...base, channel: 'hook' as const, receiver: hook.name })) : []),
    ...(alert ? alertReceivers(canary, alert, receivers).map(receiver => alertDraft(alert, notice, receiver)) : []),
  ]
}

const alertDraft = (alert: Alert, { reason, because }: Pick<Notice, 'reason' | 'because'>, receiver: string): Draft => ({
  channel: 'alert',
  receiver,
  severity: alert.severity,
  reason,
  message: alert.text,
  ...(because ? { because } : {}),
  ...(alert.withDetails ? { withDetails: true } : {}),
})

export interface Posting {
  readonly canary: Canary
  readonly notices: readonly Notice[]
  readonly phase: string
  readonly nowMs: number
  readonly receivers: Receivers
  readonly delivered: ReadonlySet<string>
}

/**
 * What waits to be delivered after this decision. An entry's id is made of the object and the version it was decided on, so that it is the
 * same whoever sends it, however often. The oldest give way when there are too many; `dropped` counts them.
 */
export const post = (posting: Posting): { readonly outbox: readonly OutboxEntry[]; readonly dropped: number } => {
  const { canary, notices, phase, nowMs, receivers, delivered } = posting
  const drafts = notices.flatMap(notice => draftsOf(notice, canary, receivers))
  const stem = `${canary.metadata.uid ?? canary.metadata.name}-${canary.metadata.resourceVersion ?? '0'}`
  const fresh = drafts.map((draft, index): OutboxEntry => ({ ...draft, id: `${stem}-${index}`, at: timeText(nowMs), phase }))
  const waiting = (canary.status.outbox ?? []).filter(entry => !delivered.has(entry.id))
  const young = [...waiting, ...fresh].filter(entry => nowMs - Date.parse(entry.at) <= outboxLimit.ageMs)
  const outbox = young.slice(-outboxLimit.entries)
  return { outbox, dropped: waiting.length + fresh.length - outbox.length }
}
