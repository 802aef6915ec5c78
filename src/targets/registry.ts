import { defineRegistry } from '../registry.ts'
import { deployment } from './deployment.ts'
import { horizontalPodAutoscaler } from './hpa.ts'

/** Kinds that a Canary may target, by `targetRef.kind`. */
export const workloads = defineRegistry('target', [deployment])

/** Kinds that may scale a target, by `autoscalerRef.kind`. */
export const scalers = defineRegistry('scaler', [horizontalPodAutoscaler])
