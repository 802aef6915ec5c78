import { duplicateValue, invalidValue, requiredValue, tooLong, tooMany, unsupportedValue, wrongType } from './field-errors.ts'
import { matchesFormat } from './formats.ts'
import { canonicalJson, type JsonObject, sameJson } from './json-value.ts'
import { anything, type Schema } from './schema.ts'
import { changedParts, identityOf, type Judged, joinPath } from './schema-walk.ts'
import type { StatusCause } from './status.ts'

type Check = (value: never, schema: Schema, path: string) => readonly (StatusCause | false | undefined)[]

const typeNameOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

const hasType = (value: unknown, schema: Schema): boolean => {
  if (value === null) return schema.nullable === true || schema === anything
  const found = typeNameOf(value)
  if (schema['x-kubernetes-int-or-string']) return found === 'integer' || found === 'string' || schema.format === 'quantity'
  if (schema.type === undefined) return true
  return found === schema.type || (schema.type === 'number' && found === 'integer')
}

const wantedType = (schema: Schema): string => (schema['x-kubernetes-int-or-string'] ? 'integer,string' : (schema.type ?? 'any'))

const regularExpressions = new Map<string, RegExp>()

/** Patterns are written for RE2, whose leading `(?i)` JavaScript spells as a flag. */
const expressionOf = (pattern: string): RegExp => {
  const known = regularExpressions.get(pattern)
  if (known) return known
  const made = pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), 'iu') : new RegExp(pattern, 'u')
  regularExpressions.set(pattern, made)
  return made
}

const misshapen = (path: string, value: string, format: string): StatusCause => ({
  ...invalidValue(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`),
  reason: 'FieldValueTypeInvalid',
})

const textCauses = (value: string, schema: Schema, path: string): readonly (StatusCause | false | undefined)[] => {
  const { minLength, maxLength, pattern, format } = schema
  return [
    minLength !== undefined &&
      value.length < minLength &&
      invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`),
    maxLength !== undefined && value.length > maxLength && tooLong(path, maxLength),
    pattern !== undefined && !expressionOf(pattern).test(value) && invalidValue(path, value, `${path} in body should match '${pattern}'`),
    format !== undefined &&
      !matchesFormat(value, format) &&
      (format === 'byte' ? wrongType(path, 'string', 'byte') : misshapen(path, value, format)),
  ]
}

const belowMinimum = (value: number, { minimum, exclusiveMinimum }: Schema): boolean =>
  minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)

const aboveMaximum = (value: number, { maximum, exclusiveMaximum }: Schema): boolean =>
  maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)

const numberCauses = (value: number, schema: Schema, path: string): readonly (StatusCause | false | undefined)[] => {
  const { minimum, maximum, multipleOf } = schema
  const atLeast = schema.exclusiveMinimum ? 'greater than' : 'greater than or equal to'
  const atMost = schema.exclusiveMaximum ? 'less than' : 'less than or equal to'
  return [
    belowMinimum(value, schema) && invalidValue(path, value, `${path} in body should be ${atLeast} ${minimum}`),
    aboveMaximum(value, schema) && invalidValue(path, value, `${path} in body should be ${atMost} ${maximum}`),
    multipleOf !== undefined &&
      value % multipleOf !== 0 &&
      invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`),
  ]
}

const duplicateCauses = (value: readonly unknown[], schema: Schema, path: string): StatusCause[] => {
  if ((schema['x-kubernetes-list-type'] ?? 'atomic') === 'atomic') return []
  const seen = new Set<string>()
  return value.flatMap((item, at) => {
    const identity = identityOf(item, schema)
    const text = canonicalJson(identity)
    if (!seen.has(text)) {
      seen.add(text)
      return []
    }
    return [duplicateValue(`${path}[${at}]`, identity)]
  })
}

const listCauses = (value: readonly unknown[], schema: Schema, path: string): readonly (StatusCause | false | undefined)[] => {
  const { minItems, maxItems } = schema
  return [
    minItems !== undefined &&
      value.length < minItems &&
      invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`),
    maxItems !== undefined && value.length > maxItems && tooMany(path, value.length, maxItems),
    ...duplicateCauses(value, schema, path),
  ]
}

const objectCauses = (value: JsonObject, schema: Schema, path: string): readonly (StatusCause | false | undefined)[] => {
  const { minProperties, maxProperties, required = [] } = schema
  const count = Object.keys(value).length
  return [
    ...required.map(field => value[field] === undefined && requiredValue(joinPath(path, field))),
    minProperties !== undefined &&
      count < minProperties &&
      invalidValue(path, count, `${path} in body should have at least ${minProperties} properties`),
    maxProperties !== undefined && count > maxProperties && tooMany(path, count, maxProperties),
  ]
}

const checks: Readonly<Record<string, Check>> = {
  string: textCauses,
  integer: numberCauses,
  number: numberCauses,
  array: listCauses,
  object: objectCauses,
}

const enumCauses = (value: unknown, { enum: allowed }: Schema, path: string): StatusCause[] =>
  allowed && !allowed.some(one => sameJson(one, value)) ? [unsupportedValue(path, value, allowed)] : []

const ownCauses = (value: unknown, schema: Schema, path: string): StatusCause[] => {
  const check = checks[typeNameOf(value)]
  const found = check ? check(value as never, schema, path).filter(cause => cause !== false && cause !== undefined) : []
  return [...found, ...enumCauses(value, schema, path)]
}

const passes = (value: unknown, schema: Schema): boolean => validate({ value, schema, path: '', before: undefined }).length === 0

const logicCauses = (value: unknown, schema: Schema, path: string): StatusCause[] => {
  const found = (schema.allOf ?? []).flatMap(part => validate({ value, schema: part, path, before: undefined }))
  const fail = (words: string): void => {
    found.push(invalidValue(path, typeNameOf(value) === 'object' ? '' : value, `${path} in body ${words}`))
  }
  if (schema.anyOf && !schema.anyOf.some(part => passes(value, part))) fail('must validate at least one schema (anyOf)')
  const matching = schema.oneOf?.filter(part => passes(value, part)).length
  if (matching === 0) fail('must validate one and only one schema (oneOf). Found none valid')
  if (matching !== undefined && matching > 1) fail(`must validate one and only one schema (oneOf). Found ${matching} valid alternatives`)
  if (schema.not && passes(value, schema.not)) fail('must not validate the schema (not)')
  return found
}

/** What of a schema is to be asked at all: most ask for a type and no more, and some for nothing. */
interface Demands {
  readonly anything: boolean
  readonly own: boolean
  readonly logic: boolean
}

const logicWords = ['allOf', 'anyOf', 'oneOf', 'not']
const partWords = ['type', 'properties', 'additionalProperties', 'items', 'nullable', 'x-kubernetes-int-or-string']
/** Words that ask nothing of the structure of a value. */
const otherWords = [
  'description',
  'default',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-map-type',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-validations',
  'x-omit-empty',
]

const demandsKnown = new WeakMap<Schema, Demands>()

const demandsOf = (schema: Schema): Demands => {
  const known = demandsKnown.get(schema)
  if (known) return known
  const words = Object.keys(schema).filter(word => !otherWords.includes(word))
  const logic = words.some(word => logicWords.includes(word))
  const own = words.some(word => !logicWords.includes(word) && !partWords.includes(word))
  const demands = { anything: words.length > 0, own, logic }
  demandsKnown.set(schema, demands)
  return demands
}

/** Items that are as this schema wants them. Nobody changes them in place, and most come again, at another place, in the next version of their list. */
const soundItems = new WeakMap<object, Schema>()

const itemCauses = (judged: Judged): readonly StatusCause[] => {
  const { value, schema, before } = judged
  if (typeof value !== 'object' || value === null || before !== undefined) return validate(judged)
  if (soundItems.get(value) === schema) return []
  const causes = validate(judged)
  if (causes.length === 0) soundItems.set(value, schema)
  return causes
}

const partCauses = (judged: Judged): readonly StatusCause[] => {
  if (typeof judged.value !== 'object') return []
  return changedParts(judged).flatMap(Array.isArray(judged.value) ? itemCauses : validate)
}

/**
 * Every way in which a value breaks the structure its schema asks for, its CEL rules aside.
 * What did not change is not judged again.
 */
export const validate = (judged: Judged): readonly StatusCause[] => {
  const { value, schema, path } = judged
  const demands = demandsOf(schema)
  if (!demands.anything && value !== null) return []
  if (!hasType(value, schema)) return [wrongType(path, typeNameOf(value), wantedType(schema)), ...enumCauses(value, schema, path)]
  if (value === null) return []
  const parts = partCauses(judged)
  if (!demands.own && !demands.logic) return parts
  return [...ownCauses(value, schema, path), ...(demands.logic ? logicCauses(value, schema, path) : []), ...parts]
}
