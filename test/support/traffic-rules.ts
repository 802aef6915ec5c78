import { mirrorShareOf } from '../../src/api/analysis.ts'
import { podsFor } from '../../src/core/capacity.ts'
import { canaryGrows, isRescue, type Rule, runsAnalysed, type Scene, share } from './scene.ts'
import { isWorkload, readyPods, replicasOf, servingPods } from './tracks-seen.ts'

/* Where users are sent, and who is there to answer them: S1, S3 to S5, S20. */

const weightsAddUp: Rule = ({ after, isRouteWrite }) => {
  if (!after || !isRouteWrite) return undefined
  const { primary, canary, mirrored } = after
  const whole = [primary, canary].every(weight => Number.isInteger(weight) && weight >= 0 && weight <= 100)
  if (!whole || primary + canary !== 100) return `S1: ${primary}/${canary}`
  return mirrored && canary > 0 ? 'S1: mirrored with live weight' : undefined
}

/** What is pushed while a revision is promoted was analysed by nobody: it gets less than what is recorded. */
const isWithheld = (scene: Scene): boolean => {
  const { status } = scene.canary
  return status.phase === 'Promoting' && share(scene.after) < (status.canaryWeight ?? 0) && !runsAnalysed(scene)
}

/** Whoever had a Service of his own before the Canary has it as it was when that goes. */
const isHandedBack = ({ canary, after }: Scene): boolean =>
  canary.status.phase === 'Terminating' && canary.spec.revertOnDeletion && after?.canary === 100

const routedIsRecorded: Rule = scene => {
  const { before, after, canary } = scene
  if (!after || (share(after) === share(before) && after.mirrored === before?.mirrored)) return undefined
  const { canaryWeight = 0, mirrored = false } = canary.status
  if (after.canary === canaryWeight && after.mirrored === mirrored) return undefined
  if (isRescue(scene) || isWithheld(scene) || isHandedBack(scene)) return undefined
  return `S20: routed ${after.canary}${after.mirrored ? ' mirrored' : ''}, recorded ${canaryWeight}${mirrored ? ' mirrored' : ''}`
}

/** Pods that the share needs; where sizes are nobody's business, all of them. */
const podsAskedFor = ({ after, canary, target }: Scene): number => {
  const { capacity } = canary.status
  const percent = after?.mirrored ? mirrorShareOf(canary) : share(after)
  return canary.spec.autoscalerRef && capacity ? Math.min(replicasOf(target), podsFor(percent, capacity.primary)) : replicasOf(target)
}

const canaryCanServe: Rule = scene => {
  const { target, primary, canary } = scene
  if (!canaryGrows(scene)) return undefined
  const required = Math.max(1, Math.trunc((podsAskedFor(scene) * canary.spec.analysis.canaryReadyThreshold) / 100))
  const isUrgent = readyPods(primary) === 0 || canary.status.servingFrom === 'canary' || scene.before === undefined
  const isEnough = isUrgent ? servingPods(target) > 0 : readyPods(target) >= required
  return isEnough ? undefined : `S3: ${readyPods(target)} of ${replicasOf(target)} pods of the canary are ready`
}

const primaryCanServe: Rule = ({ before, after, target, primary }) => {
  if (!before || !after || after.primary <= before.primary) return undefined
  return servingPods(primary) > 0 || readyPods(target) === 0 ? undefined : 'S4: the primary has no ready pod'
}

const branchIsNotCut: Rule = ({ write, after, target, canary }) => {
  const parks = write.key.name === canary.spec.targetRef.name && isWorkload(write.kind) && replicasOf(target) === 0
  if (!parks || replicasOf(write.before) === 0) return undefined
  return share(after) === 0 && !after?.mirrored ? undefined : 'S5: parked while it gets traffic'
}

/** What holds for routes and pods after every write. */
export const trafficRules: readonly Rule[] = [weightsAddUp, routedIsRecorded, canaryCanServe, primaryCanServe, branchIsNotCut]
