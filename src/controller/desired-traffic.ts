import { serviceKind } from '../api/kinds.ts'
import { type KindRef, type KubeObject, keyOf, type Manifest } from '../api/object.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { desiredServices, replacePorts } from '../routing/services.ts'
import { isSatisfied } from './satisfied.ts'
import type { Scene } from './scene.ts'
import { apexTrack, servingTraffic } from './serving.ts'

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
  const { primary, canary } = services(scene)
  return [canary, primary].flatMap(manifest => serviceSteps(scene, manifest))
}

/** A Service; ports that somebody added to it go first, because apply alone cannot take them away. */
const serviceSteps = (scene: Scene, manifest: Manifest): readonly [...Plan, Applied] => {
  const step = applyStep(scene, serviceKind, manifest)
  const body = replacePorts(manifest, step.live)
  if (!body || !step.live) return [step]
  return [
    { verb: 'patch', name: `ports of Service ${manifest.metadata.name}`, kind: serviceKind, object: step.live, body, done: false },
    step,
  ]
}

/** The Service that users call: it moves to the primary only when that can serve. */
export const apexStep = (scene: Scene): Plan => {
  const steps = serviceSteps(scene, services(scene).apex)
  const changes = steps.some(step => !step.done) && apexTrack(scene) === 'primary'
  const unmet = changes ? noPrimary(scene) : undefined
  return steps.map(step => ({ ...step, unmet }))
}

const noPrimary = ({ primaryTrack, canary }: Scene): Obstacle | undefined =>
  primaryTrack.readyPods > 0
    ? undefined
    : { reason: 'PrimaryNotReady', message: `${canary.spec.targetRef.name}-primary has no ready pod: ${primaryTrack.message}` }

/** The objects of the mesh or ingress, with the recorded weights. */
export const routeSteps = (scene: Scene): Plan => {
  const { router, canary, live, target } = scene
  const traffic = servingTraffic(scene)
  const manifests = router.desired(canary, traffic, { live, options: { labelKey: target.label.key } })
  const unmet = noPods(scene)
  return manifests.map(manifest => {
    const step = applyStep(scene, kindOf(router.kinds, manifest), manifest)
    return { ...step, unmet: step.done ? undefined : unmet }
  })
}

/** No share grows towards a track without ready pods while the other one has some. */
const noPods = (scene: Scene): Obstacle | undefined => {
  const { canaryTrack, primaryTrack, router, canary, live } = scene
  const wanted = servingTraffic(scene)
  const routed = router.observe(canary, live).traffic
  const before = routed?.canary ?? 0
  if (wanted.canary > before && canaryTrack.readyPods === 0)
    return { reason: 'CanaryNotReady', message: `the canary has no ready pod: ${canaryTrack.message}` }
  const primaryGrows = routed !== undefined && wanted.primary > routed.primary
  return primaryGrows && primaryTrack.readyPods === 0 && canaryTrack.readyPods > 0 ? noPrimary(scene) : undefined
}

const kindOf = (kinds: readonly KindRef[], { apiVersion, kind }: KubeObject): KindRef => {
  const found = kinds.find(ref => ref.apiVersion === apiVersion && ref.kind === kind)
  if (!found) throw new Error(`the router writes ${apiVersion} ${kind} without naming it among its kinds`)
  return found
}
