import { primarySuffix } from './names.ts'
import type { LabelSelector, PodAffinity, PodSpec, SelectingTerm, StringMap } from './pod-template.ts'
import type { Target, TargetOptions } from './workload.ts'

/** Whether a label with this value stands for the target's own pods. */
type IsOwn = (key: string, value: string) => boolean

const ownValue = (isOwn: IsOwn, key: string, value: string): string => (isOwn(key, value) ? `${value}${primarySuffix}` : value)

const ownLabels = (labels: StringMap, isOwn: IsOwn): StringMap =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, ownValue(isOwn, key, value)]))

const inSelector = (selector: LabelSelector, isOwn: IsOwn): LabelSelector => ({
  ...selector,
  ...(selector.matchLabels && { matchLabels: ownLabels(selector.matchLabels, isOwn) }),
  ...(selector.matchExpressions && {
    matchExpressions: selector.matchExpressions.map(one =>
      one.values ? { ...one, values: one.values.map(value => ownValue(isOwn, one.key, value)) } : one,
    ),
  }),
})

const inTerm = <T extends SelectingTerm>(term: T, isOwn: IsOwn): T =>
  term.labelSelector ? { ...term, labelSelector: inSelector(term.labelSelector, isOwn) } : term

const inAffinity = (affinity: PodAffinity, isOwn: IsOwn): PodAffinity => {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution
  return {
    ...affinity,
    ...(required && { requiredDuringSchedulingIgnoredDuringExecution: required.map(term => inTerm(term, isOwn)) }),
    ...(preferred && {
      preferredDuringSchedulingIgnoredDuringExecution: preferred.map(one => ({
        ...one,
        podAffinityTerm: inTerm(one.podAffinityTerm, isOwn),
      })),
    }),
  }
}

/** The selector label with its value: exactly what tells the pods of the target from those of the primary. */
const isSelected =
  ({ label }: Target): IsOwn =>
  (key, value) =>
    key === label.key && value === label.value

/** Further, as the field does: any candidate label that holds the name of the target. */
const isNamed =
  (target: Target, { selectorLabels }: TargetOptions): IsOwn =>
  (key, value) =>
    isSelected(target)(key, value) || (selectorLabels.includes(key) && value === target.object.metadata.name)

/**
 * Placement rules by which pods of the target avoid or spread over each other then speak of pods of the primary.
 *
 * Rules of attraction are rewritten only where the label really differs between the two: one that found no pod at all (a parked target, a
 * label no pod carries) would keep the primary pending for ever.
 */
export const placePrimary = (spec: PodSpec, target: Target, options: TargetOptions): PodSpec => {
  const { affinity, topologySpreadConstraints } = spec
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  const named = isNamed(target, options)
  return {
    ...spec,
    ...(topologySpreadConstraints && { topologySpreadConstraints: topologySpreadConstraints.map(term => inTerm(term, named)) }),
    ...(affinity && {
      affinity: {
        ...affinity,
        ...(podAffinity && { podAffinity: inAffinity(podAffinity, isSelected(target)) }),
        ...(podAntiAffinity && { podAntiAffinity: inAffinity(podAntiAffinity, named) }),
      },
    }),
  }
}
