import type { Canary } from '../api/canary.ts'
import { configMapKind, secretKind } from '../api/kinds.ts'
import type { Json, Manifest } from '../api/object.ts'
import { isControlledBy, isFormerUpdate, isOwnedBy } from '../api/ownership.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { sourceDigestOf, twinName } from '../targets/config-tracking.ts'
import { revisionHashOf } from '../targets/pins.ts'
import type { PinnedTemplate } from '../targets/workload.ts'
import { pinMissing, pinSteps } from './desired-pins.ts'
import { scalerSteps } from './desired-scaler.ts'
import { podsThatMayMiss, podsToKeep, primaryReplicas, replicasOf } from './desired-size.ts'
import { objectSteps, trackServiceSteps } from './desired-traffic.ts'
import { isSatisfied } from './satisfied.ts'
import type { Scene } from './scene.ts'
import { primaryPin } from './serving.ts'

/**
 * Copies of the configuration with exactly the digests that were analysed. Contents are kept nowhere: once the source says something else,
 * a copy that a running primary has lost cannot be made again. That is no reason to hold anything up.
 */
const twinSteps = (scene: Scene, pin: PinnedTemplate): Plan => {
  const isRepair = revisionAtWork(scene) === revisionHashOf(pin.templateHash, pin.configs)
  return Object.entries(pin.configs).flatMap(([key, digest]): readonly PlanStep[] => {
    const [type, name = ''] = key.split('/')
    const kind = type === 'secret' ? secretKind : configMapKind
    const source = { namespace: scene.canary.metadata.namespace ?? '', name }
    const live = scene.live.get(kind, { ...source, name: twinName(name) })
    const isCopy = live !== undefined && sourceDigestOf(live) === digest
    const done = isCopy && isOwnedBy(live, scene.canary) // a copy that Canaries share goes with the last of them
    if (!done && isRepair && scene.digests?.[key] !== digest) return []
    return [{ verb: 'copy', name: `twin of ${key}`, copy: { kind, source, digest, live, canary: scene.canary }, done }]
  })
}

/** What the primary runs: as its mark says, or where it was just taken over and has none, as the status does. */
const revisionAtWork = ({ primary, workload, context, state }: Scene): string | undefined => {
  const unmarked = state.startsWith('Initializing.') ? undefined : context.promoted?.hash
  return primary && (workload.revisionOf(primary) ?? unmarked)
}

interface Made {
  readonly from: readonly unknown[]
  readonly manifest: Manifest
}

/** A primary is rolled so that it misses no pod that its traffic needs; it is not touched again while traffic comes back to it. */
const settingsOf = (scene: Scene, { settings }: PinnedTemplate): PinnedTemplate['settings'] => {
  const mayMiss = podsThatMayMiss(scene)
  const { rollingGently } = scene.workload
  if (mayMiss !== undefined) return rollingGently?.(settings, { pods: podsToKeep(scene), mayMiss }) ?? settings
  const { strategy } = (scene.primary?.['spec'] ?? {}) as { readonly strategy?: Json }
  return isReturning(scene) && podsToKeep(scene) > 0 && strategy !== undefined ? { ...settings, strategy } : settings
}

const isReturning = ({ state }: Scene): boolean => state === 'Promoting.shifting' || state === 'Promoting.settling'

/** The primary that was last made from each spec: a pass asks several times, and most passes ask for the same. */
const lastMade = new WeakMap<Canary['spec'], Made>()

/** What the primary has to say in this state; undefined without a pinned template, and where it is no object of its own. */
export const primaryManifest = (scene: Scene): Manifest | undefined => {
  const { canary, target, workload, primary, state, options } = scene
  const pin = primaryPin(scene)
  if (!pin || !workload.primary) return undefined
  const replicas = primaryReplicas(scene)
  const { namespace, name, uid } = canary.metadata
  const from = [namespace, name, uid, pin, target, primary, replicas, state, podsToKeep(scene), podsThatMayMiss(scene), options]
  const made = lastMade.get(canary.spec)
  if (made?.from.every((part, index) => part === from[index])) return made.manifest
  const manifest = workload.primary({ canary, target, pin: { ...pin, settings: settingsOf(scene, pin) }, live: primary, replicas, options })
  lastMade.set(canary.spec, { from, manifest })
  return manifest
}

/** The primary with its configuration and its scaler. */
export const primarySteps = (scene: Scene): Plan => {
  const pin = primaryPin(scene)
  if (!pin) return [{ verb: 'await', name: 'pinned template', done: true, unmet: pinMissing(scene) }]
  const manifest = primaryManifest(scene)
  return [
    ...twinSteps(scene, pin),
    ...(manifest ? [...withNews(scene, objectSteps(scene, scene.workload.kind, manifest)), ...inheritSteps(scene, manifest)] : []),
    ...scalerSteps(scene),
  ]
}

/** That somebody took all pods from the primary is told when it gets some again. */
const withNews = (scene: Scene, steps: Plan): Plan => {
  const { name, namespace = '' } = scene.primary?.metadata ?? {}
  if (replicasOf(scene.primary) !== 0) return steps
  const pods = primaryReplicas(scene) ?? 0
  const message = `${name}.${namespace} had been scaled to zero while it serves, and gets ${pods === 1 ? '1 pod' : `${pods} pods`} again`
  return pods === 0 ? steps : steps.map(step => ({ ...step, news: { reason: 'PrimaryWithoutPods', message } }))
}

/** What another controller wrote on the primary is ours once we applied it: else what a later revision drops would stay, as its field. */
const inheritSteps = ({ canary, primary, workload }: Scene, manifest: Manifest): Plan => {
  const isShared = primary?.metadata.managedFields?.some(isFormerUpdate) ?? false
  if (!primary || !isShared || !isControlledBy(primary, canary) || !isSatisfied(primary, manifest)) return []
  return [{ verb: 'patch', name: 'inherit the fields of the primary', kind: workload.kind, object: primary, body: {}, done: false }]
}

/** A primary without any pod while traffic goes back to it is put right first: there is nothing else to go back to. */
export const lostPrimarySteps = (scene: Scene): Plan => {
  const isAwaited = scene.context.servingFrom === 'primary' && (scene.primary === undefined || scene.primaryTrack.servingPods === 0)
  return isAwaited ? [...pinSteps(scene), ...trackServiceSteps(scene), ...primarySteps(scene)] : []
}
