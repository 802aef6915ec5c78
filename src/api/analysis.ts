import * as z from 'zod'
import type { Canary } from './canary.ts'
import { DurationText, Whole } from './field.ts'
import { AnalysisMatch } from './match.ts'
import { Metric } from './metric.ts'
import { ladderOfSteps, maxWeightOfSteps, Steps } from './steps.ts'
import { durationOrMs } from './tolerant-duration.ts'
import { Webhook } from './webhook.ts'

/** Who hears of this rollout, and from which severity on. */
export const AlertRef = z.object({
  name: z.string().describe('Name that logs use.'),
  severity: z.enum(['', 'info', 'warn', 'error']).default('').describe('Least severity that is sent; empty means info.'),
  providerRef: z
    .object({
      name: z.string().describe('Name of the AlertProvider.'),
      namespace: z.string().optional().describe('Its namespace.').meta({ presumed: 'the namespace of the Canary' }),
    })
    .describe('AlertProvider that delivers it.'),
})
export type AlertRef = z.infer<typeof AlertRef>

/** Cookies that keep a user on the track that served the first request. */
export const SessionAffinity = z.object({
  cookieName: z.string().describe('Name of the cookie that keeps a user on the canary.'),
  primaryCookieName: z
    .string()
    .optional()
    .describe('Name of the cookie that keeps a user on the primary; absent: no such cookie. It differs from cookieName.'),
  domain: z.string().optional().describe('Attribute Domain of the cookie.'),
  httpOnly: z.boolean().optional().describe('Attribute HttpOnly of the cookie.'),
  maxAge: Whole.default(86_400).describe('Lifetime in seconds; 0 stands for the default.').meta({ written: true }),
  partitioned: z.boolean().optional().describe('Attribute Partitioned of the cookie.'),
  path: z.string().optional().describe('Attribute Path of the cookie.'),
  sameSite: z.enum(['Strict', 'Lax', 'None']).optional().describe('Attribute SameSite of the cookie.'),
  secure: z.boolean().optional().describe('Attribute Secure of the cookie.'),
})
export type SessionAffinity = z.infer<typeof SessionAffinity>

/** How a new revision is tested. */
export const Analysis = z.object({
  interval: DurationText.default('60s').describe('Time between two steps, at least 10s. Hours are written as minutes: 120m.'),
  threshold: Whole.optional().describe('Number of failed checks that ends the rollout with a rollback.').meta({ presumed: 1 }),
  iterations: Whole.optional().describe(
    'Number of analyses before promotion, without moving live traffic step by step: blue/green, or A/B testing together with match.',
  ),
  ...Steps.shape,
  mirror: z
    .boolean()
    .default(false)
    .describe('Copy live requests to the canary: for one step before the first weight, or during all iterations.'),
  mirrorWeight: Whole.optional().describe('Percent of live requests to copy, where the routing layer can do so.').meta({ presumed: 100 }),
  primaryReadyThreshold: Whole.default(100).describe('Percent of the pods of the primary that must be available.'),
  canaryReadyThreshold: Whole.default(100).describe('Percent of the pods of the target that must be available.'),
  match: z.array(AnalysisMatch).default([]).describe('Requests that take part in the test; those that match any element do.'),
  metrics: z.array(Metric).default([]).describe('Measurements that must stay in range.'),
  evidenceDelay: DurationText.optional()
    .describe(
      'How late requests may show up in the metric store, where it does not scrape but is sent samples: so much longer the evidence on a new revision keeps away from the requests of the one before.',
    )
    .meta({ presumed: '0s' }),
  webhooks: z.array(Webhook).default([]).describe('Endpoints that take part: gates, tests, load, notifications.'),
  alerts: z.array(AlertRef).default([]).describe('Who hears of this rollout; when set, the global receiver does not.'),
  sessionAffinity: SessionAffinity.optional().describe('Keep each user on the track that served the first request.'),
})
export type Analysis = z.infer<typeof Analysis>

export type Strategy = 'canary' | 'blue-green' | 'ab-testing'

/** The strategy that the analysis asks for; a routing layer that cannot weigh turns `canary` into `blue-green` (core decides that). */
export const strategyOf = (canary: Canary): Strategy => {
  const { iterations = 0, match } = canary.spec.analysis
  if (iterations <= 0) return 'canary'
  return match.length > 0 ? 'ab-testing' : 'blue-green'
}

/** Time between two steps: 60 s where the text says nothing usable, never below the floor. */
export const intervalMs = (canary: Canary, floorMs = 10_000): number =>
  Math.max(floorMs, durationOrMs(canary.spec.analysis.interval, 60_000))

/** How late requests may show up in the metric store. */
export const evidenceDelayMs = ({ evidenceDelay }: Analysis): number => (evidenceDelay === undefined ? 0 : durationOrMs(evidenceDelay, 0))

/** Number of failed checks that ends the rollout, at least 1. */
export const thresholdOf = (canary: Canary): number => Math.max(1, canary.spec.analysis.threshold ?? 1)

/** Percent of live requests at which the canary is promoted: 1..100. */
export const maxWeightOf = (canary: Canary): number => maxWeightOfSteps(canary.spec.analysis)

/** The canary weights that a run passes: whole percentages, strictly rising, never empty, the last one is `maxWeightOf`. */
export const ladderOf = (canary: Canary): readonly number[] => ladderOfSteps(canary.spec.analysis)

/** Percent of pods of each track that must be available. */
export const readyThresholds = (canary: Canary): { readonly primary: number; readonly canary: number } => ({
  primary: canary.spec.analysis.primaryReadyThreshold,
  canary: canary.spec.analysis.canaryReadyThreshold,
})

/** Percent of live requests that mirroring copies. */
export const mirrorShareOf = ({ spec: { analysis } }: Canary): number => Math.min(100, Math.max(0, analysis.mirrorWeight ?? 0)) || 100

/** Lifetime of the canary cookie in seconds. */
export const cookieMaxAgeSeconds = ({ maxAge }: SessionAffinity): number => maxAge || 86_400
