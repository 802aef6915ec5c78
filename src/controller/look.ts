import { readyThresholds } from '../api/analysis.ts'
import { type Canary, primaryName, providerOf } from '../api/canary.ts'
import { canaryKind, controllerRevisionKind } from '../api/kinds.ts'
import type { KubeObject, ObjectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Live } from '../core/live.ts'
import type { Observation, Obstacle, Revision } from '../core/observation.ts'
import type { Readiness } from '../core/readiness.ts'
import { rolloutPlan } from '../core/rollout-plan.ts'
import { contextOf, stateOf } from '../core/status-context.ts'
import { routers } from '../routing/registry.ts'
import type { Router } from '../routing/router.ts'
import { checkServices } from '../routing/services.ts'
import { readPin } from '../targets/pins.ts'
import { scalers, workloads } from '../targets/registry.ts'
import type { PinnedTemplate, Scaler, Target, Workload } from '../targets/workload.ts'
import type { KnownConfigs } from './config-book.ts'
import { primaryManifest } from './desired-workloads.ts'
import type { RecordedLive } from './live-view.ts'
import { oncePerObject, type Remembering, untilReadsChange } from './memo.ts'
import { conflictOf, invalidSpec, suspended, targetKey, unknownProvider } from './obstacles.ts'
import type { Inspect, ReadCanary } from './read-memo.ts'
import { revisionOf } from './revision.ts'
import { isSatisfied } from './satisfied.ts'
import type { PlanOptions, Scene } from './scene.ts'

/** What looking needs from the rest of the controller. */
export interface LookTools {
  readonly live: RecordedLive
  readonly read: ReadCanary
  readonly parts: FindParts
  /** Canaries of one target. */
  claimants(target: string): readonly KubeObject[]
  /** Digests as far as they are known without asking. */
  configs(canary: Canary, target: Target): KnownConfigs
  readonly options: LookOptions
  readonly nowMs: number
  /** Something that keeps the whole controller from acting. */
  readonly obstacle?: Obstacle | undefined
}

export interface LookOptions extends PlanOptions {
  readonly meshProvider: string
  readonly minIntervalMs: number
  readonly noCrossNamespaceRefs: boolean
}

/** One Canary and its world as they are now. `scene` is there when nothing stands in the way. */
export interface Look {
  readonly raw: KubeObject
  readonly canary: Canary
  readonly notes: readonly Problem[]
  readonly obstacle: Obstacle | undefined
  readonly router: Router | undefined
  readonly revision: Revision | undefined
  readonly scene: Scene | undefined
  readonly seen: Pick<Observation, 'plan' | 'nowMs'>
}

interface Parts {
  readonly workload: Workload
  readonly router: Router
  readonly scaler: Scaler | undefined
  readonly target: Target
  readonly scalerSource: KubeObject | undefined
}

/** Looks once. Undefined when the Canary is gone. */
export const look = (key: ObjectKey, tools: LookTools): Look | undefined => {
  const raw = tools.live.get(canaryKind, key)
  if (!raw) return undefined
  const { canary, problems, notes } = tools.read(raw)
  const router = routerOf(canary, tools.options)
  const can = router?.can ?? { weigh: true, mirror: false, mirrorIterations: false }
  const plan = rolloutPlan(canary, can, tools.options.minIntervalMs)
  const found = obstacleOf(canary, problems, tools) ?? tools.parts(canary, tools.live)
  const seen = { plan, nowMs: tools.nowMs }
  if ('reason' in found) return { raw, canary, notes, router, seen, obstacle: found, revision: undefined, scene: undefined }
  const known = tools.configs(canary, found.target)
  const scene = sceneOf({ canary, parts: found, tools, seen, known })
  return {
    raw,
    canary,
    notes,
    router,
    seen,
    obstacle: known.obstacle,
    revision: known.obstacle ? undefined : revisionOf(canary, found.target, known),
    scene,
  }
}

const routerOf = (canary: Canary, { meshProvider }: LookOptions): Router | undefined => {
  const name = providerOf(canary, meshProvider)
  return routers.has(name) ? routers.get(name) : undefined
}

const obstacleOf = (canary: Canary, problems: readonly Problem[], { claimants, options, obstacle }: LookTools): Obstacle | undefined => {
  const { targetRef } = canary.spec
  const key = targetKey(canary.metadata.namespace ?? '', targetRef.kind, targetRef.name)
  return (
    obstacle ??
    suspended(canary) ??
    invalidSpec(problems) ??
    conflictOf(canary, claimants(key)) ??
    (routerOf(canary, options) ? undefined : unknownProvider(canary, options.meshProvider, routers.names))
  )
}

/** The target, its scaler and what routes to it; or the first thing that is missing. */
export type FindParts = Remembering<Canary, Parts | Obstacle>

/** Looks for the parts of a Canary again only when something that they come from changed. */
export const createPartsFinder = (options: LookOptions, inspect: Inspect): FindParts =>
  untilReadsChange((canary, live) => partsOf({ canary, router: routerOf(canary, options), inspect, live }))

interface Search {
  readonly canary: Canary
  readonly router: Router | undefined
  readonly inspect: Inspect
  readonly live: Live
}

const partsOf = ({ canary, router, inspect, live }: Search): Parts | Obstacle => {
  const { targetRef } = canary.spec
  if (!workloads.has(targetRef.kind) || !router) return unsupported('targetRef.kind', targetRef.kind, workloads.names)
  const workload = workloads.get(targetRef.kind)
  const inspected = inspect(canary, live)
  if ('unusable' in inspected) return inspected.unusable
  const scaling = scalingOf(canary, live)
  if ('reason' in scaling) return scaling
  const problem = invalidSpec([...router.check(canary, live), ...checkServices({ canary, label: inspected.target.label, live })])
  return problem ?? { workload, router, ...scaling, target: inspected.target }
}

const scalingOf = (canary: Canary, live: Live): Pick<Parts, 'scaler' | 'scalerSource'> | Obstacle => {
  const { autoscalerRef } = canary.spec
  if (!autoscalerRef) return { scaler: undefined, scalerSource: undefined }
  if (!scalers.has(autoscalerRef.kind)) return unsupported('autoscalerRef.kind', autoscalerRef.kind, scalers.names)
  const scaler = scalers.get(autoscalerRef.kind)
  const scalerSource = live.get(scaler.kind, { namespace: canary.metadata.namespace ?? '', name: autoscalerRef.name })
  return scalerSource ? { scaler, scalerSource } : missingScaler(canary)
}

const unsupported = (field: string, came: string, known: readonly string[]): Obstacle => ({
  reason: 'InvalidSpec',
  message: `spec.${field}: expected one of ${known.join(', ')}, got ${JSON.stringify(came)}`,
})

const missingScaler = ({ spec, metadata }: Canary): Obstacle => ({
  reason: 'ScalerMissing',
  message: `${spec.autoscalerRef?.kind} ${spec.autoscalerRef?.name}.${metadata.namespace ?? ''} does not exist; create it or remove spec.autoscalerRef`,
})

interface SceneParts {
  readonly canary: Canary
  readonly parts: Parts
  readonly tools: LookTools
  readonly seen: Look['seen']
  readonly known: KnownConfigs
}

const sceneOf = ({ canary, parts, tools, seen, known }: SceneParts): Scene => {
  const { live, options, nowMs } = tools
  const { workload, target } = parts
  const namespace = canary.metadata.namespace ?? ''
  const context = contextOf(canary.status, nowMs)
  const primary = live.get(workload.kind, { namespace, name: primaryName(canary) })
  const thresholds = readyThresholds(canary)
  const rule = { deadlineMs: seen.plan.deadlineMs, nowMs }
  const bare = {
    ...parts,
    canary,
    context,
    primary,
    live,
    options,
    nowMs,
    plan: seen.plan,
    state: stateOf(canary.status),
    digests: known.digests,
    analysedPin: pinOf(live, namespace, context.analysed?.name),
    promotedPin: pinOf(live, namespace, context.promoted?.name),
    canaryTrack: workload.readiness(target.object, { ...rule, thresholdPercent: thresholds.canary }),
    primaryTrack: absent,
  }
  return { ...bare, primaryTrack: primaryTrack(bare, { ...rule, thresholdPercent: thresholds.primary }) }
}

const absent: Readiness = { kind: 'waiting', message: 'it does not exist yet', readyPods: 0, wantedPods: 1 }

/** Readiness of the primary, counted only once it says what the state wants it to run. */
const primaryTrack = (scene: Scene, rule: Parameters<Workload['readiness']>[1]): Readiness => {
  const { primary, workload } = scene
  if (!primary) return absent
  const found = workload.readiness(primary, rule)
  const manifest = primaryManifest(scene)
  const current = manifest === undefined || isSatisfied(primary, manifest)
  return current ? found : { ...found, kind: 'waiting', message: 'it does not run the wanted revision yet' }
}

const readPinOnce = oncePerObject(readPin)

const pinOf = (live: Live, namespace: string, name: string | undefined): PinnedTemplate | undefined => {
  const found = name === undefined ? undefined : live.get(controllerRevisionKind, { namespace, name })
  return found && readPinOnce(found)
}
