import type { KubeObject } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import type { Scene } from './scene.ts'

export const replicasOf = (primary: KubeObject | undefined): number | undefined =>
  (primary?.['spec'] as { readonly replicas?: number } | undefined)?.replicas

/** How many pods the primary asks for: what it has, or where it is new or promoted what the target has. A scaler decides by itself. */
export const primaryReplicas = (scene: Scene): number | undefined => {
  const { scaler, scalerSource, state, target, primary } = scene
  if (scaler && scalerSource) return primary ? undefined : Math.max(1, target.replicas, scaler.minReplicas(scalerSource))
  const copies = state === 'Promoting.copying' && target.replicas > 0
  return copies ? target.replicas : (replicasOf(primary) ?? Math.max(1, target.replicas))
}

/** While a rollout runs the primary may have to take all the traffic back at any moment: its scaler may add pods but not take any away. */
export const podsToKeep = ({ state, primary }: Scene): number => {
  const mayReturn = ['Progressing', 'WaitingPromotion', 'Promoting'].includes(phaseOf(state))
  return mayReturn ? (replicasOf(primary) ?? 0) : 0
}

/** As many pods as the primary has, or the least its scaler allows: a scaler cannot size a workload that gets no traffic. */
export const wantedReplicas = ({ scaler, scalerSource, primary }: Scene): number => {
  if (scaler && scalerSource) return Math.max(1, scaler.minReplicas(scalerSource))
  return Math.max(1, replicasOf(primary) ?? 1)
}
