import type { Autoscaler } from '../objects/autoscaler.ts'
import { type Finding, withCondition } from '../objects/conditions.ts'
import { autoscalers, deployments } from '../objects/kinds.ts'
import { type Condition, timestamp } from '../objects/view.ts'
import type { Deployment } from '../objects/workloads.ts'
import { type Plan, statusWrite } from './plan.ts'

/** An autoscaler and the Deployment it scales, read at one moment. */
export interface AutoscalerWorld {
  readonly autoscaler: Autoscaler
  readonly target: Deployment | undefined
  readonly nowMs: number
}

const yes = (type: string, reason: string, message: string): Finding => ({ type, status: 'True', reason, message })
const no = (type: string, reason: string, message: string): Finding => ({ type, status: 'False', reason, message })

/** How many replicas it wants, and why. */
interface Verdict {
  readonly replicas: number
  readonly findings: readonly Finding[]
}

const targetMissing = ({ spec }: Autoscaler): Verdict => {
  const { kind, name } = spec.scaleTargetRef
  return {
    replicas: 0,
    findings: [
      no(
        'AbleToScale',
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${kind.toLowerCase()}s.apps "${name}" not found`,
      ),
    ],
  }
}

const switchedOff: Verdict = {
  replicas: 0,
  findings: [
    yes('AbleToScale', 'SucceededGetScale', "the HPA controller was able to get the target's current scale"),
    no('ScalingActive', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero'),
  ],
}

const outOfBounds = (replicas: number, side: 'TooManyReplicas' | 'TooFewReplicas'): Verdict => {
  const limit = side === 'TooManyReplicas' ? 'more than the maximum' : 'less than the minimum'
  return {
    replicas,
    findings: [
      yes('AbleToScale', 'SucceededRescale', `the HPA controller was able to update the target scale to ${replicas}`),
      yes('ScalingLimited', side, `the desired replica count is ${limit} replica count`),
    ],
  }
}

/** Within its bounds it would follow its metrics, and nothing in this cluster serves any. */
const withoutMetrics = ({ spec }: Autoscaler, replicas: number): Verdict => {
  const resource = spec.metrics?.find(({ type }) => type === 'Resource')?.resource?.name ?? 'cpu'
  const message = `the HPA was unable to compute the replica count: failed to get ${resource} utilization: unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`
  return {
    replicas,
    findings: [
      yes('AbleToScale', 'SucceededGetScale', "the HPA controller was able to get the target's current scale"),
      no('ScalingActive', 'FailedGetResourceMetric', message),
    ],
  }
}

const judge = ({ autoscaler, target }: AutoscalerWorld): Verdict => {
  const { minReplicas, maxReplicas } = autoscaler.spec
  if (!target) return targetMissing(autoscaler)
  const { replicas } = target.spec
  if (replicas === 0 && minReplicas !== 0) return switchedOff
  if (replicas > maxReplicas) return outOfBounds(maxReplicas, 'TooManyReplicas')
  if (replicas < minReplicas) return outOfBounds(minReplicas, 'TooFewReplicas')
  return withoutMetrics(autoscaler, replicas)
}

/** Everything one pass over an autoscaler should write: it keeps its target between its bounds, and off where somebody scaled it to 0. */
export const planAutoscaler = (world: AutoscalerWorld): Plan => {
  const { autoscaler, target, nowMs } = world
  const { replicas, findings } = judge(world)
  const scale = target !== undefined && target.spec.replicas !== replicas
  const before: readonly Condition[] = autoscaler.status.conditions ?? []
  const status = {
    observedGeneration: autoscaler.metadata.generation ?? 0,
    currentReplicas: target?.status.replicas ?? 0,
    desiredReplicas: replicas,
    conditions: findings.reduce<readonly Condition[]>((all, finding) => withCondition(all, finding, nowMs), before),
    ...(scale ? { lastScaleTime: timestamp(nowMs) } : {}),
  }
  return {
    writes: [
      ...(scale ? [{ verb: 'patch', kind: deployments, object: target, body: { spec: { replicas } } } as const] : []),
      ...statusWrite(autoscalers, autoscaler, status),
    ],
  }
}
