import { horizontalPodAutoscalerKind } from '../api/kinds.ts'
import type { KubeObject } from '../api/object.ts'
import { included, withoutFlux } from './metadata-copy.ts'
import { boundsOf, type ScaleTarget, scalesPrimary, twinOf } from './scaler-twin.ts'
import type { Scaler } from './workload.ts'

interface HorizontalPodAutoscalerSpec {
  readonly scaleTargetRef: ScaleTarget
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

  primary: (canary, source, options) => {
    const { scaleTargetRef, minReplicas, maxReplicas, metrics, behavior } = specOf(source)
    const { min, max } = boundsOf(canary, { min: minReplicas, max: maxReplicas }, options.leastPods)
    const spec = {
      scaleTargetRef: scalesPrimary(canary, scaleTargetRef),
      ...(metrics && { metrics }),
      ...(behavior && { behavior }),
      ...(min !== undefined && { minReplicas: min }),
      maxReplicas: max,
    }
    const annotations = included(source.metadata.annotations, options.includeLabelPrefix)
    return twinOf({ canary, source, labels: withoutFlux(source.metadata.labels), annotations, spec })
  },

  minReplicas: source => specOf(source).minReplicas ?? 1,
  maxReplicas: source => specOf(source).maxReplicas,
  pause: () => undefined,
  resume: () => undefined,
}
