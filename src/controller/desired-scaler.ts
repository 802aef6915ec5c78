import { primaryScalerName } from '../api/canary.ts'
import { isControlledBy, isLeftBehind, objectText } from '../api/ownership.ts'
import type { Plan } from '../core/plan.ts'
import type { FieldPatch } from '../targets/workload.ts'
import { podsToKeep } from './desired-size.ts'
import { applyStep } from './desired-traffic.ts'
import type { Scene } from './scene.ts'

/**
 * Scalers of the primary that the Canary asked for earlier. They would go on scaling it, by bounds that nobody brings up to date, and beside
 * the one that is asked for now.
 */
const formerScalerSteps = ({ canary, madeScalers }: Scene): Plan =>
  madeScalers
    .filter(({ kind, object }) => kind.kind !== canary.spec.autoscalerRef?.kind || object.metadata.name !== primaryScalerName(canary))
    .map(({ kind, object }) => ({ verb: 'delete', name: `former ${kind.kind} ${object.metadata.name}`, kind, object, done: false }))

/** The scaler of the primary, and no other that we made. */
export const scalerSteps = (scene: Scene): Plan => [...formerScalerSteps(scene), ...twinSteps(scene)]

/** The scaler's twin; an object of that name that is not ours is left alone. */
const twinSteps = (scene: Scene): Plan => {
  const { canary, scaler, scalerSource, options } = scene
  if (!scaler || !scalerSource) return []
  const twin = scaler.primary(canary, scalerSource, { ...options, leastPods: podsToKeep(scene) })
  const step = applyStep(scene, scaler.kind, twin)
  const foreign = step.live !== undefined && !isControlledBy(step.live, canary) && !isLeftBehind(step.live)
  const message = () =>
    `${objectText(twin)} exists and is not ours; rename or delete it, Serin needs the name for the scaler of the primary`
  if (foreign) return [{ ...step, unmet: { reason: 'ForeignObject', message: message() } }]
  const paused = step.live && scaler.resume(step.live) // another controller may have copied the pause of the target's
  return paused ? pieceOf('resume the scaler of the primary', paused) : [step]
}

const pieceOf = (name: string, patch: FieldPatch | undefined): Plan => (patch ? [{ verb: 'patch', name, ...patch, done: false }] : [])

/** Before the target is parked: its scaler would give it pods again. */
export const pauseSteps = ({ scaler, scalerSource }: Scene): Plan =>
  pieceOf('pause the scaler of the target', scaler && scalerSource && scaler.pause(scalerSource))

/** Before the target gets pods: its scaler would take them away again. */
export const resumeSteps = ({ scaler, scalerSource }: Scene): Plan =>
  pieceOf('resume the scaler of the target', scaler && scalerSource && scaler.resume(scalerSource))
