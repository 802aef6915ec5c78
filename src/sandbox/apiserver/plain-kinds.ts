import { completePodSpec } from './controller-defaults.ts'
import { forbiddenValue, invalidValue, tooLong } from './field-errors.ts'
import { canonicalJson, isObject, type JsonObject, listAt, objectAt, sameJson, textAt, withField, withValueAt } from './json-value.ts'
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

/** How long a pod stays on a node that is lost. */
const lostNodeTolerations = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map(key => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

/** A pod runs as the default service account unless it says otherwise, and bears a lost node for a while. */
export const admitPod = (object: JsonObject): JsonObject => {
  const spec = objectAt(object, 'spec')
  const account = spec['serviceAccountName'] ?? 'default'
  const admitted = { serviceAccountName: account, serviceAccount: account, priority: 0, preemptionPolicy: 'PreemptLowerPriority' }
  const given = listAt(spec, 'tolerations')
  const added = lostNodeTolerations.filter(({ key }) => !given.some(toleration => ['', key].includes(textAt(toleration, 'key'))))
  return { ...object, spec: { ...admitted, ...spec, tolerations: [...given, ...added] } }
}

const cpuAtEighty = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]

/** An autoscaler without metrics looks at the CPU. */
export const completeAutoscaler = (object: JsonObject): JsonObject => {
  const spec = objectAt(object, 'spec')
  return Array.isArray(spec['metrics']) && spec['metrics'].length > 0 ? object : { ...object, spec: { ...spec, metrics: cpuAtEighty } }
}

const dataLimitBytes = 1024 * 1024

const sizeOf = (data: JsonObject, bytes: (text: string) => number): number =>
  Object.values(data).reduce<number>((sum, value) => sum + bytes(String(value)), 0)

const base64Bytes = (text: string): number => Buffer.byteLength(text, 'base64')

const tooMuchData = (field: string, bytes: number): readonly StatusCause[] =>
  bytes > dataLimitBytes ? [tooLong(field, dataLimitBytes)] : []

const configKey = /^[-._a-zA-Z0-9]+$/
const configKeyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

const keyCauses = (object: JsonObject, field: string): readonly StatusCause[] =>
  Object.keys(objectAt(object, field))
    .filter(key => !configKey.test(key))
    .map(key => invalidValue(`${field}[${key}]`, key, configKeyWords))

/** What is wrong with a ConfigMap. */
export const configMapCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  const bytes = sizeOf(objectAt(object, 'data'), Buffer.byteLength) + sizeOf(objectAt(object, 'binaryData'), base64Bytes)
  return [
    ...immutableDataCauses(object, before),
    ...keyCauses(object, 'data'),
    ...keyCauses(object, 'binaryData'),
    ...tooMuchData('[]', bytes),
  ]
}

/** What is wrong with a Secret. */
export const secretCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => [
  ...immutableDataCauses(object, before),
  ...keyCauses(object, 'data'),
  ...tooMuchData('data', sizeOf(objectAt(object, 'data'), base64Bytes)),
]

/** A Lease lasts. */
export const leaseCauses = (object: JsonObject): readonly StatusCause[] => {
  const seconds = objectAt(object, 'spec')['leaseDurationSeconds']
  return typeof seconds === 'number' && seconds <= 0 ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []
}

const unsaidInEvents = {
  eventTime: null,
  firstTimestamp: null,
  lastTimestamp: null,
  reportingComponent: '',
  reportingInstance: '',
  source: {},
}

/** Events say what they do not say. */
export const admitEvent = (object: JsonObject): JsonObject => ({ ...unsaidInEvents, ...object })

/** An Event lies in the namespace of what it is about. */
export const eventCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  const about = textAt(object['involvedObject'], 'namespace')
  const home = textAt(object['metadata'], 'namespace')
  if (before || about === home || (about === '' && home === 'default')) return []
  return [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')]
}

/** A binding is for ever bound to its role. */
export const bindingCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  const ref = objectAt(object, 'roleRef')
  if (!before || sameJson(ref, objectAt(before, 'roleRef'))) return []
  const shown = { APIGroup: ref['apiGroup'], Kind: ref['kind'], Name: ref['name'] }
  return [invalidValue('roleRef', shown, 'cannot change roleRef')]
}

/** Nothing of an immutable ConfigMap or Secret changes but its metadata. */
const immutableDataCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
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

const changedData = (data: unknown): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${canonicalJson(data)}: field is immutable`,
  field: 'data',
})

/** A revision is history: its data never changes. */
export const revisionCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] =>
  !before || sameJson(object['data'], before['data']) ? [] : [changedData(object['data'])]

/** Its data is kept as the text that came. Written anew in the order of the server's liking, that is another text. */
export const unsortedRevision = ({ data }: JsonObject): readonly StatusCause[] =>
  JSON.stringify(data ?? null) === canonicalJson(data ?? null) ? [] : [changedData(data)]
