import { primaryName } from '../api/canary.ts'
import { horizontalPodAutoscalerKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/object.ts'
import { ownedBy } from '../api/ownership.ts'
import { included, withoutFlux } from './metadata-copy.ts'
import { primarySuffix } from './names.ts'
import type { Scaler } from './workload.ts'

interface HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string }
  readonly minReplicas?: number
  readonly maxReplicas: number
  readonly metrics?: readonly unknown[]
  readonly behavior?: Readonly<Record<string, unknown>>
}

const specOf = (object: KubeObject): HorizontalPodAutoscalerSpec => object['spec'] as HorizontalPodAutoscalerSpec

/** `autoscaling/v2`, whatever version `autoscalerRef` says. It rests by itself while its target is parked, so nothing pauses it. */
export const horizontalPodAutoscaler: Scaler = {
  name: horizontalPodAutoscalerKind.kind,
  kind: horizontalPodAutoscalerKind,

  primary: (canary, live, options) => {
    const { autoscalerRef } = canary.spec
    const namespace = canary.metadata.namespace ?? ''
    const source = autoscalerRef && live.get(horizontalPodAutoscalerKind, { namespace, name: autoscalerRef.name })
    if (!source) return undefined
    const { scaleTargetRef, minReplicas, maxReplicas, metrics, behavior } = specOf(source)
    const labels = withoutFlux(source.metadata.labels)
    const annotations = included(source.metadata.annotations, options.includeLabelPrefix)
    return {
      apiVersion: horizontalPodAutoscalerKind.apiVersion,
      kind: horizontalPodAutoscalerKind.kind,
      metadata: {
        name: `${source.metadata.name}${primarySuffix}`,
        namespace,
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(Object.keys(annotations).length > 0 && { annotations }),
        ownerReferences: [ownedBy(canary)],
      },
      spec: {
        scaleTargetRef: { ...scaleTargetRef, name: primaryName(canary) },
        ...(metrics && { metrics }),
        ...(behavior && { behavior }),
        ...keeping(options.leastPods ?? 0, { maxReplicas, minReplicas, ...definedOnly(autoscalerRef?.primaryScalerReplicas ?? {}) }),
      },
    }
  },

  minReplicas: source => specOf(source).minReplicas ?? 1,
  maxReplicas: source => specOf(source).maxReplicas,
}

const definedOnly = (bounds: Readonly<Record<string, number | undefined>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(bounds).filter((one): one is [string, number] => one[1] !== undefined))

interface Bounds {
  readonly minReplicas?: number | undefined
  readonly maxReplicas: number
}

/** Bounds that keep so many pods, as far as the upper one allows. */
const keeping = (leastPods: number, { minReplicas, maxReplicas }: Bounds): Readonly<Record<string, number>> => {
  const floor = Math.min(maxReplicas, Math.max(leastPods, minReplicas ?? 1))
  return definedOnly({ minReplicas: floor > (minReplicas ?? 1) ? floor : minReplicas, maxReplicas })
}
