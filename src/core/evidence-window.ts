import { evidenceDelayMs } from '../api/analysis.ts'
import type { Canary } from '../api/canary.ts'
import { type Metric, metricIntervalMs } from '../api/metric.ts'
import type { RolloutState } from '../api/phases.ts'
import type { Measurement } from './evidence.ts'
import type { Observation } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'
import { isSo } from './states.ts'
import { timeText } from './status-context.ts'

/*
 * Revisions of a canary share their series: nothing in them tells whose requests they count. So no window begins while requests to the
 * canary may still have been those of another revision.
 *
 *   other revision ──┤ its requests end            evidenceSince
 *                    ····· pods change ·····┤├──── window ────┤ now
 */

interface Moment {
  readonly state: RolloutState
  readonly context: RolloutContext
}

interface Turn {
  readonly before: Moment
  readonly after: Moment
  readonly seen: Observation
}

/** Between rollouts, with everybody on the primary: once the route leaves the canary out, it has no requests. */
const isQuiet = ({ state, context }: Moment): boolean => isSo('isBetweenRollouts', state) && context.weight === 0 && !context.mirrored

/** Since when the canary has had no requests; a rollout may have ended by its deadline before the route left it out. */
const quietSince = ({ before, seen }: Turn): string | undefined => {
  const known = isQuiet(before) && !seen.routeIsBehind ? seen.canary.status.evidenceSince : undefined
  return known ?? (seen.routeIsTaken ? timeText(seen.nowMs) : undefined)
}

const sinceAfter = (turn: Turn): string | undefined => {
  const { before, after, seen } = turn
  const { evidenceSince } = seen.canary.status
  if (!isSo('analyses', after.state)) return isQuiet(after) ? quietSince(turn) : undefined
  if (after.context.startedAtMs !== before.context.startedAtMs) return isQuiet(before) ? quietSince(turn) : undefined
  return before.state === 'Progressing.scaling' && after.state !== before.state ? (evidenceSince ?? timeText(seen.nowMs)) : evidenceSince
}

/**
 * Since when no request to the canary was another revision's: where nothing runs, since the route leaves it out; else since all its pods are
 * of the analysed revision, while the route leaves them out. Undefined while that is not so yet.
 */
export const evidenceSinceAfter = (turn: Turn): string | undefined => {
  const { seen } = turn
  const since = seen.obstacle ? seen.canary.status.evidenceSince : sinceAfter(turn)
  return since && timeText(Math.min(Date.parse(since), seen.nowMs)) // a clock may have been set back
}

/** What can be asked about metrics at this time. */
export interface AskableMetrics {
  /** As they are to be asked; windows that would reach too far back are shorter. */
  readonly metrics: readonly Metric[]
  /** All measurements, with what is to be said of those that cannot be taken yet, and of windows that are still short. */
  complete(found: readonly Measurement[]): readonly Measurement[]
}

/** Less than this share of its window says too little: the window was chosen for the pace at which samples come. */
const leastShare = 0.5

/** The metrics of a Canary, in windows that speak of the analysed revision only. */
export const askableMetrics = ({ spec, status }: Canary, nowMs: number): AskableMetrics => {
  const { metrics } = spec.analysis
  const { evidenceSince } = status
  if (evidenceSince === undefined) return { metrics, complete: found => found }
  const fromMs = Date.parse(evidenceSince) + evidenceDelayMs(spec.analysis)
  const isWhole = (metric: Metric) => metricIntervalMs(metric) <= nowMs - fromMs
  const isEarly = (metric: Metric) => nowMs < askableAtMs(metric, fromMs)
  const short = metrics.filter(metric => !isWhole(metric)).map(({ name }) => name)
  return {
    metrics: metrics
      .filter(metric => !isEarly(metric))
      .map(metric => (isWhole(metric) ? metric : { ...metric, interval: seconds(nowMs - fromMs) })),
    complete: found => [
      ...found.map(one => (short.includes(one.name) && one.silence?.kind === 'no-data' ? stillShort(one, fromMs) : one)),
      ...metrics.filter(isEarly).map(metric => tooEarly(metric, fromMs)),
    ],
  }
}

const askableAtMs = (metric: Metric, fromMs: number): number => fromMs + metricIntervalMs(metric) * leastShare

const seconds = (ms: number): string => `${Math.max(1, Math.floor(ms / 1000))}s`

/** These words stay the same from one interval to the next, so that people hear them once. */
const awaiting = (message: string): NonNullable<Measurement['silence']> => ({ kind: 'early', reason: 'AwaitingEvidence', message })

const tooEarly = (metric: Metric, fromMs: number): Measurement => ({
  name: metric.name,
  unit: 'plain',
  store: '',
  silence: awaiting(
    `metric ${metric.name} is asked from ${timeText(askableAtMs(metric, fromMs))} on: what was measured before ${timeText(fromMs)} may speak of another revision`,
  ),
})

const stillShort = (measurement: Measurement, fromMs: number): Measurement => ({
  ...measurement,
  silence: awaiting(`metric ${measurement.name} has no sample yet that is newer than ${timeText(fromMs)}`),
})
