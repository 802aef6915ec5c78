import { readyThresholds } from '../../src/api/analysis.ts'
import { drainMsOf, primaryName, providerOf } from '../../src/api/canary.ts'
import { canaryKind } from '../../src/api/kinds.ts'
import { podsFor, readyOf } from '../../src/core/capacity.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { routers } from '../../src/routing/registry.ts'
import { newestPods, type Rule, readyPods, replicasOf, type Scene } from './invariants.ts'

/* What is promised about the pods behind the routes: C1 to C4. Like the safety rules, looked at after every write. */

/** Where the size that the primary had when the rollout began is kept. */
const keepingPhases = ['Progressing', 'WaitingPromotion', 'Promoting']

const floorIsKept: Rule = ({ write, canary }) => {
  const { capacity, phase = '', state } = canary.status
  const isKept = keepingPhases.includes(phase) || state === 'Failed.returning'
  if (!capacity || !isKept || write.key.name !== primaryName(canary) || write.after?.kind !== canary.spec.targetRef.kind) return undefined
  const [from, to] = [replicasOf(write.before), replicasOf(write.after)]
  return to < from && to < capacity.primary
    ? `C1: the primary goes from ${from} to ${to} pods, below the ${capacity.primary} it had`
    : undefined
}

/** Sizes of the canary are its scaler's business in the end. */
const asScaled = ({ canary, target }: Scene, pods: number): number =>
  canary.spec.autoscalerRef ? Math.min(pods, replicasOf(target)) : pods

const stepFits: Rule = scene => {
  const { before, after, canary, target, primary } = scene
  const { capacity, servingFrom } = canary.status
  if (!before || !after || !capacity || servingFrom === 'canary' || after.canary <= before.canary || readyPods(primary) === 0)
    return undefined
  const needed = readyOf(asScaled(scene, podsFor(after.canary, capacity.primary)), readyThresholds(canary).canary)
  const found = readyPods(target) // none at all is what S3 is about
  return found === 0 || found >= needed ? undefined : `C2: ${after.canary}% for ${found} ready pods, ${needed} are needed`
}

const returnFits: Rule = ({ before, after, canary, target, primary }) => {
  const { capacity, phase } = canary.status
  if (!before || !after || !capacity || phase !== 'Promoting' || after.primary <= before.primary || newestPods(target) === 0)
    return undefined
  const kept = capacity.limited ? Math.min(capacity.primary, replicasOf(primary)) : capacity.primary
  const needed = readyOf(podsFor(after.primary, kept), readyThresholds(canary).primary)
  const found = newestPods(primary) // none at all is what S4 is about
  return readyPods(primary) === 0 || found >= needed ? undefined : `C3: ${after.primary}% back to ${found} new pods, ${needed} are needed`
}

const drainIsWhole =
  (leastMs: number): Rule =>
  ({ write, canary, canaryBefore, target, nowMs }) => {
    const { drainSince } = canaryBefore.status
    const parks = write.key.name === canary.spec.targetRef.name && replicasOf(write.before) > 0 && replicasOf(target) === 0
    const isEnd = stateOf(canaryBefore.status) === 'Finalising.draining' && stateOf(canary.status) === 'Finalising.parking'
    const isDraining = ['Initialized.parking', 'Failed.parking'].includes(stateOf(canary.status))
    if (!isEnd && !(parks && isDraining && write.kind.kind === canary.spec.targetRef.kind)) return undefined
    const drainedMs = drainSince === undefined ? -1 : nowMs - Date.parse(drainSince)
    return drainedMs >= drainMsOf(canary, leastMs) ? undefined : `C4: drained for ${drainedMs}ms`
  }

const drainBeginsWithTheRoute: Rule = ({ write, canary, canaryBefore, live }) => {
  const begins = write.kind.kind === canaryKind.kind && canary.status.drainSince !== canaryBefore.status.drainSince
  if (!begins || !canary.status.drainSince || canary.status.phase === 'Terminating') return undefined
  const { accepted, traffic } = routers.get(providerOf(canary, 'gatewayapi:v1')).observe(canary, live)
  const isLeftOut = !traffic || (traffic.canary === 0 && !traffic.mirrored)
  return accepted !== 'no' && isLeftOut ? undefined : 'C4: drains while the route still leads to the track'
}

/** `leastMs` is what the controller's flag `drain` says. */
export const capacityRules = (leastMs: number): readonly Rule[] => [
  floorIsKept,
  stepFits,
  returnFits,
  drainIsWhole(leastMs),
  drainBeginsWithTheRoute,
]
