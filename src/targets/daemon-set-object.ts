import { daemonSetKind } from '../api/kinds.ts'
import { parkingMark } from '../api/marks.ts'
import type { Json, KubeObject } from '../api/object.ts'
import type { StringMap } from './pod-template.ts'
import { type PodWorkload, type PodWorkloadSpec, podSpecOf } from './pod-workload.ts'

export interface DaemonSetStatus {
  readonly observedGeneration?: number
  readonly desiredNumberScheduled?: number
  readonly currentNumberScheduled?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
}

interface DaemonSetSpec extends PodWorkloadSpec {
  readonly updateStrategy?: { readonly type?: string }
}

export const daemonSetStatusOf = (object: KubeObject): DaemonSetStatus => (object['status'] ?? {}) as DaemonSetStatus

interface PlacedTemplate {
  readonly spec: { readonly nodeSelector?: StringMap }
}

const selectorIn = (template: Json): StringMap => (template as unknown as PlacedTemplate).spec.nodeSelector ?? {}

const isParked = (object: KubeObject): boolean => Object.hasOwn(selectorIn(podSpecOf(object).template), parkingMark)

const withSelector = (template: Json, nodeSelector: StringMap): Json => {
  const placed = template as unknown as PlacedTemplate
  return { ...placed, spec: { ...placed.spec, nodeSelector } } as unknown as Json
}

/** The template as its author means it: a primary that inherited the parking would have no pods at all. */
const templateOf = (object: KubeObject): Json => {
  const { template } = podSpecOf(object)
  if (!isParked(object)) return template
  const { [parkingMark]: _, ...wanted } = selectorIn(template)
  return withSelector(template, wanted)
}

const parkedObject = (object: KubeObject): KubeObject => {
  const spec = podSpecOf(object)
  return { ...object, spec: { ...spec, template: withSelector(spec.template, { ...selectorIn(spec.template), [parkingMark]: 'true' }) } }
}

const misfit = (object: KubeObject): string | undefined => {
  const { updateStrategy } = podSpecOf(object) as DaemonSetSpec
  const type = updateStrategy?.type ?? 'RollingUpdate'
  return type === 'RollingUpdate'
    ? undefined
    : `its spec.updateStrategy.type must be RollingUpdate, got ${type}; a primary that nothing rolls would never run what was promoted`
}

/** A DaemonSet has a pod on each node that its node selector lets in. Parked means that it asks for a label which no node has. */
export const daemonSetPods: PodWorkload = {
  kind: daemonSetKind,
  settings: ['minReadySeconds', 'revisionHistoryLimit', 'updateStrategy'],
  hasReplicas: false,
  template: templateOf,
  pods: object => (isParked(object) ? 0 : Math.max(1, daemonSetStatusOf(object).desiredNumberScheduled ?? 0)),
  emptied: parkedObject,
  misfit,
}
