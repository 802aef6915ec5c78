import type { Canary } from '../api/canary.ts'
import type { OutboxEntry } from '../api/status.ts'
import { Webhook, webhooksOf } from '../api/webhook.ts'
import { CanaryError, type Disposition } from '../errors.ts'
import type { DeliverHook, HookCall, HookCaller, HookResult } from './hook.ts'

/** A message did not reach its webhook. */
class HookUndelivered extends CanaryError {
  readonly code = 'HookUndelivered'
  readonly disposition: Disposition

  constructor(message: string, disposition: Disposition) {
    super(message)
    this.disposition = disposition
  }
}

export interface HookDelivery {
  readonly caller: HookCaller
  /** Receiver of the events of Canaries that have no event hook of their own; empty: none. Its URL appears in no message. */
  readonly globalEventUrl: string
}

/**
 * Delivers events and the end of a rollout to webhooks, at least once: beyond the hook's own retries the outbox repeats what nobody took,
 * for as long as it keeps the message. A receiver that refuses is asked a few times more. The outcome of the rollout stays as it is.
 */
export const createHookDelivery = ({ caller, globalEventUrl }: HookDelivery): DeliverHook => {
  const global = globalEventUrl === '' ? undefined : Webhook.parse({ name: 'global', type: 'event', url: globalEventUrl })
  return async (canary, entry, io) => {
    const hook = ownHook(canary, entry) ?? (isGlobal(entry) ? global : undefined)
    if (!hook) throw new HookUndelivered(`webhook ${entry.receiver} is not configured any more`, 'terminal')
    const result = await caller.call(callOf(canary, hook, entry), io)
    if (!result.ok) throw undelivered(result, hook === global)
  }
}

const isGlobal = ({ channel, receiver }: OutboxEntry): boolean => channel === 'event' && receiver === 'global'

const undelivered = ({ message, transient }: HookResult, hidesUrl: boolean): HookUndelivered =>
  new HookUndelivered(hidesUrl ? 'the event webhook of the controller did not take it' : message, transient ? 'retry' : 'terminal')

const ownHook = (canary: Canary, { channel, receiver }: OutboxEntry): Webhook | undefined =>
  webhooksOf(canary, channel === 'event' ? 'event' : 'post-rollout').find(hook => hook.name === receiver)

const callOf = (canary: Canary, hook: Webhook, entry: OutboxEntry): HookCall => ({
  canary,
  hook,
  phase: entry.phase,
  idempotencyKey: entry.id,
  ...(entry.channel === 'event' ? { metadata: eventMetadata(entry) } : {}),
})

/** What an event says, in the field's keys. */
const eventMetadata = ({ message, severity, at }: OutboxEntry): Readonly<Record<string, string>> => ({
  eventMessage: message,
  eventType: severity === 'info' ? 'Normal' : 'Warning',
  timestamp: String(Date.parse(at)),
})
