import type { Canary } from '../api/canary.ts'
import { configMapKind, controllerRevisionKind, secretKind } from '../api/kinds.ts'
import type { KubeObject, Manifest } from '../api/object.ts'
import { isControlledBy, isOurUpdate, isOwnedBy, objectText } from '../api/ownership.ts'
import { phaseOf } from '../api/phases.ts'
import type { Obstacle } from '../core/observation.ts'
import type { Plan, PlanStep } from '../core/plan.ts'
import { sourceDigestOf, twinName } from '../targets/config-tracking.ts'
import { pinManifest, removablePins, revisionHashOf } from '../targets/pins.ts'
import type { FieldPatch, PinnedTemplate } from '../targets/workload.ts'
import { applyStep } from './desired-traffic.ts'
import { isSatisfied } from './satisfied.ts'
import { type Scene, targetExists } from './scene.ts'
import { primaryPin } from './serving.ts'

/** The analysed revision, kept for ever as it was seen; written again only while the target still says the same. */
export const pinSteps = ({ canary, live, context, target, analysedPin, workload, digests, pins }: Scene): Plan => {
  const pin = context.analysed
  const namespace = canary.metadata.namespace ?? ''
  if (!pin || analysedPin || !digests || pin.hash !== revisionHashOf(target.templateHash, digests)) return []
  const exists = live.get(controllerRevisionKind, { namespace, name: pin.name }) !== undefined
  const manifest = pinManifest({ canary, pinned: workload.pin(target, digests), pin, earlier: pins })
  return [{ verb: 'create', name: `ControllerRevision ${pin.name}`, kind: controllerRevisionKind, manifest, done: exists }]
}

/**
 * Copies of the configuration with exactly the digests that were analysed. Contents are kept nowhere: once the source says something else,
 * a copy that a running primary has lost cannot be made again. That is no reason to hold anything up.
 */
const twinSteps = (scene: Scene, pin: PinnedTemplate): Plan => {
  const isRepair = scene.primary !== undefined && scene.workload.revisionOf(scene.primary) === revisionHashOf(pin.templateHash, pin.configs)
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

/** How many pods the primary asks for: what it has, or where it is new or promoted what the target has. A scaler decides by itself. */
const primaryReplicas = (scene: Scene): number | undefined => {
  const { scaler, scalerSource, state, target, primary } = scene
  if (scaler && scalerSource) return primary ? undefined : Math.max(1, target.replicas, scaler.minReplicas(scalerSource))
  const copies = state === 'Promoting.copying' && target.replicas > 0
  return copies ? target.replicas : (replicasOf(primary) ?? Math.max(1, target.replicas))
}

interface Made {
  readonly from: readonly unknown[]
  readonly manifest: Manifest
}

/** The primary that was last made for each reading of a Canary: a pass asks several times, and most passes ask for the same. */
const lastMade = new WeakMap<Canary, Made>()

/** What the primary has to say in this state; undefined without a pinned template. */
export const primaryManifest = (scene: Scene): Manifest | undefined => {
  const { canary, target, workload, primary, options } = scene
  const pin = primaryPin(scene)
  if (!pin) return undefined
  const replicas = primaryReplicas(scene)
  const from = [pin, target, primary, replicas, options]
  const made = lastMade.get(canary)
  if (made?.from.every((part, index) => part === from[index])) return made.manifest
  const manifest = workload.primary({ canary, target, pin, live: primary, replicas, options })
  lastMade.set(canary, { from, manifest })
  return manifest
}

/** The primary with its configuration and its scaler. */
export const primarySteps = (scene: Scene): Plan => {
  const { workload, primary } = scene
  const pin = primaryPin(scene)
  const manifest = primaryManifest(scene)
  if (!pin || !manifest) return [{ verb: 'await', name: 'pinned template', done: true, unmet: pinMissing(scene) }]
  return [
    ...twinSteps(scene, pin),
    {
      verb: 'apply',
      name: `primary ${manifest.metadata.name}`,
      kind: workload.kind,
      manifest,
      live: primary,
      done: isSatisfied(primary, manifest),
    },
    ...scalerSteps(scene),
  ]
}

const replicasOf = (primary: KubeObject | undefined): number | undefined =>
  (primary?.['spec'] as { readonly replicas?: number } | undefined)?.replicas

/** While a rollout runs the primary may have to take all the traffic back at any moment: its scaler may add pods but not take any away. */
const podsToKeep = ({ state, primary }: Scene): number => {
  const mayReturn = ['Progressing', 'WaitingPromotion', 'Promoting'].includes(phaseOf(state))
  return mayReturn ? (replicasOf(primary) ?? 0) : 0
}

/** The scaler's twin; an object of that name that is not ours is left alone. */
const scalerSteps = (scene: Scene): Plan => {
  const { canary, scaler, live, options } = scene
  const twin = scaler?.primary(canary, live, { ...options, leastPods: podsToKeep(scene) })
  if (!scaler || !twin) return []
  const step = applyStep(scene, scaler.kind, twin)
  const foreign = step.live !== undefined && !isControlledBy(step.live, canary)
  const message = () =>
    `${objectText(twin)} exists and is not ours; rename or delete it, Serin needs the name for the scaler of the primary`
  return [{ ...step, unmet: foreign ? { reason: 'ForeignObject', message: message() } : undefined }]
}

/** Pins that no status names any more go, but for a few that people may want to look at. */
export const retiredPinSteps = ({ canary, pins }: Scene): Plan =>
  removablePins(canary, pins).map(object => ({
    verb: 'delete',
    name: `ControllerRevision ${object.metadata.name}`,
    kind: controllerRevisionKind,
    object,
    done: false,
  }))

/** A primary that stands needs no pin to go on serving. */
const pinMissing = ({ context, primary }: Scene): Obstacle | undefined => {
  const name = (context.promoted ?? context.analysed)?.name
  if (primary || !name) return undefined
  return {
    reason: 'PinMissing',
    message: `ControllerRevision ${name} is gone, so the primary cannot be rebuilt; change the target to release again`,
  }
}

const patchStep = (scene: Scene, name: string, patch: FieldPatch | undefined): Plan =>
  patch && targetExists(scene) ? [{ verb: 'patch', name, kind: patch.kind, object: patch.object, body: patch.body, done: false }] : []

/** As many pods as the primary has, or the least its scaler allows: a scaler cannot size a workload that gets no traffic. */
const wantedReplicas = ({ scaler, scalerSource, primary }: Scene): number => {
  if (scaler && scalerSource) return Math.max(1, scaler.minReplicas(scalerSource))
  return Math.max(1, replicasOf(primary) ?? 1)
}

/** The canary has pods. */
export const unparkSteps = (scene: Scene): Plan =>
  patchStep(scene, 'scale up the canary', scene.workload.unpark(scene.target, wantedReplicas(scene)))

/** The canary has no pods, unless it is what serves. */
export const parkSteps = (scene: Scene): Plan =>
  scene.context.servingFrom === 'canary' ? unparkSteps(scene) : patchStep(scene, 'park the canary', scene.workload.park(scene.target))

/** For so long a scaler that takes pods away again is not given way to; then it knows better than we do. */
const insistMs = 30_000

/** The target has the pods it needs to take over from the primary at once. */
export const takeOverSteps = (scene: Scene): Plan => {
  const { workload, target, primary, state, context, nowMs } = scene
  const wanted = Math.max(1, replicasOf(primary) ?? 1)
  const insists = state === 'Terminating.reverting' && nowMs - context.stateSinceMs < insistMs
  const isShort = insists && target.replicas < wanted
  return patchStep(scene, 'scale up the target', workload.unpark(isShort ? { ...target, replicas: 0 } : target, wanted))
}

/** Whoever declares `replicas` in Git must not meet us as its owner; gives back what an interrupted write left with us. */
export const giveBackSteps = (scene: Scene): Plan => {
  const { target, workload } = scene
  const owned = target.object.metadata.managedFields?.some(isOurUpdate) ?? false
  return owned && targetExists(scene)
    ? [{ verb: 'patch', name: 'give back the fields of the target', kind: workload.kind, object: target.object, body: {}, done: false }]
    : []
}
