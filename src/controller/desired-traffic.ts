import { readyThresholds } from '../api/analysis.ts'
import { keepsCapacity } from '../api/canary.ts'
import { serviceKind } from '../api/kinds.ts'
import { type KindRef, type KubeObject, keyOf, type Manifest } from '../api/object.ts'
import { phaseOf } from '../api/phases.ts'
import { canaryCarries, canaryNeeds, podsFor, readyOf, shareNow, shortage } from '../core/capacity.ts'
import { isKnownPlace, placeOf } from '../core/inventory.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { unreachable } from '../core/reach.ts'
import { sameJson } from '../core/same-json.ts'
import { isSo } from '../core/states.ts'
import { allToPrimary, type Traffic } from '../core/traffic.ts'
import type { Router, RoutingContext } from '../routing/router.ts'
import { desiredServices, replacePorts } from '../routing/services.ts'
import { isOverdue, podsToKeep, scalersOf } from './desired-size.ts'
import { routeAccepted } from './desired-waits.ts'
import { isSatisfied } from './satisfied.ts'
import type { Scene } from './scene.ts'
import { apexTrack, primaryPin, servingTraffic } from './serving.ts'

type Applied = Extract<PlanStep, { verb: 'apply' }>

/** A step that makes one object say what a manifest wants. */
export const applyStep = (scene: Scene, kind: KindRef, manifest: Manifest): Applied => {
  const live = scene.live.get(kind, keyOf(manifest))
  return { verb: 'apply', name: `${kind.kind} ${manifest.metadata.name}`, kind, manifest, live, done: isSatisfied(live, manifest) }
}

const services = (scene: Scene) =>
  desiredServices({
    canary: scene.canary,
    label: scene.target.label,
    ports: scene.target.ports,
    live: scene.live,
    apexSelects: apexTrack(scene),
  })

/** The Services that each track is reached by. */
export const trackServiceSteps = (scene: Scene): Plan => {
  if (!scene.workload.can.select) return isPostponed(scene) ? [] : canaryServiceSteps(scene)
  const { primary, canary } = services(scene)
  return [canary, primary].flatMap(manifest => objectSteps(scene, serviceKind, manifest))
}

/**
 * What the Service of a canary leads to, where the target itself is a Service. As long as traffic may be there that is the revision under
 * analysis: what is pushed meanwhile was analysed by nobody.
 */
const canaryServiceSteps = (scene: Scene): Plan => {
  const { workload, state, context, analysedPin } = scene
  const isKept = isSo('keepsSize', state) || context.servingFrom === 'canary'
  if (!workload.canaryService) return []
  return objectSteps(scene, serviceKind, workload.canaryService({ ...scene, pin: isKept ? analysedPin : undefined }))
}

/** A revision that takes the place of one that had requests gets its Service when they are gone from there, provided that the primary serves them. */
const isPostponed = (scene: Scene): boolean => {
  const { workload, state, context, primaryTrack } = scene
  const mayWait =
    !workload.can.select && state === 'Progressing.scaling' && context.servingFrom === 'primary' && primaryTrack.servingPods > 0
  return mayWait && canaryServiceSteps(scene).some(step => step.verb === 'apply' && step.live !== undefined && !step.done)
}

/** The Service of a canary that had to wait for the route. */
export const postponedSteps = (scene: Scene): Plan => (isPostponed(scene) ? [...routeAccepted(scene), ...canaryServiceSteps(scene)] : [])

/** One object; ports that somebody added to a Service go first, because apply alone cannot take them away. */
export const objectSteps = (scene: Scene, kind: KindRef, manifest: Manifest): readonly [...Plan, Applied] => {
  const step = applyStep(scene, kind, manifest)
  const body = replacePorts(manifest, step.live)
  if (!body || !step.live) return [step]
  return [{ verb: 'patch', name: `ports of ${kind.kind} ${manifest.metadata.name}`, kind, object: step.live, body, done: false }, step]
}

/** The Service that users call: what it selects moves to another track only when that can serve. */
export const apexStep = (scene: Scene): Plan => {
  if (!scene.workload.can.select) return [] // the Service that users call is theirs
  const wanted = services(scene).apex
  const steps = objectSteps(scene, serviceKind, wanted)
  const missing = noApexPods(scene)
  const unmet = missing && selectsOthers(scene, wanted) ? missing : undefined
  if (unmet && scene.plan.weighs && scene.context.servingFrom === 'canary') return [] // it goes on leading to the canary; routes wait for nothing
  return steps.map(step => ({ ...step, unmet }))
}

/** The track that the Service leads to cannot serve. */
export const noApexPods = (scene: Scene): Obstacle | undefined => (apexTrack(scene) === 'primary' ? noPrimary(scene) : noRescuer(scene))

/** A Service stands there and leads elsewhere. */
const selectsOthers = ({ live }: Scene, wanted: Manifest): boolean => {
  const spec = live.get(serviceKind, keyOf(wanted))?.['spec'] as { readonly selector?: unknown } | undefined
  return spec !== undefined && !sameJson(spec.selector, (wanted['spec'] as { readonly selector?: unknown }).selector)
}

/** Nobody can serve from the primary; pods of any revision can, where it does not matter which. */
const noPrimary = ({ primaryTrack, canary }: Scene): Obstacle | undefined =>
  primaryTrack.servingPods > 0
    ? undefined
    : { reason: 'PrimaryNotReady', message: `${canary.spec.targetRef.name}-primary has no ready pod: ${primaryTrack.message}` }

const primaryRevision = (scene: Scene): Pick<RoutingContext, 'primaryRevision'> => {
  const pin = primaryPin(scene)
  const name = pin && scene.workload.revisionName?.(pin)
  return name === undefined ? {} : { primaryRevision: name }
}

/** The objects of the mesh or ingress, with the recorded weights. */
export const routeSteps = (scene: Scene): Plan => {
  const { canary, live, target, router } = scene
  if (!isKnownPlace(canary.status, placeOf(canary, router.name))) return [] // before that is recorded, nothing is written there
  const unmet = noPods(scene, router.observe(canary, live).traffic)
  const context = { live, options: { labelKey: target.label.key }, ...primaryRevision(scene) }
  return router
    .desired(canary, carriedBy(router, servingTraffic(scene)), context)
    .map(manifest => applyStep(scene, kindOf(router.kinds, manifest), manifest))
    .map(step => ({ ...step, unmet: step.done ? undefined : unmet }))
}

/** A share that was recorded for another layer stays there until it is back; one that cannot weigh serves from the primary meanwhile. */
const carriedBy = ({ can }: Router, traffic: Traffic): Traffic => (can.weigh || traffic.canary === 100 ? traffic : allToPrimary)

/** No share grows towards a track that cannot take it while the other one can. */
export const noPods = (scene: Scene, routed: Traffic | undefined): Obstacle | undefined => {
  const { canaryTrack, context } = scene
  const wanted = servingTraffic(scene)
  if (canaryGrows(wanted, routed)) return context.servingFrom === 'canary' && routed ? noRescuer(scene) : noCanary(scene, routed)
  const primaryGrows = routed !== undefined && wanted.primary > routed.primary
  if (!primaryGrows || canaryTrack.servingPods === 0) return undefined
  return noPrimary(scene) ?? (canaryTrack.readyPods > 0 ? notPromoted(scene, wanted) : undefined)
}

const canaryGrows = (wanted: Traffic, routed: Traffic | undefined): boolean =>
  wanted.canary > (routed?.canary ?? 0) || (wanted.mirrored && !routed?.mirrored)

/** More traffic asks for all the pods that were asked for; where nobody else can serve, or no route stands, for any at all. */
const noCanary = (scene: Scene, routed: Traffic | undefined): Obstacle | undefined => {
  const { canaryTrack, primaryTrack, digests } = scene
  const isRescue = primaryTrack.servingPods === 0 || routed === undefined
  const share = isRescue ? 0 : shareNow(scene)
  const isReady = isRescue ? canaryTrack.readyPods > 0 : canaryCarries(share, { ...scene, ...scalersOf(scene) })
  if (!isReady) return { reason: 'CanaryNotReady', message: `the canary has no pods for more traffic: ${canaryTrack.message}` }
  const unreached = isRescue ? undefined : unreachable(canaryTrack, canaryNeeds(share, { ...scene, ...scalersOf(scene) }))
  if (unreached) return unreached
  const isUnknown = digests === undefined && !isRescue
  return isUnknown
    ? { reason: 'ConfigUnreadable', message: 'which revision the canary runs is not known until its configuration can be read' }
    : undefined
}

/**
 * The canary takes over for good from a primary that cannot be promoted. As long as pods of that serve, they do until the canary has as many
 * as all the traffic needs; not for ever.
 */
const noRescuer = (scene: Scene): Obstacle | undefined => {
  const { canaryTrack, primaryTrack } = scene
  const seen = { ...scene, ...scalersOf(scene) }
  const needed = primaryTrack.servingPods === 0 || isOverdue(scene) ? 1 : Math.max(1, canaryNeeds(100, seen))
  return canaryTrack.readyPods < needed ? shortage({ share: 100, needed }, seen) : undefined
}

/** Traffic that comes back with a promotion comes to pods of the new revision, to enough of them, and gets there. */
const notPromoted = (scene: Scene, wanted: Traffic): Obstacle | undefined => {
  const { state, primaryTrack, canary } = scene
  if (phaseOf(state) !== 'Promoting' || !keepsCapacity(canary)) return undefined
  const needed = readyOf(podsFor(wanted.primary, podsToKeep(scene)), readyThresholds(canary).primary)
  if (primaryTrack.readyPods >= needed) return unreachable(primaryTrack, needed)
  const { name } = canary.spec.targetRef
  const message = `${name}-primary needs ${needed} ready pods for ${wanted.primary}% of the traffic, ${primaryTrack.readyPods} ready; ${primaryTrack.message}`
  return { reason: 'PrimaryNotReady', message }
}

const kindOf = (kinds: readonly KindRef[], { apiVersion, kind }: KubeObject): KindRef => {
  const found = kinds.find(ref => ref.apiVersion === apiVersion && ref.kind === kind)
  if (!found) throw new Error(`the router writes ${apiVersion} ${kind} without naming it among its kinds`)
  return found
}
