import type { Canary } from '../api/canary.ts'
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

/** Calls webhooks: one POST each (with the retries the Canary asks for), bounded in time and size. Never throws. */
export interface HookCaller {
  call(call: HookCall, io: Io): Promise<HookAnswer>
}

/** The field's checksum of what a Canary runs: changes with the applied revision and the tracked configuration. */
export type Checksum = (canary: Canary) => string
