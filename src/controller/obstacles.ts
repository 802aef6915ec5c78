import { type Canary, isKnativeRef, providerOf } from '../api/canary.ts'
import { finalizerMark } from '../api/marks.ts'
import type { KubeObject } from '../api/object.ts'
import type { Problem } from '../api/read-canary.ts'
import type { Live } from '../core/live.ts'
import type { Obstacle } from '../core/observation.ts'
import { routers } from '../routing/registry.ts'
import type { Router, RoutingProblem } from '../routing/router.ts'
import { checkServices } from '../routing/services.ts'
import { scalerOf, scalers, workloadNameOf, workloads } from '../targets/registry.ts'
import type { Target, Workload } from '../targets/workload.ts'
import type { LookTools } from './look.ts'
import type { Scene } from './scene.ts'

interface TargetRef {
  readonly apiVersion: string | undefined
  readonly kind: string
  readonly name: string
}

/** Key under which Canaries of one target meet. Versions of one kind are the same; a Service of Knative is another than a core Service. */
const targetKey = (namespace: string, ref: TargetRef): string =>
  `${namespace}/${isKnativeRef(ref) ? 'Knative ' : ''}${ref.kind}/${ref.name}`

/** Index of Canaries by what they target; garbage is indexed nowhere. */
export const byTarget = (object: KubeObject): readonly string[] => {
  const spec = object['spec'] as { readonly targetRef?: { readonly [field: string]: unknown } } | undefined
  const { kind, name, apiVersion } = (spec?.targetRef ?? {}) as Partial<Record<keyof TargetRef, unknown>>
  if (typeof kind !== 'string' || typeof name !== 'string') return []
  return [targetKey(object.metadata.namespace ?? '', { kind, name, apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined })]
}

const ageOrder = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp ?? ''}|${metadata.uid ?? metadata.name}`) as [string, string]
  return x < y ? -1 : x > y ? 1 : 0
}

/** One that is being deleted claims its target until it has put everything back. */
const claims = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).includes(finalizerMark)

/** Of several Canaries that claim one target the oldest acts; the others say so and do nothing. */
const conflictOf = (canary: Canary, claimants: readonly KubeObject[]): Obstacle | undefined => {
  const oldest = claimants.filter(claims).toSorted(ageOrder)[0]
  if (!oldest || oldest.metadata.uid === canary.metadata.uid) return undefined
  const { kind, name } = canary.spec.targetRef
  return {
    reason: 'Conflict',
    message: `Canary ${oldest.metadata.name} already claims ${kind} ${name}; expected one Canary per target. Delete one of the two, or point it at another target`,
  }
}

const textOf = (problems: readonly Problem[]): string => problems.map(({ path, message }) => `${path}: ${message}`).join('; ')

const invalidSpec = (problems: readonly Problem[]): Obstacle | undefined =>
  problems.length === 0 ? undefined : { reason: 'InvalidSpec', message: textOf(problems) }

const suspended = (canary: Canary): Obstacle | undefined =>
  canary.spec.suspend ? { reason: 'Suspended', message: 'the Canary is suspended: set spec.suspend to false to go on' } : undefined

/** A provider that no router stands for. */
const unknownProvider = (canary: Canary, meshProvider: string): Obstacle => ({
  reason: 'UnknownProvider',
  message: `unknown routing provider ${JSON.stringify(providerOf(canary, meshProvider))}, expected one of: ${routers.names.join(', ')}; set spec.provider or the flag mesh-provider`,
})

const unsupported = (field: string, came: string, known: readonly string[]): Obstacle => ({
  reason: 'InvalidSpec',
  message: `spec.${field}: expected one of ${known.join(', ')}, got ${JSON.stringify(came)}`,
})

const unknownKind = (canary: Canary): Obstacle | undefined => {
  const { autoscalerRef } = canary.spec
  const target = workloadNameOf(canary)
  if (!workloads.has(target)) return unsupported('targetRef.kind', target, workloads.names)
  if (autoscalerRef && !scalers.has(autoscalerRef.kind)) return unsupported('autoscalerRef.kind', autoscalerRef.kind, scalers.names)
  return undefined
}

interface Reading {
  readonly canary: Canary
  readonly problems: readonly Problem[]
  readonly router: Router | undefined
}

/** Why nothing may be done with a Canary but saying so. */
export const obstacleOf = ({ canary, problems, router }: Reading, { claimants, options, obstacle }: LookTools): Obstacle | undefined => {
  const key = targetKey(canary.metadata.namespace ?? '', canary.spec.targetRef)
  return (
    obstacle ??
    suspended(canary) ??
    invalidSpec(problems) ??
    conflictOf(canary, claimants(key)) ??
    (router ? undefined : unknownProvider(canary, options.meshProvider)) ??
    unknownKind(canary)
  )
}

/** Where nothing can weigh, the Service that Serin makes for users is the only switch; a target that is one itself leaves none. */
const nothingToSwitch = ({ spec: { targetRef } }: Canary, { name, can }: Router): readonly RoutingProblem[] =>
  can.weigh
    ? []
    : [
        {
          path: 'spec.provider',
          message: `the provider ${name} moves traffic with a Service of its own, which a target of kind ${targetRef.kind} leaves no room for: use a provider that routes`,
        },
      ]

interface RoutedTarget {
  readonly canary: Canary
  readonly router: Router
  readonly workload: Workload
  readonly label: Target['label']
  readonly live: Live
}

/** What the routing layer, or a Service that stands there, has against this Canary. */
export const routingProblem = ({ canary, router, workload, label, live }: RoutedTarget): Obstacle | undefined => {
  const problems = [
    ...router.check(canary, live),
    ...(workload.can.select ? checkServices({ canary, label, live }) : nothingToSwitch(canary, router)),
  ]
  const reason = problems.find(problem => problem.reason)?.reason ?? 'InvalidSpec'
  return problems.length === 0 ? undefined : { reason, message: textOf(problems) }
}

/** The scaler of the target, or that it is missing. A target that nothing can scale has none, whatever the spec names. */
export const scalingOf = (
  { canary, workload }: { readonly canary: Canary; readonly workload: Workload },
  live: Live,
): Pick<Scene, 'scaler' | 'scalerSource'> & { readonly missing: Obstacle | undefined } => {
  const { autoscalerRef } = canary.spec
  const none = { scaler: undefined, scalerSource: undefined, missing: undefined }
  const scaler = scalerOf(canary)
  if (!workload.can.scale || !autoscalerRef || !scaler) return none
  const scalerSource = live.get(scaler.kind, { namespace: canary.metadata.namespace ?? '', name: autoscalerRef.name })
  return scalerSource ? { scaler, scalerSource, missing: undefined } : { ...none, missing: missingScaler(canary) }
}

const missingScaler = ({ spec, metadata }: Canary): Obstacle => ({
  reason: 'ScalerMissing',
  message: `${spec.autoscalerRef?.kind} ${spec.autoscalerRef?.name}.${metadata.namespace ?? ''} does not exist; create it or remove spec.autoscalerRef`,
})
