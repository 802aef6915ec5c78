import { completePodSpec } from './controller-defaults.ts'
import { forbiddenValue } from './field-errors.ts'
import { isObject, type JsonObject, objectAt, sameJson, withField, withValueAt } from './json-value.ts'
import type { StatusCause } from './status.ts'

/** A namespace carries its name as a label. */
export const completeNamespace = (object: JsonObject, before: JsonObject | undefined): JsonObject => {
  const labelled = withValueAt(object, ['metadata', 'labels', 'kubernetes.io/metadata.name'], objectAt(object, 'metadata')['name'])
  return before ? { ...labelled, spec: labelled['spec'] ?? before['spec'] } : labelled
}

/** A namespace starts Active and is held until it is empty. */
export const admitNamespace = (object: JsonObject): JsonObject => ({
  ...object,
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
})

/** A pod starts Pending. */
export const completePod = (object: JsonObject, before: JsonObject | undefined): JsonObject => {
  if (before || !isObject(object['spec'])) return object
  const spec = completePodSpec({ enableServiceLinks: true, ...object['spec'] })
  return { ...object, spec, status: { phase: 'Pending', qosClass: 'BestEffort' } }
}

/** A pod runs as the default service account unless it says otherwise. */
export const admitPod = (object: JsonObject): JsonObject => {
  const account = objectAt(object, 'spec')['serviceAccountName'] ?? 'default'
  const admitted = { serviceAccountName: account, serviceAccount: account, priority: 0, preemptionPolicy: 'PreemptLowerPriority' }
  return { ...object, spec: { ...admitted, ...objectAt(object, 'spec') } }
}

const cpuAtEighty = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]

/** An autoscaler without metrics looks at the CPU. */
export const completeAutoscaler = (object: JsonObject): JsonObject => {
  const spec = objectAt(object, 'spec')
  return Array.isArray(spec['metrics']) && spec['metrics'].length > 0 ? object : { ...object, spec: { ...spec, metrics: cpuAtEighty } }
}

/** Nothing of an immutable ConfigMap or Secret changes but its metadata. */
export const immutableDataCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  if (before?.['immutable'] !== true) return []
  const words = 'field is immutable when `immutable` is set'
  return ['immutable', 'data', 'binaryData', 'stringData']
    .filter(field => !sameJson(object[field], before[field]))
    .map(field => forbiddenValue(field, words))
}

/** Text that a Secret was given in the clear is kept as base64, in `data`. */
export const completeSecret = (object: JsonObject): JsonObject => {
  const clear = objectAt(object, 'stringData')
  if (Object.keys(clear).length === 0) return withField(object, 'stringData', undefined)
  const encoded = Object.entries(clear).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')])
  return { ...withField(object, 'stringData', undefined), data: { ...objectAt(object, 'data'), ...Object.fromEntries(encoded) } }
}

/** A revision is history: its data never changes. */
export const revisionCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  if (!before || sameJson(object['data'], before['data'])) return []
  return [{ reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(object['data'])}: field is immutable`, field: 'data' }]
}
