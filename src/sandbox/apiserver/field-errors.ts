import type { StatusCause } from './status.ts'

const escapes: Readonly<Record<string, string>> = { '<': String.raw`\u003c`, '>': String.raw`\u003e`, '&': String.raw`\u0026` }

/** Objects are shown as Go writes JSON, which keeps them out of the way of HTML. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'null'
  return typeof value === 'object' ? text.replaceAll(/[<>&]/g, character => escapes[character] ?? character) : text
}

export const invalidValue = (field: string, value: unknown, words: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${shown(value)}: ${words}`,
  field,
})

export const wrongType = (field: string, found: string, wanted: string): StatusCause => ({
  reason: 'FieldValueTypeInvalid',
  message: `Invalid value: ${shown(found)}: ${field} in body must be of type ${wanted}: ${shown(found)}`,
  field,
})

export const requiredValue = (field: string, words = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  message: words === '' ? 'Required value' : `Required value: ${words}`,
  field,
})

export const unsupportedValue = (field: string, value: unknown, supported: readonly unknown[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
  field,
})

export const duplicateValue = (field: string, value: unknown): StatusCause => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${shown(value)}`,
  field,
})

export const forbiddenValue = (field: string, words: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  message: `Forbidden: ${words}`,
  field,
})

export const tooLong = (field: string, limit: number): StatusCause => ({
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${limit} bytes`,
  field,
})

export const tooMany = (field: string, count: number, limit: number): StatusCause => ({
  reason: 'FieldValueTooMany',
  message: `Too many: ${count}: must have at most ${limit} items`,
  field,
})
