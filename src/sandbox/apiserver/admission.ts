import { typeOfKind } from './builtin-resources.ts'
import { metadataSchema } from './builtin-schema.ts'
import type { Endpoint } from './catalogue.ts'
import { celCauses, hasRules } from './cel-rules.ts'
import { cannotBeHandled, patchInvalid } from './decoding.ts'
import { unmarshalWords } from './go-words.ts'
import { type JsonObject, objectAt, textAt } from './json-value.ts'
import { metadataCauses } from './metadata-rules.ts'
import { resourceId } from './resource.ts'
import { scaleCauses } from './scaling.ts'
import type { Schema } from './schema.ts'
import { validate } from './schema-validation.ts'
import type { Judged } from './schema-walk.ts'
import { invalid, type Named, type StatusCause } from './status.ts'
import { strategyOf } from './strategies.ts'

/** An object about to be stored, and the stored one it replaces. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly object: JsonObject
  readonly before: JsonObject | undefined
  /** Made by a patch, whose author is told of a value that does not fit its type in other words. */
  readonly isPatched?: boolean
  /** The subresource through which it was written; '' for none. */
  readonly door?: string
}

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

/** Faults after which the rules are not asked: they may rely on types, on what is there and on how much it is. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

const ruleCauses = (judged: Judged, found: readonly StatusCause[]): readonly StatusCause[] => {
  if (!found.some(({ reason }) => blocking.has(reason))) return celCauses(judged)
  return hasRules(judged.schema) ? [unchecked] : []
}

/** A status that is written through its own door is judged from there on: the words of a fault begin below it. */
const asSeenFromStatus = (cause: StatusCause): StatusCause => {
  const { field = '', message } = cause
  return field.startsWith('status.')
    ? { ...cause, message: message.replace(`${field} in body`, `${field.slice('status.'.length)} in body`) }
    : cause
}

/** @param earlier what is wrong with the metadata */
const customCauses = ({ endpoint, object, before, door }: Candidate, earlier: readonly StatusCause[]): readonly StatusCause[] => {
  const judged: Judged = { value: object, schema: endpoint.version.schema, path: '', before }
  const structural = [...validate(judged), ...scaleCauses(object, endpoint.version)]
  const all = [...structural, ...ruleCauses(judged, [...earlier, ...structural])]
  return door === 'status' ? all.map(asSeenFromStatus) : all
}

const typedCauses = (
  { metadata: _metadata, ...value }: JsonObject,
  schema: Schema,
  before: JsonObject | undefined,
): readonly StatusCause[] => validate({ value, schema, path: '', before }).filter(cause => !isRequiredInStatus(cause))

const schemaCauses = (candidate: Candidate, earlier: readonly StatusCause[]): readonly StatusCause[] => {
  const { endpoint, object, before } = candidate
  return endpoint.resource.builtin ? typedCauses(object, endpoint.version.schema, before) : customCauses(candidate, earlier)
}

const metadataTypeCauses = ({ object, before }: Candidate): readonly StatusCause[] =>
  validate({ value: objectAt(object, 'metadata'), schema: metadataSchema, path: 'metadata', before: before?.['metadata'] })

/** Values that do not fit the types of a built-in kind cannot even be read: the first one ends it. */
const refuseWrongTypes = (causes: readonly StatusCause[], { endpoint, object, isPatched }: Candidate): void => {
  const wrong = causes.find(cause => cause.reason === 'FieldValueTypeInvalid')
  if (!wrong || !endpoint.resource.builtin) return
  const { group, kind } = endpoint.resource
  const words = unmarshalWords(object, typeOfKind(group, kind) ?? kind, wrong.field ?? '')
  throw isPatched ? patchInvalid(object, words) : cannotBeHandled(endpoint, words)
}

/** @throws {StatusError} 400 or 422 that names every field at fault */
export const checkCandidate = (candidate: Candidate): void => {
  const { endpoint, object, before } = candidate
  const metadata = metadataCauses(object, before, endpoint.resource)
  const typed = [...(endpoint.resource.builtin ? metadataTypeCauses(candidate) : []), ...schemaCauses(candidate, metadata)]
  refuseWrongTypes(typed, candidate)
  const strategy = strategyOf(resourceId(endpoint.resource))
  const causes = [...metadata, ...typed, ...(strategy.validate?.(object, before) ?? [])]
  if (causes.length > 0) throw invalid(namedBy(endpoint, textAt(object['metadata'], 'name')), causes)
}
