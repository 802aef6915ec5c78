import { readyThresholds } from '../api/analysis.ts'
import { type Canary, providerOf } from '../api/canary.ts'
import { canaryKind, controllerRevisionKind } from '../api/kinds.ts'
import { type KubeObject, keyOf, keyText, type ObjectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Live } from '../core/live.ts'
import type { Observation, Obstacle, Revision } from '../core/observation.ts'
import type { Readiness } from '../core/readiness.ts'
import { rolloutPlan } from '../core/rollout-plan.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { readPin } from '../targets/pins.ts'
import type { PinnedTemplate, Target, Workload } from '../targets/workload.ts'
import type { KnownConfigs } from './config-book.ts'
import { primaryManifest } from './desired-primary.ts'
import { type Diagnosis, explained } from './diagnoses.ts'
import { formerRoutes } from './former-routes.ts'
import { type Leavings, leavingsOf } from './left-behind.ts'
import { oncePerObject } from './memo.ts'
import { obstacleOf } from './obstacles.ts'
import { type FindParts, type Parts, routerOf } from './parts.ts'
import { reached } from './reached.ts'
import type { CanaryReader } from './read-memo.ts'
import { revisionOf } from './revision.ts'
import { isSatisfied } from './satisfied.ts'
import type { PlanOptions, Scene, StandingScaler } from './scene.ts'
import { primaryPin } from './serving.ts'

/** What looking needs from the rest of the controller. */
export interface LookTools {
  readonly live: Live
  readonly read: CanaryReader['read']
  readonly parts: FindParts
  /** Canaries of one target. */
  claimants(target: string): readonly KubeObject[]
  /** The ControllerRevisions that a Canary made. */
  pinsOf(canary: ObjectKey): readonly KubeObject[]
  /** The scalers of its primary that a Canary made. */
  scalersOf(canary: ObjectKey): readonly StandingScaler[]
  /** Digests as far as they are known without asking. */
  configs(canary: Canary, target: Target): KnownConfigs
  readonly options: LookOptions
  /** Why pods of a track are not ready, where that was asked. */
  diagnosis(canary: Canary): Diagnosis | undefined
  readonly nowMs: number
  /** Since when the target of a Canary has this template, as far as anybody saw. */
  templateSince(canary: string, templateHash: string, nowMs: number): number
  /** Share of an interval within which steps of many canaries fall due together. */
  readonly slotShare: number
  /** How long the last status took to be recorded. */
  readonly lagMs: number
  /** Something that keeps the whole controller from acting. */
  readonly obstacle?: Obstacle | undefined
}

export interface LookOptions extends PlanOptions {
  readonly meshProvider: string
  readonly minIntervalMs: number
  readonly noCrossNamespaceRefs: boolean
}

/** One Canary and its world as they are now. */
export interface Look {
  readonly raw: KubeObject
  readonly canary: Canary
  readonly notes: readonly Problem[]
  /** Nothing may be done but saying so. */
  readonly obstacle: Obstacle | undefined
  /** Keeps a rollout from starting or going on; what serves is kept as it should be meanwhile. */
  readonly hindrance: Obstacle | undefined
  readonly revision: Revision | undefined
  /** What another controller left of the Canary, as long as its status is one of that controller. */
  readonly leavings?: Leavings | undefined
  /** Undefined where too little is known to say what should stand in the cluster. */
  readonly scene: Scene | undefined
  readonly seen: Pick<Observation, 'plan' | 'nowMs' | 'podTroubles'>
}

/** Looks once. Undefined when the Canary is gone. */
export const look = (key: ObjectKey, tools: LookTools): Look | undefined => {
  const raw = tools.live.get(canaryKind, key)
  if (!raw) return undefined
  const { canary, problems, notes } = tools.read(raw)
  const router = routerOf(providerOf(canary, tools.options.meshProvider))
  const plan = rolloutPlan(canary, router?.can ?? nothingKnown, { ...tools.options, slotShare: tools.slotShare, lagMs: tools.lagMs })
  const diagnosis = tools.diagnosis(canary)
  const base = { raw, canary, notes, seen: { plan, nowMs: tools.nowMs, ...(diagnosis && { podTroubles: diagnosis.text }) } }
  const parts = tools.parts(canary, tools.live)
  const obstacle = obstacleOf({ canary, problems, router }, tools) ?? ('problem' in parts ? parts.problem : undefined)
  if (!('target' in parts)) return { ...base, obstacle, hindrance: parts.hindrance, revision: undefined, scene: undefined }
  const known = parts.isTarget ? tools.configs(canary, parts.target) : nothingRead
  const scene = sceneOf({ canary, parts, known, seen: base.seen }, tools)
  const leavings = parts.isTarget ? leavingsOf(scene, tools.configs) : undefined
  return {
    ...base,
    obstacle,
    hindrance: parts.hindrance ?? known.obstacle ?? leavings?.obstacle,
    leavings,
    revision: parts.isTarget ? revisionOf(canary, parts.target, known) : undefined,
    scene: explained({ ...scene, origin: leavings?.origin }, diagnosis),
  }
}

const nothingKnown = { weigh: true, mirror: false, mirrorIterations: false }
const nothingRead: KnownConfigs = { isTracking: true, digests: undefined, versions: {}, obstacle: undefined }

interface SceneParts extends Pick<Look, 'canary' | 'seen'> {
  readonly parts: Parts
  readonly known: KnownConfigs
}

const sceneOf = (
  { canary, parts, known, seen }: SceneParts,
  { live, options, nowMs, pinsOf, scalersOf, templateSince }: LookTools,
): Scene => {
  const { workload, target, router, scaler, scalerSource } = parts
  const namespace = canary.metadata.namespace ?? ''
  const context = contextOf(canary.status, nowMs)
  const thresholds = readyThresholds(canary)
  const rule = { deadlineMs: seen.plan.deadlineMs, nowMs }
  const state = stateOf(canary.status)
  const pinned = {
    analysedPin: pinOf(workload, live, { namespace, name: context.analysed?.name ?? '' }),
    promotedPin: pinOf(workload, live, { namespace, name: context.promoted?.name ?? '' }),
  }
  const bare: Scene = {
    canary,
    workload,
    target,
    templateSinceMs: templateSince(keyText(keyOf(canary)), target.templateHash, nowMs),
    router,
    scaler,
    scalerSource,
    live,
    options,
    nowMs,
    context,
    former: formerRoutes(canary, router, live),
    primary: workload.primaryIn(canary, live, primaryPin({ state, context, target, digests: known.digests, ...pinned })),
    plan: seen.plan,
    state,
    digests: known.digests,
    madeScalers: scalersOf(keyOf(canary)).filter(({ kind, object }) => live.get(kind, keyOf(object)) !== undefined),
    pins: pinsOf(keyOf(canary)).filter(pin => live.get(controllerRevisionKind, keyOf(pin)) !== undefined),
    origin: undefined,
    ...pinned,
    canaryTrack: workload.readiness(target.track ?? target.object, { ...rule, thresholdPercent: thresholds.canary }, live),
    primaryTrack: absent,
  }
  return reached({ ...bare, primaryTrack: primaryTrack(bare, { ...rule, thresholdPercent: thresholds.primary }) })
}

const absent: Readiness = { kind: 'waiting', message: 'it does not exist yet', readyPods: 0, servingPods: 0, wantedPods: 1 }

/** Readiness of the primary, counted only once it says what the state wants it to run. */
const primaryTrack = (scene: Scene, rule: Parameters<Workload['readiness']>[1]): Readiness => {
  const { primary, workload } = scene
  if (!primary) return absent
  const found = workload.readiness(primary, rule, scene.live)
  if (workload.primary && !primaryPin(scene)) return { ...found, readyPods: found.servingPods } // nobody knows what it should run: whatever serves will do
  const manifest = primaryManifest(scene)
  const current = manifest === undefined ? runsPinned(scene, primary) : isSatisfied(primary, manifest)
  return current ? found : { ...found, kind: 'waiting', message: 'it does not run the wanted revision yet' }
}

/** A primary that is no object of its own is the wanted one by its identity. */
const runsPinned = (scene: Scene, primary: KubeObject): boolean => {
  const pin = primaryPin(scene)
  return !pin || scene.workload.runs?.({ ...scene, pin, live: primary, replicas: undefined }) !== false
}

/** One that was made of another kind of target is none: nothing can be made from it. */
const pinnedFor = oncePerObject(({ accepts }: Workload) =>
  oncePerObject((revision: KubeObject): PinnedTemplate | undefined => {
    const pinned = readPin(revision)
    return pinned && accepts(pinned.template) ? pinned : undefined
  }),
)

const pinOf = (workload: Workload, live: Live, key: ObjectKey): PinnedTemplate | undefined => {
  const found = key.name === '' ? undefined : live.get(controllerRevisionKind, key)
  return found && pinnedFor(workload)(found)
}
