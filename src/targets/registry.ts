import { type Canary, isKnative } from '../api/canary.ts'
import type { Live } from '../core/live.ts'
import { defineRegistry } from '../registry.ts'
import { coreService } from './core-service.ts'
import { daemonSet } from './daemon-set.ts'
import { deployment } from './deployment.ts'
import { horizontalPodAutoscaler } from './hpa.ts'
import { scaledObject } from './keda.ts'
import { knativeService } from './knative-service.ts'
import type { Scaler, TargetOptions, Workload } from './workload.ts'

/** What a Canary may target: by `targetRef.kind`, with its group where another group has a kind of that name too. */
export const workloads = defineRegistry('target', [coreService, daemonSet, deployment, knativeService])

/** Kinds that may scale a target, by `autoscalerRef.kind`. */
export const scalers = defineRegistry('scaler', [horizontalPodAutoscaler, scaledObject])

/** Name under which the kind of target of a Canary is registered. */
export const workloadNameOf = (canary: Canary): string => (isKnative(canary) ? knativeService.name : canary.spec.targetRef.kind)

/** The kind of workload that a Canary targets, if it is built. */
export const workloadOf = (canary: Canary): Workload | undefined => {
  const name = workloadNameOf(canary)
  return workloads.has(name) ? workloads.get(name) : undefined
}

/** The kind of scaler that a Canary names, if it names one and it is built. */
export const scalerOf = ({ spec: { autoscalerRef } }: Canary): Scaler | undefined =>
  autoscalerRef && scalers.has(autoscalerRef.kind) ? scalers.get(autoscalerRef.kind) : undefined

/** What the latest revision of the target is called, where the target keeps its revisions itself. */
export const revisionNameOf = (canary: Canary, live: Live, options: TargetOptions): string | undefined => {
  const workload = workloadOf(canary)
  const inspected = workload?.revisionName && workload.inspect(canary, live, options)
  return inspected && 'target' in inspected ? workload?.revisionName?.(workload.pin(inspected.target, {})) : undefined
}
