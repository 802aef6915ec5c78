import { invalidValue, requiredValue } from './field-errors.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt, withField } from './json-value.ts'
import type { StatusCause } from './status.ts'

const completePort = (port: unknown): unknown =>
  isObject(port) && port['targetPort'] === undefined ? { ...port, targetPort: port['port'] } : port

const external = 'ExternalName'

const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']

/** What was once handed out stays when a client that does not know it writes the rest. */
const kept = (before: JsonObject | undefined): JsonObject =>
  Object.fromEntries(Object.entries(objectAt(before, 'spec')).filter(([field]) => allocated.includes(field)))

const withoutBlankAddress = (spec: JsonObject): JsonObject =>
  textAt(spec, 'clusterIP') === '' ? withField(spec, 'clusterIP', undefined) : spec

/** Ports point at themselves, and the cluster is the only traffic policy. */
export const completeService = (object: JsonObject, before: JsonObject | undefined): JsonObject => {
  const spec = objectAt(object, 'spec')
  if (textAt(spec, 'type') === external) return object
  const ports = listAt(spec, 'ports').map(completePort)
  const whole = { internalTrafficPolicy: 'Cluster', ...kept(before), ...withoutBlankAddress(spec) }
  return { ...object, spec: ports.length === 0 ? whole : { ...whole, ports } }
}

const rangeCauses = (path: string, number: unknown): StatusCause[] =>
  typeof number === 'number' && (number < 1 || number > 65_535)
    ? [invalidValue(path, number, 'must be between 1 and 65535, inclusive')]
    : []

const portCauses = (port: unknown, path: string, several: boolean): StatusCause[] => {
  const number = isObject(port) ? port['port'] : undefined
  const target = isObject(port) ? port['targetPort'] : undefined
  return [
    ...(several && textAt(port, 'name') === '' ? [requiredValue(`${path}.name`)] : []),
    ...rangeCauses(`${path}.port`, number),
    ...rangeCauses(`${path}.targetPort`, target),
  ]
}

const immutableAddress = (spec: JsonObject, before: JsonObject | undefined): StatusCause[] => {
  const old = textAt(before?.['spec'], 'clusterIP')
  const now = textAt(spec, 'clusterIP')
  if (old === '' || old === now || textAt(spec, 'type') === external) return []
  return [invalidValue('spec.clusterIPs[0]', [now], 'may not change once set')]
}

/** What is wrong with a Service. */
export const serviceCauses = (object: JsonObject, before: JsonObject | undefined): readonly StatusCause[] => {
  const spec = objectAt(object, 'spec')
  const ports = listAt(spec, 'ports')
  const headless = textAt(spec, 'clusterIP') === 'None'
  const needsPorts = textAt(spec, 'type') !== external && !headless && ports.length === 0
  const named = textAt(spec, 'type') === external && textAt(spec, 'externalName') === ''
  return [
    ...(needsPorts ? [requiredValue('spec.ports')] : []),
    ...(named ? [requiredValue('spec.externalName')] : []),
    ...ports.flatMap((port, at) => portCauses(port, `spec.ports[${at}]`, ports.length > 1)),
    ...immutableAddress(spec, before),
  ]
}
