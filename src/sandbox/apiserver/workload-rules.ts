import { invalidValue, requiredValue } from './field-errors.ts'
import { isObject, type JsonObject, listAt, objectAt, sameJson, textAt, valueAt } from './json-value.ts'
import { labelCauses } from './metadata-rules.ts'
import type { StatusCause } from './status.ts'

const negativeCauses = (spec: JsonObject): StatusCause[] =>
  ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'].flatMap(field => {
    const value = spec[field]
    return typeof value === 'number' && value < 0 ? [invalidValue(`spec.${field}`, value, 'must be greater than or equal to 0')] : []
  })

const deadlineCauses = (spec: JsonObject): StatusCause[] => {
  const { progressDeadlineSeconds: deadline, minReadySeconds: ready = 0 } = spec
  if (typeof deadline !== 'number' || typeof ready !== 'number' || deadline > ready) return []
  return [invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')]
}

const selectsTemplate = (selector: JsonObject, labels: JsonObject): boolean =>
  Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value) &&
  listAt(selector, 'matchExpressions').every(expression => {
    const key = textAt(expression, 'key')
    const values = listAt(expression, 'values')
    switch (textAt(expression, 'operator')) {
      case 'In':
        return values.includes(labels[key])
      case 'NotIn':
        return !values.includes(labels[key])
      case 'Exists':
        return labels[key] !== undefined
      default:
        return labels[key] === undefined
    }
  })

const selectorCauses = (spec: JsonObject): StatusCause[] => {
  const selector = spec['selector'] ?? undefined
  const template = objectAt(objectAt(spec, 'template'), 'metadata')['labels'] ?? null
  const mismatch = [invalidValue('spec.template.metadata.labels', template, '`selector` does not match template `labels`')]
  if (!isObject(selector)) return mismatch
  if (Object.keys(selector).length === 0) return [invalidValue('spec.selector', {}, 'empty selector is invalid for deployment')]
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels')
  if (selectsTemplate(selector, labels)) return labelCauses(labels, 'spec.template.metadata.labels')
  return mismatch
}

const immutableCauses = (object: JsonObject, before: JsonObject | undefined): StatusCause[] => {
  if (!before) return []
  const selector = objectAt(object['spec'], 'selector')
  if (sameJson(selector, objectAt(before['spec'], 'selector'))) return []
  return [invalidValue('spec.selector', selector, 'field is immutable')]
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

const portCauses = (container: unknown, path: string): StatusCause[] =>
  listAt(container, 'ports').flatMap((port, at) => {
    const number = valueAt(port, ['containerPort'])
    const inRange = typeof number !== 'number' || (number >= 1 && number <= 65_535)
    return inRange ? [] : [invalidValue(`${path}.ports[${at}].containerPort`, number, 'must be between 1 and 65535, inclusive')]
  })

const containerCauses = (container: unknown, path: string): StatusCause[] => {
  const name = textAt(container, 'name')
  const named =
    name === '' || dnsLabel.test(name)
      ? []
      : [
          invalidValue(
            `${path}.name`,
            name,
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          ),
        ]
  const image = textAt(container, 'image') === '' ? [requiredValue(`${path}.image`)] : []
  return [...named, ...image, ...portCauses(container, path)]
}

/** What is wrong with the spec of a pod, wherever it stands. */
const podSpecCauses = (spec: JsonObject, path: string): StatusCause[] => {
  const containers = listAt(spec, 'containers')
  if (containers.length === 0) return [requiredValue(`${path}.containers`)]
  const all = [
    ...containers.map((container, at) => [container, `${path}.containers[${at}]`] as const),
    ...listAt(spec, 'initContainers').map((container, at) => [container, `${path}.initContainers[${at}]`] as const),
  ]
  return all.flatMap(([container, place]) => containerCauses(container, place))
}

/** What is wrong with a pod when it is created; afterwards its node and its controllers change it. */
export const podCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] =>
  before ? [] : podSpecCauses(objectAt(object, 'spec'), 'spec')

/** What is wrong with a workload that runs a pod template. */
export const workloadCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  // What stayed the very same was judged when it came. Most writes are about the status.
  if (before && object['spec'] === before['spec']) return []
  const spec = objectAt(object, 'spec')
  const podSpec = objectAt(objectAt(spec, 'template'), 'spec')
  return [
    ...negativeCauses(spec),
    ...deadlineCauses(spec),
    ...selectorCauses(spec),
    ...immutableCauses(object, before),
    ...podSpecCauses(podSpec, 'spec.template.spec'),
  ]
}
