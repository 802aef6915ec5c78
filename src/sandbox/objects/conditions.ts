import { type Condition, timestamp } from './view.ts'

export const conditionOf = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find(condition => condition.type === type)

export const isTrue = (conditions: readonly Condition[] | undefined, type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True'

/** What a condition should say; times are added when it is set. */
export interface Finding {
  readonly type: string
  readonly status: Condition['status']
  readonly reason: string
  readonly message: string
  readonly observedGeneration?: number
}

const saysTheSame = (before: Condition, after: Finding): boolean =>
  before.status === after.status &&
  before.reason === after.reason &&
  before.message === after.message &&
  before.observedGeneration === after.observedGeneration

/** The conditions with this one set, in place or at the end. `lastTransitionTime` moves only when the status does; nothing moves when it says the same. */
export const withCondition = (conditions: readonly Condition[], finding: Finding, nowMs: number): Condition[] => {
  const before = conditionOf(conditions, finding.type)
  if (before && saysTheSame(before, finding)) return [...conditions]
  const since = before?.status === finding.status ? before.lastTransitionTime : undefined
  const after = { ...finding, lastTransitionTime: since ?? timestamp(nowMs) }
  return before ? conditions.map(condition => (condition === before ? after : condition)) : [...conditions, after]
}
