import { isPassingOwner } from '../api/ownership.ts'
import { shareAhead, shareNow } from '../core/capacity.ts'
import type { Plan } from '../core/plan.ts'
import type { FieldPatch } from '../targets/workload.ts'
import { pauseSteps, resumeSteps } from './desired-scaler.ts'
import { isOverdue, neededReplicas, replicasOf, wantedReplicas } from './desired-size.ts'
import { type Scene, targetExists } from './scene.ts'

const patchStep = (scene: Scene, name: string, patch: FieldPatch | undefined): Plan =>
  patch && targetExists(scene) ? [{ verb: 'patch', name, kind: patch.kind, object: patch.object, body: patch.body, done: false }] : []

const growing = 'scale up the canary'

/** The target is given so many pods; one that has more keeps them. Where a scaler sizes it, that is written as a scaler writes it. */
const growSteps = (scene: Scene, pods: number): Plan => {
  const { workload, target, scaler } = scene
  if (target.replicas >= pods) return []
  if (!scaler || !workload.can.scale) return patchStep(scene, growing, workload.unpark({ ...target, replicas: 0 }, pods))
  const { object } = target
  return targetExists(scene) ? [{ verb: 'scale', name: growing, kind: workload.kind, object, replicas: pods, done: false }] : []
}

/** The canary has pods, and enough of them for the share that it has. */
export const unparkSteps = (scene: Scene): Plan => [
  ...resumeSteps(scene),
  ...growSteps(scene, scene.target.replicas === 0 ? wantedReplicas(scene) : neededReplicas(scene, shareNow(scene))),
]

/** The canary keeps the pods for the share that it has; without one it is given none. */
export const keptSteps = (scene: Scene): Plan => (scene.context.weight > 0 ? unparkSteps(scene) : [])

/** The canary has as many pods as the share needs that it is about to get. The route of the share that it has never waits for these. */
export const sizeSteps = (scene: Scene): Plan =>
  unparkSteps(scene).length > 0 ? [] : growSteps(scene, neededReplicas(scene, shareAhead(scene)))

/** The canary that takes over from a primary which cannot be promoted has the pods for all the traffic; this holds nothing up for ever. */
export const rescueSteps = (scene: Scene): Plan => {
  const waits = scene.context.servingFrom === 'canary' && scene.primaryTrack.servingPods > 0 && !isOverdue(scene)
  return waits ? growSteps(scene, Math.max(wantedReplicas(scene), neededReplicas(scene, 100))) : []
}

/** The canary has no pods, unless it is what serves. */
export const parkSteps = (scene: Scene): Plan =>
  scene.context.servingFrom === 'canary'
    ? unparkSteps(scene)
    : [...pauseSteps(scene), ...patchStep(scene, 'park the canary', scene.workload.park(scene.target))]

/** For so long a scaler that takes pods away again is not given way to; then it knows better than we do. */
const insistMs = 30_000

/** The target has the pods it needs to take over from the primary at once. */
export const takeOverSteps = (scene: Scene): Plan => {
  const { workload, target, primary, state, context, nowMs } = scene
  const wanted = Math.max(1, replicasOf(primary) ?? 1)
  const insists = state === 'Terminating.reverting' && nowMs - context.stateSinceMs < insistMs
  const isShort = insists && target.replicas < wanted
  const patch = workload.unpark(isShort ? { ...target, replicas: 0 } : target, wanted)
  return [...resumeSteps(scene), ...patchStep(scene, 'scale up the target', patch)]
}

/** Whoever declares `replicas` in Git must not meet us as its owner; gives back what an interrupted write left with us. */
export const giveBackSteps = (scene: Scene): Plan => {
  const { target, workload } = scene
  const owned = target.object.metadata.managedFields?.some(isPassingOwner) ?? false
  return owned && targetExists(scene)
    ? [{ verb: 'patch', name: 'give back the fields of the target', kind: workload.kind, object: target.object, body: {}, done: false }]
    : []
}
