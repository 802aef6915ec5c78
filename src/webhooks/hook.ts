import type { Canary } from '../api/canary.ts'
import type { OutboxEntry } from '../api/status.ts'
import type { Webhook } from '../api/webhook.ts'
import type { HookAnswer } from '../core/evidence.ts'
import type { Io } from '../io.ts'

/** One call of one webhook. */
export interface HookCall {
  readonly canary: Canary
  readonly hook: Webhook
  /** Phase as the payload says it. */
  readonly phase: string
  /** Further metadata of event hooks; the hook's own metadata stays. */
  readonly metadata?: Readonly<Record<string, string>>
  /** Sent as `Idempotency-Key`, the same for every attempt of one delivery. */
  readonly idempotencyKey?: string
}

/** An answer, and whether asking again could change it: nobody answered, or the receiver is in trouble. */
export interface HookResult extends HookAnswer {
  readonly transient?: boolean
}

/** Calls webhooks: one POST each (with the retries the Canary asks for), bounded in time and size. Never throws. */
export interface HookCaller {
  call(call: HookCall, io: Io): Promise<HookResult>
}

/** Delivers one outbox entry to its webhook. Rejects when it did not get there. */
export type DeliverHook = (canary: Canary, entry: OutboxEntry, io: Io) => Promise<void>
