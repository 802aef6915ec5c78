import * as z from 'zod'
import { StoredPhase } from './phases.ts'

const Time = z.iso.datetime({ offset: true })
const Whole = z.int()

/** One condition. Every one has a message, because health rules of GitOps tools read it. */
export const Condition = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string().default(''),
  observedGeneration: Whole.optional(),
  lastUpdateTime: Time.optional().describe('When status or reason last changed.'),
  lastTransitionTime: Time.optional().describe('When status last changed.'),
})
export type Condition = z.infer<typeof Condition>

/** An immutable ControllerRevision that holds a pod template and the digests of the configuration it was seen with. */
export const Pin = z.object({
  name: z.string().describe('Name of the ControllerRevision in the namespace of the Canary.'),
  hash: z.string().describe('Revision identity: hash of the template and of the tracked configuration.'),
})
export type Pin = z.infer<typeof Pin>

/** Why the rollout does not go on just now. */
export const Hold = z.object({
  reason: z.string(),
  message: z.string(),
  since: Time.describe('Since when it holds for this reason; the progress deadline counts from here unless a human is waited for.'),
})
export type Hold = z.infer<typeof Hold>

/** What one check said the last time it was asked. */
export const CheckRecord = z.object({
  name: z.string(),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'wait', 'fatal']),
  value: z.number().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  message: z.string().optional(),
})
export type CheckRecord = z.infer<typeof CheckRecord>

/** One decision, in few words. */
export const HistoryEntry = z.object({
  at: Time.describe('When it was decided; the last time, where it was decided again and again.'),
  since: Time.optional().describe('When it was decided first.'),
  times: Whole.optional().describe('How often in a row.'),
  state: z.string().describe('Phase and step that it led to, or stayed in.'),
  weight: Whole.describe('Percent of live requests for the canary from then on.'),
  verdict: z.enum(['pass', 'fail', 'inconclusive', 'wait', 'fatal']).optional().describe('What the checks said, where they were asked.'),
  reason: z.string(),
  message: z.string().optional().describe('What was found.'),
  measured: z.array(z.string()).optional().describe('Each metric with its limits, and what each hook answered.'),
})
export type HistoryEntry = z.infer<typeof HistoryEntry>

/** One message that still has to reach one receiver. Holds references, never addresses or secrets. */
export const OutboxEntry = z.object({
  id: z.string().describe('Idempotency key, stable across retries and restarts.'),
  channel: z.enum(['alert', 'event', 'hook']).describe('alert: a chat provider; event: an event webhook; hook: a post-rollout webhook.'),
  receiver: z.string().describe('`namespace/name` of an AlertProvider, the name of a webhook, or `global`.'),
  at: Time,
  phase: z.string(),
  severity: z.enum(['info', 'warn', 'error']).default('info'),
  reason: z.string(),
  message: z.string(),
  because: z.string().optional().describe('What was measured against which limit, where something failed.'),
  withDetails: z.boolean().optional().describe('Whether the alert lists target, threshold, deadline and routing.'),
})
export type OutboxEntry = z.infer<typeof OutboxEntry>

/** The size that the scaled target is given for one step. */
export const CanarySizing = z.object({
  share: Whole.describe('Percent of the traffic that it is for.'),
  pods: Whole.describe('Pods that it is given.'),
  since: Time,
  sized: z.boolean().optional().describe('It had that many pods; from then on its scaler decides.'),
})
export type CanarySizing = z.infer<typeof CanarySizing>

/** Sizes that a rollout has to remember. */
export const Capacity = z.object({
  primary: Whole.describe('Pods that the primary keeps until the rollout ends.'),
  declared: Whole.optional().describe('Pods that the target asked for by itself; without a scaler the primary gets them in the end.'),
  canary: CanarySizing.optional(),
  limited: z.boolean().optional().describe('Whether a scaler allowed fewer pods than the traffic would need.'),
})
export type Capacity = z.infer<typeof Capacity>

/** Who declares `replicas` of a target that has none most of the time. */
export const DeclaredReplicas = z.object({
  replicas: Whole.describe('As it was applied last.'),
  by: z.string().describe('Field manager that applied it.'),
  again: z.boolean().optional().describe('Whether it was applied to a parked target, which was parked again.'),
})
export type DeclaredReplicas = z.infer<typeof DeclaredReplicas>

/** Where routes and Services of a Canary were put. */
export const Place = z.object({
  routing: z.string().describe('Routing layer.'),
  service: z.string().describe('Name of the Service that users call there, which its route bears too.'),
  replacedAt: Time.optional().describe('Since when another place carries the traffic, where this one is no longer asked for.'),
})
export type Place = z.infer<typeof Place>

const additive = {
  observedGeneration: Whole.optional().describe('Generation of the spec that this status speaks of.'),
  state: z.string().optional().describe('Step inside the phase; absent when the phase has none to take.'),
  stateSince: Time.optional().describe('When this state was entered.'),
  mirrored: z.boolean().optional().describe('Whether live requests are copied to the canary.'),
  servingFrom: z.enum(['primary', 'canary']).optional().describe('Which track serves; canary only after a failed promotion.'),
  routing: z.string().optional().describe('Routing layer that carries the recorded weight.'),
  inventory: z
    .array(Place)
    .optional()
    .describe(
      'Where routes and Services of the Canary were put: first where the spec asks for them, then where something is left. At most 16.',
    ),
  strategy: z.enum(['canary', 'blue-green', 'ab-testing']).optional().describe('What the recorded weight means, as long as there is one.'),
  analysed: Pin.optional().describe('The revision under analysis.'),
  promoted: Pin.optional().describe('The revision that the primary runs.'),
  startedAt: Time.optional().describe('When the running rollout began.'),
  nextEvidenceAt: Time.optional().describe('When metrics and hooks are asked next.'),
  evidenceSince: Time.optional().describe(
    'Since when no request to the canary was one of another revision; no metric is asked about the time before.',
  ),
  unanswered: Whole.optional().describe('Intervals in a row in which the metric store had nothing to say.'),
  grants: z.array(z.string()).optional().describe('Gates that approved the analysed revision at this step.'),
  declaredReplicas: DeclaredReplicas.optional().describe('Size of the target in manifests that somebody applies.'),
  capacity: Capacity.optional().describe('Pods that both tracks need while a rollout runs.'),
  drainSince: Time.optional().describe('Since when the accepted route leaves out the track that is about to lose its pods.'),
  hold: Hold.optional(),
  failure: z.object({ reason: z.string(), message: z.string() }).optional().describe('Why the last rollout failed.'),
  checks: z.array(CheckRecord).optional().describe('What the checks said the last time they were asked.'),
  history: z.array(HistoryEntry).optional().describe('The last decisions, the newest last; at most 20, and 8 KiB.'),
  configVersions: z
    .record(z.string(), z.string())
    .optional()
    .describe('resourceVersion at which each tracked configuration had its digest.'),
  outbox: z.array(OutboxEntry).optional(),
  outboxDropped: Whole.optional().describe('Messages dropped because the outbox was full or they were too old.'),
}

/** Status of a Canary. The second half is additive: a CRD without it makes Serin stall, not guess. */
export const CanaryStatus = z.object({
  phase: StoredPhase.optional(),
  canaryWeight: Whole.optional().describe('Percent of live requests recorded for the canary.'),
  failedChecks: Whole.optional(),
  iterations: Whole.optional(),
  sessionAffinityCookie: z.string().optional(),
  primarySessionAffinityCookie: z.string().optional(),
  previousSessionAffinityCookie: z.string().optional(),
  trackedConfigs: z.record(z.string(), z.string()).optional().describe('Digest of each tracked ConfigMap and Secret.'),
  lastAppliedSpec: z.string().optional().describe('Hash of the target at the last transition.'),
  lastPromotedSpec: z.string().optional().describe('Hash of what the primary runs.'),
  lastTransitionTime: Time.optional(),
  conditions: z.array(Condition).optional(),
  ...additive,
})
export type CanaryStatus = z.infer<typeof CanaryStatus>

/** Names of the fields that a CRD of the field's older controllers prunes. */
export const additiveFields = Object.keys(additive)

/** One way of reading what is stored, which does not do the same work twice. */
type Read = (raw: unknown) => unknown

/** Undefined where it is garbage. */
const reading =
  (schema: z.ZodType): Read =>
  raw => {
    const read = schema.safeParse(raw)
    return read.success ? read.data : undefined
  }

/** Longer texts, and more values, are rarely the same in two statuses. */
const mostKnown = { texts: 64, values: 256 } as const

const isPlain = (raw: unknown): boolean => typeof raw !== 'object' && (typeof raw !== 'string' || raw.length <= mostKnown.texts)

/**
 * Most parts of a status stay the very same from version to version: a new one costs what is new in it. Plain values come again and again. Only
 * what is frozen, as in caches, stays what it was read as.
 */
const remembering = (read: Read): Read => {
  const values = new Map<unknown, unknown>()
  const parts = new WeakMap<object, { readonly value: unknown }>()
  const readPlain = (raw: unknown): unknown => {
    if (values.has(raw)) return values.get(raw)
    if (values.size >= mostKnown.values) values.clear()
    const value = read(raw)
    values.set(raw, value)
    return value
  }
  return raw => {
    if (isPlain(raw)) return readPlain(raw)
    if (typeof raw !== 'object' || raw === null || !Object.isFrozen(raw)) return read(raw)
    const known = parts.get(raw)
    if (known) return known.value
    const value = read(raw)
    parts.set(raw, { value })
    return value
  }
}

/** A list is read item by item: those of the version before are known. One that holds garbage is garbage. */
const readingList = (item: z.ZodType): Read => {
  const readItem = remembering(reading(item))
  return raw => {
    const items = Array.isArray(raw) ? raw.map(one => readItem(one)) : undefined
    return items?.includes(undefined) ? undefined : items
  }
}

const readingOf = (schema: z.ZodType): Read => {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema
  return remembering(inner instanceof z.ZodArray ? readingList(inner.element as z.ZodType) : reading(schema))
}

const fields: readonly (readonly [string, Read])[] = Object.entries(CanaryStatus.shape).map(([field, schema]) => [field, readingOf(schema)])

/** Reads a stored status field by field: one that is garbage is dropped, never the whole. */
export const readStatus = (raw: unknown): CanaryStatus => {
  const source = typeof raw === 'object' && raw !== null ? (raw as Readonly<Record<string, unknown>>) : {}
  const kept: Record<string, unknown> = {}
  for (const [field, read] of fields) {
    const value = source[field] === undefined ? undefined : read(source[field])
    if (value !== undefined) kept[field] = value
  }
  return kept as CanaryStatus
}
