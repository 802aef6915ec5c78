import { isControlledBy, objectText } from '../api/ownership.ts'
import type { Plan } from '../core/plan.ts'
import { podsToKeep } from './desired-size.ts'
import { applyStep } from './desired-traffic.ts'
import type { Scene } from './scene.ts'

/** The scaler's twin; an object of that name that is not ours is left alone. */
export const scalerSteps = (scene: Scene): Plan => {
  const { canary, scaler, live, options } = scene
  const twin = scaler?.primary(canary, live, { ...options, leastPods: podsToKeep(scene) })
  if (!scaler || !twin) return []
  const step = applyStep(scene, scaler.kind, twin)
  const foreign = step.live !== undefined && !isControlledBy(step.live, canary)
  const message = () =>
    `${objectText(twin)} exists and is not ours; rename or delete it, Serin needs the name for the scaler of the primary`
  return [{ ...step, unmet: foreign ? { reason: 'ForeignObject', message: message() } : undefined }]
}
