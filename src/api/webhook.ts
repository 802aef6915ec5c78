import * as z from 'zod'
import type { Canary } from './canary.ts'
import { DurationText, StringMap, Whole } from './field.ts'
import { durationOrMs } from './tolerant-duration.ts'

/** What a webhook is asked for, and when. */
const hookTypes = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'post-rollout',
  'event',
  'rollback',
] as const
export type HookType = (typeof hookTypes)[number]

/** One HTTP endpoint that takes part in a rollout. */
export const Webhook = z.object({
  name: z.string().describe('Name that events and conditions use.'),
  type: z
    .enum(['', ...hookTypes])
    .default('')
    .describe('When it is called; empty means rollout: once in every interval of the analysis.'),
  url: z
    .url({ protocol: /^https?$/, error: 'expected an absolute http or https URL' })
    .describe('Where the request goes.')
    .meta({ admitMissing: true, format: 'url' }),
  timeout: DurationText.default('10s').describe('Time that one attempt may take.'),
  retries: Whole.default(0).describe(
    'Attempts after the first one, with growing pauses, when the endpoint cannot be reached or is overloaded.',
  ),
  disableTLS: z.boolean().default(false).describe('Accept any TLS certificate.'),
  muteAlert: z.boolean().default(false).describe('Send no alert while this gate is closed.'),
  metadata: StringMap.optional().describe('Sent along with every request.'),
})
export type Webhook = z.infer<typeof Webhook>

/** The type of a webhook as it acts: the empty one is `rollout`. */
export const hookTypeOf = (webhook: Webhook): HookType => webhook.type || 'rollout'

/** The webhooks of one type, in the order of the manifest. */
export const webhooksOf = (canary: Canary, type: HookType): readonly Webhook[] =>
  canary.spec.analysis.webhooks.filter(webhook => hookTypeOf(webhook) === type)

/** Time that one attempt may take; 10 s where the text says nothing usable. */
export const webhookTimeoutMs = (webhook: Webhook): number => durationOrMs(webhook.timeout, 10_000)
