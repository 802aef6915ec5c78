import type { Endpoint } from './catalogue.ts'
import { invalidValue } from './field-errors.ts'
import { jsonKind } from './go-words.ts'
import { isObject, type JsonObject, objectAt, textAt, valueAt, withValueAt } from './json-value.ts'
import type { ScalePaths, Version } from './resource.ts'
import { invalid, type StatusCause } from './status.ts'

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

/** None is not said. */
const unlessZero = (replicas: number): JsonObject => (replicas === 0 ? {} : { replicas })

/** The `Scale` view of an object. */
export const scaleOf = (object: JsonObject, paths: ScalePaths): JsonObject => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = objectAt(object, 'metadata')
  const selector = paths.selector ? selectorText(valueAt(object, paths.selector)) : ''
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: unlessZero(numberAt(object, paths.specReplicas)),
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector === '' ? {} : { selector }) },
  }
}

/**
 * The object with the replicas that a `Scale` asks for, and with its resourceVersion as the precondition. What a definition
 * says about the field is asked later, as for every other field.
 */
export const withScale = ({ resource, version }: Endpoint, object: JsonObject, scale: unknown): JsonObject => {
  if (!version.scale) return object
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas) || (replicas < 0 && resource.builtin)) {
    const named = { group: 'autoscaling', plural: 'scales', kind: 'Scale', name: textAt(object['metadata'], 'name') }
    throw invalid(named, [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')])
  }
  const revision = textAt(objectAt(scale, 'metadata'), 'resourceVersion')
  const known = revision === '' ? object : withValueAt(object, ['metadata', 'resourceVersion'], revision)
  return withValueAt(known, version.scale.specReplicas, replicas)
}

const goValue = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const intAccess = (path: string, value: unknown): StatusCause[] => {
  const words = `${path} accessor error: ${goValue(value)} is of the type ${jsonKind(value)}, expected int64`
  return typeof value === 'number' ? [] : [invalidValue(path, 0, words)]
}

/** What is wrong with the replicas of a defined kind, for who reads them as a scale. */
export const scaleCauses = (object: JsonObject, { scale }: Version): readonly StatusCause[] => {
  if (!scale) return []
  const path = `.${scale.specReplicas.join('.')}`
  const value = valueAt(object, scale.specReplicas)
  if (value === undefined || value === null) return []
  if (typeof value === 'number' && value < 0) return [invalidValue(path, value, 'should be a non-negative integer')]
  return intAccess(path, value)
}
