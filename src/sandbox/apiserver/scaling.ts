import { invalidValue } from './field-errors.ts'
import { isObject, type JsonObject, objectAt, textAt, valueAt, withValueAt } from './json-value.ts'
import type { ScalePaths } from './resource.ts'
import { invalid } from './status.ts'

const requirementText = (requirement: unknown): string => {
  const key = textAt(requirement, 'key')
  const operator = textAt(requirement, 'operator')
  const values = isObject(requirement) && Array.isArray(requirement['values']) ? requirement['values'].join(',') : ''
  if (operator === 'In' || operator === 'NotIn') return `${key} ${operator.toLowerCase()} (${values})`
  return operator === 'DoesNotExist' ? `!${key}` : key
}

/** A label selector object in the form that query strings carry. */
export const selectorText = (selector: unknown): string => {
  if (!isObject(selector)) return typeof selector === 'string' ? selector : ''
  const labels = Object.entries(objectAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${value}`)
  const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'].map(requirementText) : []
  return [...labels, ...expressions].join(',')
}

const numberAt = (object: JsonObject, path: readonly string[]): number => {
  const value = valueAt(object, path)
  return typeof value === 'number' ? value : 0
}

/** The `Scale` view of an object. */
export const scaleOf = (object: JsonObject, paths: ScalePaths): JsonObject => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = objectAt(object, 'metadata')
  const selector = paths.selector ? selectorText(valueAt(object, paths.selector)) : ''
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, paths.specReplicas) },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === '' ? {} : { selector }) },
  }
}

/** The object with the replicas that a `Scale` asks for, and with its resourceVersion as the precondition. */
export const withScale = (object: JsonObject, scale: unknown, paths: ScalePaths): JsonObject => {
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || replicas < 0) {
    const named = { group: 'autoscaling', plural: 'scales', kind: 'Scale', name: textAt(object['metadata'], 'name') }
    throw invalid(named, [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')])
  }
  const version = textAt(objectAt(scale, 'metadata'), 'resourceVersion')
  const known = version === '' ? object : withValueAt(object, ['metadata', 'resourceVersion'], version)
  return withValueAt(known, paths.specReplicas, replicas)
}
