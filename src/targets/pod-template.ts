import * as z from 'zod'
import type { Json } from '../api/object.ts'

/*
 * The parts of a pod template that this room reads or rewrites; everything else is carried along untouched.
 * The API server has validated what we get, so these shapes hold.
 */

export type StringMap = Readonly<Record<string, string>>

/** Anything that names a ConfigMap or Secret. */
export interface ObjectReference {
  readonly name?: string
  readonly optional?: boolean
}

interface SecretVolume {
  readonly secretName?: string
  readonly optional?: boolean
}

export interface ProjectedSource {
  readonly configMap?: ObjectReference
  readonly secret?: ObjectReference
}

export interface Volume {
  readonly name: string
  readonly configMap?: ObjectReference
  readonly secret?: SecretVolume
  readonly projected?: { readonly sources?: readonly ProjectedSource[] }
}

export interface EnvVar {
  readonly name: string
  readonly valueFrom?: { readonly configMapKeyRef?: ObjectReference; readonly secretKeyRef?: ObjectReference }
}

export interface EnvFrom {
  readonly configMapRef?: ObjectReference
  readonly secretRef?: ObjectReference
}

export interface ContainerPort {
  readonly containerPort: number
  readonly name?: string
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
}

export interface Container {
  readonly name: string
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFrom[]
  readonly ports?: readonly ContainerPort[]
}

interface LabelExpression {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface LabelSelector {
  readonly matchLabels?: StringMap
  readonly matchExpressions?: readonly LabelExpression[]
}

/** A rule that places pods relative to those it selects. */
export interface SelectingTerm {
  readonly labelSelector?: LabelSelector
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly SelectingTerm[]
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly { readonly podAffinityTerm: SelectingTerm }[]
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly Volume[]
  readonly imagePullSecrets?: readonly { readonly name?: string }[]
  readonly hostAliases?: readonly { readonly ip: string }[]
  readonly affinity?: { readonly podAffinity?: PodAffinity; readonly podAntiAffinity?: PodAffinity }
  readonly topologySpreadConstraints?: readonly SelectingTerm[]
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: StringMap; readonly annotations?: StringMap }
  readonly spec: PodSpec
}

/** A template as a pin or a live workload holds it. */
export const podTemplateOf = (template: Json): PodTemplate => template as unknown as PodTemplate

/** All containers that a pod starts from its template. */
export const containersOf = ({ initContainers = [], containers }: PodSpec): readonly Container[] => [...initContainers, ...containers]

const Template = z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string() })) }) })

/** Whether what a pin holds can be read as a template of pods. */
export const isPodTemplate = (template: Json): boolean => Template.safeParse(template).success
