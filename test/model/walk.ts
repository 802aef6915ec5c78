import type { Canary } from '../../src/api/canary.ts'
import { phaseOf } from '../../src/api/phases.ts'
import type { CanaryStatus } from '../../src/api/status.ts'
import { decide } from '../../src/core/decide.ts'
import type { Evidence } from '../../src/core/evidence.ts'
import type { Observation, Obstacle } from '../../src/core/observation.ts'
import type { Readiness } from '../../src/core/readiness.ts'
import { contextOf, stateOf } from '../../src/core/status-context.ts'
import {
  aCanary,
  anObservation,
  answer,
  aRevision,
  epochMs,
  evidence,
  healthy,
  ready,
  sick,
  stuck,
  successRate,
  waiting,
} from '../support/builders.ts'
import type { Counter, PlanName, Pods, Standing, Step } from './steps.ts'

const ladder = { stepWeights: [50, 100] }

const canaries: Readonly<Record<PlanName, Canary>> = {
  weights: aCanary({ analysis: ladder }),
  'blue-green': aCanary({ analysis: { iterations: 1 } }),
  'returns in steps': aCanary({ analysis: { ...ladder, stepWeightPromotion: 50 } }),
  gated: aCanary({ analysis: { ...ladder, webhooks: [{ name: 'gate', type: 'confirm-rollout', url: 'http://hooks.test/gate' }] } }),
  skips: aCanary({ analysis: ladder, spec: { skipAnalysis: true } }),
}

/** The Canary that a plan of the model stands for. */
export const canaryOf = (plan: PlanName): Canary => canaries[plan]

const held: Obstacle = { reason: 'CanaryNotReady', message: 'no pods yet' }
const longAgo = new Date(epochMs - 3_600_000).toISOString()

const statusOf = (counter: Counter, standing: Standing): CanaryStatus => ({
  phase: phaseOf(counter.state),
  ...(counter.state.includes('.') ? { state: counter.state } : {}),
  canaryWeight: counter.weight,
  failedChecks: counter.failedChecks,
  iterations: counter.iterations,
  unanswered: counter.unanswered,
  analysed: pinOf(counter.analysed),
  promoted: pinOf(counter.promoted),
  ...(counter.servesFromCanary ? { servingFrom: 'canary' } : {}),
  ...(standing === 'OVERDUE' ? { hold: { ...held, since: longAgo } } : {}),
})

const pinOf = (revision: number) => aRevision(String(revision)).pin

const tracks: Readonly<Record<Pods, Readiness>> = {
  DOWN: { ...waiting, kind: 'ready', message: '', wantedPods: 0 },
  STARTING: waiting,
  ROLLING: { ...waiting, readyPods: 1, servingPods: 1 },
  READY: ready,
  STUCK: stuck,
}

/** Pods of an earlier template go on serving while a primary is stuck with a newer one. */
const primaryOf = (pods: Pods): Readiness => (pods === 'STUCK' ? { ...stuck, readyPods: 1, servingPods: 1 } : tracks[pods])

const convergences: Readonly<Record<Standing, Observation['convergence']>> = {
  UNTRIED: undefined,
  HELD: held,
  OVERDUE: held,
  STANDS: 'converged',
  PENDING: 'pending',
}

const gateOf = ({
  before: { state, weight, iterations },
  plan,
}: Step): 'confirm-rollout' | 'confirm-promotion' | 'confirm-traffic-increase' => {
  if (state !== 'WaitingPromotion' && !state.startsWith('Progressing.')) return 'confirm-rollout'
  const isLast = plan === 'blue-green' ? iterations >= 1 : weight === 100
  return isLast && state !== 'Progressing.starting' ? 'confirm-promotion' : 'confirm-traffic-increase'
}

const evidenceOf = (step: Step): Evidence | undefined => {
  switch (step.seen.verdict) {
    case 'CHECKS_PASSED':
      return healthy
    case 'CHECKS_FAILED':
      return sick
    case 'CHECKS_INCONCLUSIVE':
      return evidence([successRate(undefined)])
    case 'CHECKS_WAITING':
      return evidence([], [answer(gateOf(step), false)])
    case 'CHECKS_FATAL':
      return { ...evidence([], [answer('rollback', true)]), isAppeal: step.seen.standing === 'HELD' }
    default:
      return undefined
  }
}

/** What the code is shown of a step of the model. */
const observationOf = (step: Step): Observation => {
  const { plan, before, seen } = step
  const convergence = convergences[seen.standing]
  const found = evidenceOf(step)
  return anObservation(
    { ...canaryOf(plan), status: statusOf(before, seen.standing) },
    {
      revision: aRevision(String(seen.revision)),
      canaryTrack: tracks[seen.canary],
      primaryTrack: primaryOf(seen.primary),
      deleting: seen.deleting && !before.state.startsWith('Terminating.'),
      ...(convergence === undefined ? {} : { convergence }),
      ...(found ? { evidence: found } : {}),
    },
  )
}

/** Where the code goes on such a step: in the model's terms. */
export const walked = (step: Step): Counter => {
  const { status } = decide(observationOf(step))
  const { weight, failedChecks, iterations, unanswered, servingFrom } = contextOf(status, epochMs)
  const numberOf = (pin: CanaryStatus['analysed']): number => [1, 2, 3].find(number => pinOf(number).hash === pin?.hash) ?? 0
  return {
    state: stateOf(status),
    weight,
    failedChecks,
    iterations,
    unanswered,
    analysed: numberOf(status.analysed),
    promoted: numberOf(status.promoted),
    servesFromCanary: servingFrom === 'canary',
  }
}
