import type { Canary } from '../api/canary.ts'
import { isIdle, type RolloutState } from '../api/phases.ts'
import type { DeclaredReplicas } from '../api/status.ts'
import type { RolloutEvent } from './events.ts'
import type { Notice } from './notices.ts'
import type { Observation } from './observation.ts'
import type { RolloutContext } from './rollout-context.ts'

/*
 * Manifests that declare `replicas` of a target undo its parking each time somebody applies them. It is parked again, once for each time, and
 * whoever applies meets no conflict; what they declare is remembered, because parking takes it from the object.
 */

interface Turn {
  /** Before this decision. */
  readonly state: RolloutState
  readonly context: RolloutContext
  readonly event: RolloutEvent | undefined
  readonly seen: Observation
}

/** Nothing runs, and somebody gives pods to a target whose revision is known: only its size was applied. */
const isOnlySized = ({ state, context, seen }: Turn): boolean =>
  isIdle(state) && context.servingFrom === 'primary' && seen.revision?.pin.hash === context.analysed?.hash

/** What is remembered of who declares the size of the target; undefined where nobody does, as far as the object shows. */
export const declaredAfter = (turn: Turn): DeclaredReplicas | undefined => {
  const { event, seen } = turn
  const old = seen.canary.status.declaredReplicas
  if (seen.obstacle || !seen.targetSize) return old
  if (seen.targetSize.replicas > 0) return sizedBy(turn, seen.targetSize)
  return event?.type === 'REVISION_CHANGED' ? undefined : old // applied anew, and no size with it
}

const sizedBy = (turn: Turn, { replicas, declaredBy }: NonNullable<Observation['targetSize']>): DeclaredReplicas | undefined => {
  const old = turn.seen.canary.status.declaredReplicas
  if (declaredBy === undefined) return isIdle(turn.state) ? undefined : old
  const again = old?.again === true || isOnlySized(turn)
  return { replicas, by: declaredBy, ...(again && { again }) }
}

/** What people read about it. */
export const declaredText = ({ spec, metadata }: Canary, { by, replicas }: DeclaredReplicas): string => {
  const { kind, name } = spec.targetRef
  return `${by} declares ${replicas} replicas of ${kind} ${name}.${metadata.namespace ?? ''}, which has none while nothing is released: it was parked again`
}

/** It is said once, and again when somebody else declares it, or another size. */
export const declaredNotices = (declared: DeclaredReplicas | undefined, { canary }: Observation): readonly Notice[] => {
  const old = canary.status.declaredReplicas
  const isSaid = old?.again === true && old.by === declared?.by && old.replicas === declared.replicas
  if (!declared?.again || isSaid) return []
  return [{ type: 'Warning', reason: 'ReplicasDeclaredElsewhere', message: declaredText(canary, declared) }]
}
