import { keepsCapacity } from '../api/canary.ts'
import type { KubeObject } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import { podsFor, podsToday, type ScalerLimits } from '../core/capacity.ts'
import type { Scene } from './scene.ts'

export const replicasOf = (primary: KubeObject | undefined): number | undefined =>
  (primary?.['spec'] as { readonly replicas?: number } | undefined)?.replicas

/** How far the scalers go: that of the target, and its twin. */
export const scalersOf = ({ scaler, scalerSource, canary }: Scene): { readonly scalers?: ScalerLimits } => {
  if (!scaler || !scalerSource) return {}
  const most = scaler.maxReplicas(scalerSource)
  return { scalers: { canary: most, primary: canary.spec.autoscalerRef?.primaryScalerReplicas?.maxReplicas ?? most } }
}

/**
 * The primary never asks for fewer pods than these: while a rollout runs it may have to take all the traffic at any moment, and before its
 * first it takes over from the target. As far as its own scaler goes.
 */
export const podsToKeep = (scene: Scene): number => {
  const { canary, state, target } = scene
  if (!keepsCapacity(canary)) return 0
  const kept = phaseOf(state) === 'Initializing' ? target.replicas : (canary.status.capacity?.primary ?? 0)
  return Math.min(kept, scalersOf(scene).scalers?.primary ?? kept)
}

/**
 * Pods for a primary that serves and that somebody took all of them from: an autoscaler rests at none, and would never give it one again. One
 * that may have none by the word of its own scaler keeps to that.
 */
const podsToGiveBack = ({ scaler, scalerSource, canary, context }: Scene): number => {
  if (context.servingFrom === 'canary') return 0
  if (!scaler || !scalerSource) return Math.max(1, canary.status.declaredReplicas?.replicas ?? 1)
  return canary.spec.autoscalerRef?.primaryScalerReplicas?.minReplicas ?? scaler.minReplicas(scalerSource)
}

/** How many pods the primary asks for; undefined where that is its scaler's business. */
export const primaryReplicas = (scene: Scene): number | undefined => {
  const { scaler, scalerSource, target, primary } = scene
  const live = replicasOf(primary)
  const kept = Math.max(podsToKeep(scene), live === 0 ? podsToGiveBack(scene) : 0)
  if (!scaler || !scalerSource) return declaredReplicas(scene) ?? Math.max(live ?? Math.max(1, target.replicas), kept)
  if (live === undefined) return Math.max(1, target.replicas, kept, scaler.minReplicas(scalerSource))
  return live < kept ? kept : undefined
}

/** Without a scaler whoever sizes the target sizes the primary: with the promotion, but never while traffic could need more. */
const declaredReplicas = ({ canary, state, target, context }: Scene): number | undefined => {
  if (!keepsCapacity(canary)) return state === 'Promoting.copying' && target.replicas > 0 ? target.replicas : undefined
  const isPromoted = phaseOf(state) === 'Finalising' && context.analysed?.hash !== context.promoted?.hash
  return isPromoted ? canary.status.capacity?.declared : undefined
}

/**
 * How many pods of the primary may be missing while a promotion rolls it: those that its share of the traffic does not need. Undefined where
 * that is left to its own strategy.
 */
export const podsThatMayMiss = (scene: Scene): number | undefined => {
  const { state, context, plan, workload } = scene
  const kept = podsToKeep(scene)
  const isRolled = state === 'Promoting.copying' || state === 'Promoting.sizing' || state === 'Failed.restoring'
  if (!isRolled || kept === 0 || !workload.can.scale) return undefined
  const share = plan.strategy === 'ab-testing' ? 100 : 100 - context.weight // an A/B test leaves those it does not match with the primary
  return kept - podsFor(share, kept)
}

/** As many pods as the primary has, or the least its scaler allows: a scaler cannot size a workload that gets no traffic. */
export const wantedReplicas = (scene: Scene): number => {
  const { scaler, scalerSource, primary, canary } = scene
  if (!scaler || !scalerSource)
    return Math.max(1, replicasOf(primary) ?? canary.status.declaredReplicas?.replicas ?? 1, canary.status.capacity?.primary ?? 0)
  return Math.max(1, scaler.minReplicas(scalerSource), canary.status.capacity?.canary?.pods ?? 0)
}

/**
 * Pods that the target has to be given for a share, if it has fewer. A scaler is overruled once for each step; from when the target had the
 * size, the scaler decides.
 */
export const neededReplicas = (scene: Scene, sharePercent: number): number => {
  const { capacity } = scene.canary.status
  if (!capacity || replicasOf(scene.target.object) === undefined) return 0
  if (!scene.scaler) return podsFor(sharePercent, podsToday(capacity, scene))
  const { canary: sizing } = capacity
  return sizing?.share === sharePercent && !sizing.sized ? sizing.pods : 0
}

/** Traffic that goes back does not wait for pods for longer than a rollout would. */
export const isOverdue = ({ nowMs, context, plan }: Scene): boolean => nowMs - context.stateSinceMs >= plan.deadlineMs
