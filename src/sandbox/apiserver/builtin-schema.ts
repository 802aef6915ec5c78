import { atomicTypes, fieldDirectives, quantityFields } from './builtin-directives.ts'
import builtinTypes from './builtin-types.json' with { type: 'json' }
import { anything, type Schema } from './schema.ts'

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = builtinTypes

const scalars: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  byte: { type: 'string', format: 'byte' },
  'date-time': { type: 'string', format: 'date-time', nullable: true },
  V1MicroTime: { type: 'string', format: 'date-time', nullable: true },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  IntOrString: { 'x-kubernetes-int-or-string': true },
  quantity: { 'x-kubernetes-int-or-string': true, format: 'quantity' },
  any: anything,
}

/** How one type is written where another mentions it: in place, or as a reference into a document. */
export type Mention = (type: string) => Schema

const inherent = new Set(['V1ObjectMeta', 'V1PodTemplateSpec'])

/** Parts that cannot be missing, although the API's documents call them required: they are there, if only empty. */
const isEnforced = (attribute: string): boolean => !attribute.startsWith('[') && !inherent.has(attribute)

const bare = (field: string): string => (field.endsWith('!') ? field.slice(0, -1) : field)

const attributeSchema = (attribute: string, mention: Mention): Schema => {
  const inner = attribute.slice(1, -1)
  if (attribute.startsWith('[')) return { type: 'array', items: attributeSchema(inner, mention) }
  if (attribute.startsWith('{')) return { type: 'object', additionalProperties: attributeSchema(inner, mention) }
  return scalars[attribute] ?? mention(attribute)
}

const quantityAttribute = (attribute: string): string => attribute.replace('string', 'quantity')

const fieldOf = (type: string, field: string, mention: Mention): Schema => {
  const path = `${type}.${bare(field)}`
  const attribute = types[type]?.[field] ?? 'any'
  const schema = attributeSchema(quantityFields.has(path) ? quantityAttribute(attribute) : attribute, mention)
  const vanishes = /^[[{]/.test(attribute) && !field.endsWith('!')
  return { ...schema, ...fieldDirectives[path], ...(vanishes ? { 'x-omit-empty': true } : {}) }
}

const bareFields = new Map<string, Readonly<Record<string, string>>>()

/** Field → type, as the table of built-in types writes it. */
export const typeFieldsOf = (type: string): Readonly<Record<string, string>> => {
  const known = bareFields.get(type)
  if (known) return known
  const fields = Object.fromEntries(Object.entries(types[type] ?? {}).map(([field, attribute]) => [bare(field), attribute]))
  bareFields.set(type, fields)
  return fields
}

/** The schema of one type; types it mentions are written as `mention` says. */
const typeSchema = (type: string, mention: Mention): Schema => {
  const fields = types[type] ?? {}
  const required = Object.keys(fields).filter(field => field.endsWith('!') && isEnforced(fields[field] ?? ''))
  return {
    type: 'object',
    ...(atomicTypes.has(type) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(required.length === 0 ? {} : { required: required.map(bare) }),
    properties: Object.fromEntries(Object.keys(fields).map(field => [bare(field), fieldOf(type, field, mention)])),
  }
}

/** As `typeSchema`, and it also calls required what nobody checks because it is always there: for people to read. */
export const publishedSchema = (type: string, mention: Mention): Schema => {
  const required = Object.keys(types[type] ?? {}).filter(field => field.endsWith('!'))
  return { ...typeSchema(type, mention), ...(required.length === 0 ? {} : { required: required.map(bare) }) }
}

const whole = new Map<string, Schema>()

/** The schema of a built-in type with everything it mentions written in place. */
export const builtinSchema = (type: string): Schema => {
  const known = whole.get(type)
  if (known) return known
  // Known before it is complete: some types mention themselves.
  const schema: Schema = {}
  whole.set(type, schema)
  return Object.assign(schema, typeSchema(type, builtinSchema))
}

/** Metadata of every object, built-in or custom. */
export const metadataSchema = builtinSchema('V1ObjectMeta')
