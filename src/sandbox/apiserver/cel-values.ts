import { isObject, type JsonObject } from './json-value.ts'
import { fieldSchema, itemSchema, type Schema } from './schema.ts'

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/** A property as rules must write it: CEL has no way to spell `foo-bar` or `namespace` after a dot. */
const propertyName = (field: string): string => {
  if (reserved.has(field)) return `__${field}__`
  return field.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}

const numberOf = (value: number, schema: Schema): unknown => (schema.type !== 'number' && Number.isInteger(value) ? BigInt(value) : value)

/** Text forms that CEL sees as values of their own. */
export type TextReader = (text: string, format: string) => unknown

const recordOf = (value: JsonObject, schema: Schema, readText: TextReader): Record<string, unknown> => {
  const record: Record<string, unknown> = {}
  for (const field of Object.keys(value)) {
    const child = fieldSchema(schema, field)
    record[child.named ? propertyName(field) : field] = celValue(value[field], child.schema, readText)
  }
  return record
}

/** JSON as CEL sees it: whole numbers as int, formatted texts as timestamps or durations, property names escaped. */
export const celValue = (value: unknown, schema: Schema, readText: TextReader): unknown => {
  if (typeof value === 'number') return numberOf(value, schema)
  if (typeof value === 'string') return schema.format === undefined ? value : readText(value, schema.format)
  if (Array.isArray(value)) return value.map(item => celValue(item, itemSchema(schema), readText))
  return isObject(value) ? recordOf(value, schema, readText) : value
}
