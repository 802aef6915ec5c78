import { type Canary, primaryName } from '../api/canary.ts'
import type { KubeObject, Manifest } from '../api/object.ts'
import { ownedBy } from '../api/ownership.ts'
import { primarySuffix } from './names.ts'
import type { StringMap } from './pod-template.ts'

/** What a scaler scales, as HorizontalPodAutoscalers and ScaledObjects say it. */
export interface ScaleTarget {
  readonly name: string
  readonly [field: string]: unknown
}

/** The same for the primary. */
export const scalesPrimary = (canary: Canary, target: ScaleTarget): ScaleTarget => ({ ...target, name: primaryName(canary) })

interface Twin {
  readonly canary: Canary
  readonly source: KubeObject
  readonly labels: StringMap
  readonly annotations: StringMap
  readonly spec: Readonly<Record<string, unknown>>
}

/** The scaler of the primary, which goes with the Canary. */
export const twinOf = ({ canary, source, labels, annotations, spec }: Twin): Manifest => ({
  apiVersion: source.apiVersion,
  kind: source.kind,
  metadata: {
    name: `${source.metadata.name}${primarySuffix}`,
    namespace: canary.metadata.namespace ?? '',
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ownerReferences: [ownedBy(canary)],
  },
  spec,
})

/** Bounds of a scaler of pods. */
export interface Bounds {
  readonly min?: number | undefined
  readonly max: number
}

/** The bounds of the primary's scaler: those that the Canary names, else those of the target's, keeping so many pods as far as the upper one allows. */
export const boundsOf = ({ spec }: Canary, { min, max }: Bounds, leastPods = 0): Bounds => {
  const own = spec.autoscalerRef?.primaryScalerReplicas
  const [low, high] = [own?.minReplicas ?? min, own?.maxReplicas ?? max]
  const floor = Math.min(high, leastPods)
  return { min: floor > (low ?? 1) ? floor : low, max: high }
}
