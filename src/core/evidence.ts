import type { Reason } from '../api/reasons.ts'
import type { HookType } from '../api/webhook.ts'

/**
 * What a metric store said about one metric. Exactly one of `value` and `silence` is there.
 * `silence` keeps apart that the store has nothing to say (`no-data`), that it could not be asked (`unreachable`), that the question
 * itself is wrong (`invalid`), and that no sample can speak of this revision yet (`early`).
 */
export interface Measurement {
  readonly name: string
  /** In the unit of the bounds; finite. */
  readonly value?: number
  readonly silence?: { readonly kind: 'no-data' | 'unreachable' | 'invalid' | 'early'; readonly reason: Reason; readonly message: string }
  /** Inclusive bounds; absent means unbounded on that side. */
  readonly min?: number
  readonly max?: number
  /** What the value counts; texts differ by it. */
  readonly unit: 'percent' | 'milliseconds' | 'plain'
  /** Name of the store, for texts. */
  readonly store: string
}

/** What one webhook answered. */
export interface HookAnswer {
  readonly name: string
  readonly type: HookType
  readonly ok: boolean
  /** Why it failed; empty when ok. */
  readonly message: string
  /** Whether its closed gate is announced in chat. */
  readonly muted: boolean
}

/** All that was asked for one decision. */
export interface Evidence {
  readonly measurements: readonly Measurement[]
  readonly answers: readonly HookAnswer[]
  /** Only whether people call the rollout off was asked: good answers lead nowhere. */
  readonly isAppeal?: boolean
}
