import { primarySuffix } from './names.ts'
import type { LabelSelector, PodAffinity, PodSpec, SelectingTerm, StringMap } from './pod-template.ts'
import type { Target, TargetOptions } from './workload.ts'

/** What becomes of the value of a label in a rule of placement. */
type Reworded = (key: string, value: string) => string

const inLabels = (labels: StringMap, reworded: Reworded): StringMap =>
  Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, reworded(key, value)]))

const inSelector = (selector: LabelSelector, reworded: Reworded): LabelSelector => ({
  ...selector,
  ...(selector.matchLabels && { matchLabels: inLabels(selector.matchLabels, reworded) }),
  ...(selector.matchExpressions && {
    matchExpressions: selector.matchExpressions.map(one =>
      one.values ? { ...one, values: one.values.map(value => reworded(one.key, value)) } : one,
    ),
  }),
})

const inTerm = <T extends SelectingTerm>(term: T, reworded: Reworded): T =>
  term.labelSelector ? { ...term, labelSelector: inSelector(term.labelSelector, reworded) } : term

const inAffinity = (affinity: PodAffinity, reworded: Reworded): PodAffinity => {
  const required = affinity.requiredDuringSchedulingIgnoredDuringExecution
  const preferred = affinity.preferredDuringSchedulingIgnoredDuringExecution
  return {
    ...affinity,
    ...(required && { requiredDuringSchedulingIgnoredDuringExecution: required.map(term => inTerm(term, reworded)) }),
    ...(preferred && {
      preferredDuringSchedulingIgnoredDuringExecution: preferred.map(one => ({
        ...one,
        podAffinityTerm: inTerm(one.podAffinityTerm, reworded),
      })),
    }),
  }
}

/** Rules that keep pods apart, and rules that draw them together. */
interface Rewording {
  readonly apart: Reworded
  readonly together: Reworded
}

const replaced = (spec: PodSpec, { apart, together }: Rewording): PodSpec => {
  const { affinity, topologySpreadConstraints } = spec
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  return {
    ...spec,
    ...(topologySpreadConstraints && { topologySpreadConstraints: topologySpreadConstraints.map(term => inTerm(term, apart)) }),
    ...(affinity && {
      affinity: {
        ...affinity,
        ...(podAffinity && { podAffinity: inAffinity(podAffinity, together) }),
        ...(podAntiAffinity && { podAntiAffinity: inAffinity(podAntiAffinity, apart) }),
      },
    }),
  }
}

/** Whether a label with this value stands for the target's own pods. */
type IsOwn = (key: string, value: string) => boolean

/** The selector label with its value: exactly what tells the pods of the target from those of the primary. */
const isSelected =
  ({ label }: Target): IsOwn =>
  (key, value) =>
    key === label.key && value === label.value

/** Further, as the field does: any candidate label that holds the name of the target. */
const isNamed =
  (target: Target, { selectorLabels }: TargetOptions): IsOwn =>
  (key, value) =>
    selectorLabels.includes(key) && value === target.object.metadata.name

const asIs: Reworded = (_, value) => value

const suffixed =
  (...owns: readonly IsOwn[]): Reworded =>
  (key, value) =>
    owns.some(isOwn => isOwn(key, value)) ? `${value}${primarySuffix}` : value

const unsuffixed =
  (...owns: readonly IsOwn[]): Reworded =>
  (key, value) => {
    const bare = value.endsWith(primarySuffix) ? value.slice(0, -primarySuffix.length) : value
    return owns.some(isOwn => isOwn(key, bare)) ? bare : value
  }

/** Rewrites the placement rules of a target's pods for pods of its primary. */
export type Place = (spec: PodSpec, target: Target, options: TargetOptions) => PodSpec

/**
 * Placement rules by which pods of the target avoid or spread over each other then speak of pods of the primary.
 *
 * Rules of attraction are rewritten only where the label really differs between the two: one that found no pod at all (a parked target, a
 * label no pod carries) would keep the primary pending for ever.
 */
export const placePrimary: Place = (spec, target, options) =>
  replaced(spec, { apart: suffixed(isSelected(target), isNamed(target, options)), together: suffixed(isSelected(target)) })

/** As other controllers of this field do: by the name of the target alone, and not where pods attract each other. */
const placeByName: Place = (spec, target, options) => replaced(spec, { apart: suffixed(isNamed(target, options)), together: asIs })

/** Every way in which primaries of this field were placed; the last is that of DaemonSets. */
export const placements: readonly Place[] = [placePrimary, placeByName, spec => spec]

/** What the rules of another controller's primary were before they were rewritten. */
export const unplaced: Place = (spec, target, options) =>
  replaced(spec, { apart: unsuffixed(isSelected(target), isNamed(target, options)), together: asIs })
