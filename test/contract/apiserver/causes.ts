import type { Cause } from './contract-case.ts'

export const wrong = (field: string, value: unknown, words: string): Cause => [
  'FieldValueInvalid',
  field,
  `Invalid value: ${JSON.stringify(value)}: ${words}`,
]

/** A value of another type than the schema asks for. */
export const mistyped = (field: string, found: string, wanted: string): Cause => [
  'FieldValueTypeInvalid',
  field,
  `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`,
]

export const missing = (field: string, words = ''): Cause => [
  'FieldValueRequired',
  field,
  words === '' ? 'Required value' : `Required value: ${words}`,
]

export const prohibited = (field: string, words: string): Cause => ['FieldValueForbidden', field, `Forbidden: ${words}`]

export const doubled = (field: string, value: unknown): Cause => ['FieldValueDuplicate', field, `Duplicate value: ${JSON.stringify(value)}`]

export const unsupported = (field: string, value: unknown, supported: readonly string[]): Cause => [
  'FieldValueNotSupported',
  field,
  `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map(one => JSON.stringify(one)).join(', ')}`,
]

/** A broken rule of `x-kubernetes-validations`. */
export const ruled = (field: string, words: string): Cause => ['FieldValueInvalid', field, `Invalid value: ${words}`]

/** Follows the faults of an object of a defined kind whose rules could therefore not be asked. */
export const unasked: Cause = wrong(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)
