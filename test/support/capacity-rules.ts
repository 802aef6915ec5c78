import { readyThresholds } from '../../src/api/analysis.ts'
import { drainMsOf, primaryName, providerOf, serviceNames } from '../../src/api/canary.ts'
import { canaryKind, deploymentKind, endpointSliceKind } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { podsFor, readyOf } from '../../src/core/capacity.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { routers } from '../../src/routing/registry.ts'
import { replicaSetOf } from './endpoints.ts'
import type { Rule, Scene } from './scene.ts'
import { newestPods, readyPods, replicasOf, servingPods } from './tracks-seen.ts'

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

/** How many pods of the newest template requests get to by the Service of a track; undefined where no slice says so. */
const reachedPods = ({ live, canary }: Scene, workload: KubeObject | undefined, track: 'primary' | 'canary'): number | undefined => {
  const { namespace = '' } = canary.metadata
  const slice = live.get(endpointSliceKind, { namespace, name: `${serviceNames(canary)[track]}-1` })
  if (!slice || workload?.kind !== deploymentKind.kind) return undefined
  const endpoints = (slice['endpoints'] ?? []) as readonly { readonly targetRef?: { readonly name: string } }[]
  return endpoints.filter(({ targetRef }) => targetRef?.name.startsWith(`${replicaSetOf(workload)}-`)).length
}

/** Pods that the canary needs for the share that grows just now. */
const neededToGrow = (scene: Scene): number => {
  const { before, after, canary, primary } = scene
  const { capacity, servingFrom } = canary.status
  if (!before || !after || !capacity || servingFrom === 'canary' || after.canary <= before.canary || readyPods(primary) === 0) return 0
  return readyOf(asScaled(scene, podsFor(after.canary, capacity.primary)), readyThresholds(canary).canary)
}

const stepFits: Rule = scene => {
  const { after, target } = scene
  const needed = neededToGrow(scene)
  const ready = readyPods(target) // none at all is what S3 is about
  const reached = reachedPods(scene, target, 'canary') ?? ready
  if (ready > 0 && ready < needed) return `C2: ${after?.canary}% for ${ready} ready pods, ${needed} are needed`
  return reached < needed && ready > 0 ? `C2: ${after?.canary}% for ${reached} pods in the endpoints, ${needed} are needed` : undefined
}

/** New pods that the primary needs for what comes back to it just now. */
const neededToReturn = ({ before, after, canary, target, primary }: Scene): number => {
  const { capacity, phase } = canary.status
  if (!before || !after || !capacity || phase !== 'Promoting' || after.primary <= before.primary || newestPods(target) === 0) return 0
  const kept = capacity.limited ? Math.min(capacity.primary, replicasOf(primary)) : capacity.primary
  return readyPods(primary) === 0 ? 0 : readyOf(podsFor(after.primary, kept), readyThresholds(canary).primary) // none at all is what S4 is about
}

const returnFits: Rule = scene => {
  const { after, primary } = scene
  const needed = neededToReturn(scene)
  const found = newestPods(primary)
  const reached = reachedPods(scene, primary, 'primary') ?? found
  if (found < needed) return `C3: ${after?.primary}% back to ${found} new pods, ${needed} are needed`
  return reached < needed ? `C3: ${after?.primary}% back to ${reached} new pods in the endpoints, ${needed} are needed` : undefined
}

/** Nobody waits for pods that somebody took away himself. */
const hasPods = (target: KubeObject | undefined): boolean => replicasOf(target) > 0 || servingPods(target) > 0

const drainIsWhole =
  (leastMs: number): Rule =>
  ({ write, canary, canaryBefore, target, nowMs }) => {
    const { drainSince } = canaryBefore.status
    const parks = write.key.name === canary.spec.targetRef.name && replicasOf(write.before) > 0 && replicasOf(target) === 0
    const isEnd =
      hasPods(target) && stateOf(canaryBefore.status) === 'Finalising.draining' && stateOf(canary.status) === 'Finalising.parking'
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
