import { metadataSchema } from './builtin-schema.ts'
import type { Endpoint } from './catalogue.ts'
import { celCauses, hasRules } from './cel-rules.ts'
import { cannotBeHandled } from './decoding.ts'
import { type JsonObject, objectAt, textAt } from './json-value.ts'
import { metadataCauses } from './metadata-rules.ts'
import { resourceId } from './resource.ts'
import type { Schema } from './schema.ts'
import { validate } from './schema-validation.ts'
import type { Judged } from './schema-walk.ts'
import { invalid, type Named, type StatusCause, StatusError } from './status.ts'
import { strategyOf } from './strategies.ts'

/** An object about to be stored, and the stored one it replaces. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly object: JsonObject
  readonly before: JsonObject | undefined
}

const objectLimitBytes = 1536 * 1024

export const namedBy = ({ resource }: Endpoint, name?: string): Named => ({
  group: resource.group,
  plural: resource.plural,
  kind: resource.kind,
  ...(name === undefined ? {} : { name }),
})

/** Statuses of built-in kinds are the controllers' business: the real API does not look for missing fields there either. */
const isRequiredInStatus = ({ reason, field = '' }: StatusCause): boolean => reason === 'FieldValueRequired' && field.startsWith('status.')

const unchecked: StatusCause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
}

/** Rules are asked only about objects that are sound otherwise: they may rely on the schema. */
const customCauses = (judged: Judged): readonly StatusCause[] => {
  const structural = validate(judged)
  if (structural.length === 0) return celCauses(judged)
  const isUnsound = structural.some(({ reason }) => reason !== 'FieldValueDuplicate')
  return isUnsound && hasRules(judged.schema) ? [...structural, unchecked] : structural
}

const typedCauses = (
  { metadata: _metadata, ...value }: JsonObject,
  schema: Schema,
  before: JsonObject | undefined,
): readonly StatusCause[] => validate({ value, schema, path: '', before }).filter(cause => !isRequiredInStatus(cause))

const schemaCauses = ({ endpoint, object, before }: Candidate): readonly StatusCause[] => {
  const { resource, version } = endpoint
  if (resource.builtin) return typedCauses(object, version.schema, before)
  return customCauses({ value: object, schema: version.schema, path: '', before })
}

const metadataTypeCauses = (object: JsonObject): readonly StatusCause[] =>
  validate({ value: objectAt(object, 'metadata'), schema: metadataSchema, path: 'metadata', before: undefined })

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

/** @throws {StatusError} 400 or 422 that names every field at fault, 413 when it would be too large for etcd */
export const checkCandidate = (candidate: Candidate): void => {
  const { endpoint, object, before } = candidate
  const typed = [...(endpoint.resource.builtin ? metadataTypeCauses(object) : []), ...schemaCauses(candidate)]
  refuseWrongTypes(typed, endpoint)
  const strategy = strategyOf(resourceId(endpoint.resource))
  const causes = [...metadataCauses(object, before, endpoint.resource), ...typed, ...(strategy.validate?.(object, before) ?? [])]
  if (causes.length > 0) throw invalid(namedBy(endpoint, textAt(object['metadata'], 'name')), causes)
  checkSize(object)
}
