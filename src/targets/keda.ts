import type { Canary } from '../api/canary.ts'
import type { KindRef, KubeObject } from '../api/object.ts'
import { withoutBookkeeping } from './metadata-copy.ts'
import { primarySuffix } from './names.ts'
import type { StringMap } from './pod-template.ts'
import { boundsOf, type ScaleTarget, scalesPrimary, twinOf } from './scaler-twin.ts'
import type { FieldPatch, Scaler, ScalerOptions } from './workload.ts'

const scaledObjectKind: KindRef = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', plural: 'scaledobjects', namespaced: true }

/** Keeps the scaled workload at so many pods, whatever its triggers say. Source: https://keda.sh/docs/latest/concepts/scaling-deployments */
const pausedReplicas = 'autoscaling.keda.sh/paused-replicas'
/** Every annotation by which a ScaledObject rests begins like this. */
const pauseMark = 'autoscaling.keda.sh/paused'

type Fields = Readonly<Record<string, unknown>>

interface Trigger {
  readonly name?: string
  readonly metadata?: StringMap
  readonly [field: string]: unknown
}

interface Advanced {
  readonly horizontalPodAutoscalerConfig?: { readonly name?: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

interface ScaledObjectSpec {
  readonly scaleTargetRef: ScaleTarget
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
  readonly advanced?: Advanced
  readonly triggers: readonly Trigger[]
  readonly [field: string]: unknown
}

const specOf = (object: KubeObject): ScaledObjectSpec => object['spec'] as ScaledObjectSpec

/** As KEDA presumes them. */
const presumed = { min: 0, max: 100 }

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** The name of the target, or that of a track, becomes that of the primary: everywhere, and once. */
const aboutPrimary = (query: string, target: string): string =>
  query.replaceAll(new RegExp(`${escaped(target)}(?:-canary|${primarySuffix})?`, 'g'), () => `${target}${primarySuffix}`)

/** What asks about the target asks about the primary: as the Canary says for each trigger, else by name. */
const triggerOf = ({ spec }: Canary, trigger: Trigger): Trigger => {
  const { metadata, name = '' } = trigger
  const queries = spec.autoscalerRef?.primaryScalerQueries
  const own = queries?.[name]
  if (own !== undefined) return { ...trigger, metadata: { ...metadata, query: own } }
  if (queries || metadata?.['query'] === undefined) return trigger
  return { ...trigger, metadata: { ...metadata, query: aboutPrimary(metadata['query'], spec.targetRef.name) } }
}

/** Two ScaledObjects cannot have a HorizontalPodAutoscaler of one name. */
const advancedOf = (advanced: Advanced): Fields => {
  const { horizontalPodAutoscalerConfig: config } = advanced
  const name = config?.name
  return name ? { ...advanced, horizontalPodAutoscalerConfig: { ...config, name: `${name}${primarySuffix}` } } : advanced
}

/** Fields that are the same for both tracks. */
const alike = ['pollingInterval', 'cooldownPeriod', 'initialCooldownPeriod', 'fallback'] as const

const sharedOf = (spec: ScaledObjectSpec): Fields =>
  Object.fromEntries(alike.filter(field => spec[field] !== undefined).map(field => [field, spec[field]]))

const twinSpec = (canary: Canary, spec: ScaledObjectSpec, { leastPods = 0 }: ScalerOptions): Fields => {
  const { minReplicaCount: minimum, maxReplicaCount: maximum, idleReplicaCount, advanced, triggers, scaleTargetRef } = spec
  const { min, max } = boundsOf(canary, { min: minimum ?? presumed.min, max: maximum ?? presumed.max }, leastPods)
  const isSaid = { min: minimum !== undefined || min !== presumed.min, max: maximum !== undefined || max !== presumed.max }
  return {
    scaleTargetRef: scalesPrimary(canary, scaleTargetRef),
    ...sharedOf(spec),
    ...(isSaid.min && { minReplicaCount: min }),
    ...(isSaid.max && { maxReplicaCount: max }),
    ...(idleReplicaCount !== undefined && leastPods === 0 && { idleReplicaCount }), // it would undercut what has to be kept
    ...(advanced && { advanced: advancedOf(advanced) }),
    triggers: triggers.map(trigger => triggerOf(canary, trigger)),
  }
}

const unpaused = (annotations: StringMap): StringMap =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(pauseMark)))

const annotated = (object: KubeObject, value: string | null): FieldPatch => ({
  kind: scaledObjectKind,
  object,
  body: { metadata: { annotations: { [pausedReplicas]: value } } },
})

const isPaused = ({ metadata }: KubeObject): boolean => metadata.annotations?.[pausedReplicas] === '0'

/**
 * A ScaledObject of KEDA. It would give pods to a parked target, so that it is paused while the target is parked, by the annotation that KEDA
 * has for this. A pause is never copied: the primary would be left without pods.
 */
export const scaledObject: Scaler = {
  name: scaledObjectKind.kind,
  kind: scaledObjectKind,
  primary: (canary, source, options) =>
    twinOf({
      canary,
      source,
      labels: withoutBookkeeping(source.metadata.labels),
      annotations: unpaused(withoutBookkeeping(source.metadata.annotations)),
      spec: twinSpec(canary, specOf(source), options),
    }),
  minReplicas: source => specOf(source).minReplicaCount ?? presumed.min,
  maxReplicas: source => specOf(source).maxReplicaCount ?? presumed.max,
  pause: source => (isPaused(source) ? undefined : annotated(source, '0')),
  resume: source => (isPaused(source) ? annotated(source, null) : undefined),
}
