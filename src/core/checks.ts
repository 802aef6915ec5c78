import type { Reason } from '../api/reasons.ts'
import type { Evidence, HookAnswer, Measurement } from './evidence.ts'
import { haltText, measured, silenceText } from './metric-texts.ts'
import type { Obstacle } from './observation.ts'
import type { Readiness } from './readiness.ts'
import { fail, fatal, gravest, inconclusive, pass, type Verdict, wait } from './verdict.ts'

/** What the checks look at: the evidence, and the world as it is now that the evidence has arrived. */
export interface CheckInput {
  readonly canaryName: string
  readonly evidence: Evidence
  /** Undefined where the state needs no canary pods. */
  readonly canaryTrack: Readiness | undefined
  readonly primaryTrack: Readiness | undefined
  /** What the canary lacks for the share that is its next. */
  readonly shortage?: Obstacle | undefined
}

/** One named question about the world. Pure. */
export type Check = (input: CheckInput) => Verdict

const firstOf = <T>(items: readonly T[], toVerdict: (item: T) => Verdict): Verdict => gravest(items.map(toVerdict))
const answersOf = (input: CheckInput, types: readonly string[]): readonly HookAnswer[] =>
  input.evidence.answers.filter(answer => types.includes(answer.type))

/** A rollback hook that says yes ends the rollout at once. */
export const rollbackIsNotRequested: Check = input =>
  firstOf(answersOf(input, ['rollback']), answer =>
    answer.ok
      ? fatal({ reason: 'RollbackRequested', message: `rollback hook ${answer.name} asked for a rollback`, subject: answer.name })
      : pass,
  )

/** Work that is asked of outside systems before and during the analysis has to succeed. */
export const hooksSucceed: Check = input =>
  firstOf(answersOf(input, ['pre-rollout', 'rollout']), answer =>
    answer.ok ? pass : fail({ reason: 'HookFailed', message: hookFailure(input.canaryName, answer), subject: answer.name }),
  )

const hookFailure = (canaryName: string, { type, name, message }: HookAnswer): string =>
  `Halt ${canaryName} advancement ${type === 'pre-rollout' ? 'pre-rollout' : 'external'} check ${name} failed ${message}`

/** Fails on a breach. */
export const metricsAreInRange: Check = input =>
  firstOf(input.evidence.measurements, metric => {
    const breach = breachOf(metric)
    return breach ? fail({ reason: 'MetricOutOfRange', message: haltText(input.canaryName, metric, breach), subject: metric.name }) : pass
  })

const breachOf = ({ value, min, max }: Measurement): 'below' | 'above' | undefined => {
  if (value === undefined || !Number.isFinite(value)) return undefined
  if (min !== undefined && value < min) return 'below'
  return max !== undefined && value > max ? 'above' : undefined
}

/** Silence is not health and not sickness either: no sample, NaN and infinities leave the question open. */
export const metricsAnswer: Check = input =>
  firstOf(input.evidence.measurements, metric => {
    if (metric.value !== undefined && Number.isFinite(metric.value)) return pass
    const { reason, message } = silenceOf(metric)
    return inconclusive({ reason, message: silenceText(input.canaryName, metric, message), subject: metric.name })
  })

const silenceOf = (metric: Measurement): { reason: Reason; message: string } =>
  metric.silence ?? { reason: 'NoData', message: `expected one finite number, got ${measured(metric)}` }

/** Gates are for people: a closed one holds the step for as long as it takes. */
export const gatesAreOpen: Check = input =>
  firstOf(answersOf(input, ['confirm-rollout', 'confirm-traffic-increase', 'confirm-promotion']), answer =>
    answer.ok
      ? pass
      : wait({
          reason: 'GateClosed',
          message: gateText(input.canaryName, answer),
          ...(answer.message ? { detail: `it answered ${JSON.stringify(answer.message)}` } : {}),
          subject: answer.name,
          gate: answer,
        }),
  )

const gateWords: Readonly<Record<string, string>> = {
  'confirm-rollout': 'waiting for approval',
  'confirm-traffic-increase': 'waiting for traffic increase approval',
  'confirm-promotion': 'waiting for promotion approval',
}

const gateText = (canaryName: string, { type, name }: HookAnswer): string => `Halt ${canaryName} advancement ${gateWords[type]} ${name}`

/** No step without pods that can take it. */
export const canaryIsReady: Check = ({ canaryTrack, canaryName }) => {
  if (!canaryTrack) return pass
  if (canaryTrack.kind === 'stuck') return fatal({ reason: 'ProgressDeadlineExceeded', message: canaryTrack.message })
  if (canaryTrack.kind === 'waiting') return wait({ reason: 'CanaryNotReady', message: canaryTrack.message })
  return canaryTrack.readyPods > 0
    ? pass
    : wait({ reason: 'CanaryNotReady', message: `${canaryName} has no ready pod; traffic is only sent to a track that has one` })
}

/** Nor with fewer pods than the next share of the traffic needs. */
export const canaryHasCapacity: Check = ({ shortage }) => (shortage ? wait(shortage) : pass)

/**
 * A primary without any pod for longer than its deadline serves nobody: what is released is meant to mend that. Where nobody can tell for how
 * long, the release does not wait either: a canary that has pods is then the only track that can serve.
 */
const isGivenUp = ({ kind, servingPods, isUntimed }: Readiness): boolean => servingPods === 0 && (kind === 'stuck' || isUntimed === true)

/** Nor is a rollout carried on when the track that serves is in trouble. */
export const primaryIsReady: Check = ({ primaryTrack, canaryName }) => {
  if (!primaryTrack || primaryTrack.readyPods > 0 || isGivenUp(primaryTrack)) return pass
  return wait({ reason: 'PrimaryNotReady', message: `the primary of ${canaryName} has no ready pod: ${primaryTrack.message}` })
}

/** All are evaluated; the gravest verdict decides: fatal > fail > wait > inconclusive > pass. */
export const advanceChecks: readonly Check[] = [
  rollbackIsNotRequested,
  hooksSucceed,
  metricsAreInRange,
  canaryIsReady,
  canaryHasCapacity,
  primaryIsReady,
  gatesAreOpen,
  metricsAnswer,
]

/** The verdict of the whole chain. */
export const evaluate = (input: CheckInput, checks: readonly Check[] = advanceChecks): Verdict => gravest(checks.map(check => check(input)))
