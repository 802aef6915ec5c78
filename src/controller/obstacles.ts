import { type Canary, providerOf } from '../api/canary.ts'
import type { KubeObject } from '../api/object.ts'
import type { Problem } from '../api/read-canary.ts'
import type { Obstacle } from '../core/observation.ts'

/** Key under which Canaries of one target meet. */
export const targetKey = (namespace: string, kind: string, name: string): string => `${namespace}/${kind}/${name}`

/** Index of Canaries by what they target; garbage is indexed nowhere. */
export const byTarget = (object: KubeObject): readonly string[] => {
  const spec = object['spec'] as { readonly targetRef?: { readonly kind?: unknown; readonly name?: unknown } } | undefined
  const { kind, name } = spec?.targetRef ?? {}
  return typeof kind === 'string' && typeof name === 'string' ? [targetKey(object.metadata.namespace ?? '', kind, name)] : []
}

const ageOrder = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp ?? ''}|${metadata.uid ?? metadata.name}`) as [string, string]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Of several Canaries that claim one target the oldest acts; the others say so and do nothing. */
export const conflictOf = (canary: Canary, claimants: readonly KubeObject[]): Obstacle | undefined => {
  const oldest = claimants.filter(one => !one.metadata.deletionTimestamp).toSorted(ageOrder)[0]
  if (!oldest || oldest.metadata.uid === canary.metadata.uid) return undefined
  const { kind, name } = canary.spec.targetRef
  return {
    reason: 'Conflict',
    message: `Canary ${oldest.metadata.name} already claims ${kind} ${name}; expected one Canary per target. Delete one of the two, or point it at another target`,
  }
}

export const invalidSpec = (problems: readonly Problem[]): Obstacle | undefined =>
  problems.length === 0
    ? undefined
    : { reason: 'InvalidSpec', message: problems.map(({ path, message }) => `${path}: ${message}`).join('; ') }

export const suspended = (canary: Canary): Obstacle | undefined =>
  canary.spec.suspend ? { reason: 'Suspended', message: 'the Canary is suspended: set spec.suspend to false to go on' } : undefined

/** A provider that no router stands for. */
export const unknownProvider = (canary: Canary, meshProvider: string, known: readonly string[]): Obstacle => ({
  reason: 'UnknownProvider',
  message: `unknown routing provider ${JSON.stringify(providerOf(canary, meshProvider))}, expected one of: ${known.join(', ')}; set spec.provider or the flag mesh-provider`,
})
