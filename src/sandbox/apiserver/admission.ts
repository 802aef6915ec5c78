import type { Endpoint } from './catalogue.ts'
import { cannotBeHandled } from './decoding.ts'
import { type JsonObject, objectAt, textAt } from './json-value.ts'
import { metadataCauses } from './metadata-rules.ts'
import { resourceId } from './resource.ts'
import { fieldSchema, type Schema } from './schema.ts'
import { validate } from './schema-validation.ts'
import { invalid, type Named, type StatusCause, StatusError } from './status.ts'
import { strategyOf } from './strategies.ts'

const objectLimitBytes = 1536 * 1024

export const namedBy = ({ resource }: Endpoint, name?: string): Named => ({
  group: resource.group,
  plural: resource.plural,
  kind: resource.kind,
  ...(name === undefined ? {} : { name }),
})

/** Statuses of built-in kinds are the controllers' business: the real API does not look for missing fields there either. */
const isRequiredInStatus = ({ reason, field = '' }: StatusCause): boolean => reason === 'FieldValueRequired' && field.startsWith('status.')

const partsOf = (schema: Schema): Schema => ({ ...schema, required: (schema.required ?? []).filter(field => field !== 'metadata') })

const schemaCauses = (endpoint: Endpoint, object: JsonObject, before: JsonObject | undefined): StatusCause[] => {
  const { metadata: _metadata, ...value } = object
  const { resource, version } = endpoint
  // Rules at the root may speak of metadata, so custom objects are judged with it.
  const judged = resource.builtin ? value : object
  const causes = validate(judged, partsOf(version.schema), { path: '', before })
  return resource.builtin ? causes.filter(cause => !isRequiredInStatus(cause)) : causes
}

const typeCauses = (object: JsonObject, endpoint: Endpoint): StatusCause[] => {
  const { schema } = fieldSchema(endpoint.version.schema, 'metadata')
  return endpoint.resource.builtin ? validate(objectAt(object, 'metadata'), schema, { path: 'metadata', before: undefined }) : []
}

const refuseWrongTypes = (causes: readonly StatusCause[], endpoint: Endpoint): void => {
  const wrong = causes.find(cause => cause.reason === 'FieldValueTypeInvalid')
  if (wrong && endpoint.resource.builtin) throw cannotBeHandled(endpoint, `json: cannot unmarshal ${wrong.field}: ${wrong.message}`)
}

const checkSize = (object: JsonObject): void => {
  const { length } = JSON.stringify(object)
  if (length > objectLimitBytes) {
    throw new StatusError(413, 'RequestEntityTooLarge', { message: `etcdserver: request is too large: ${length} > ${objectLimitBytes}` })
  }
}

/** An object about to be stored, and the stored one it replaces. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly object: JsonObject
  readonly before: JsonObject | undefined
}

/** @throws {StatusError} 400 or 422 that names every field at fault, 413 when it would be too large for etcd */
export const checkCandidate = ({ endpoint, object, before }: Candidate): void => {
  const typed = [...typeCauses(object, endpoint), ...schemaCauses(endpoint, object, before)]
  refuseWrongTypes(typed, endpoint)
  const strategy = strategyOf(resourceId(endpoint.resource))
  const causes = [...metadataCauses(object, before, endpoint.resource), ...typed, ...(strategy.validate?.(object, before) ?? [])]
  if (causes.length > 0) throw invalid(namedBy(endpoint, textAt(object['metadata'], 'name')), causes)
  checkSize(object)
}
