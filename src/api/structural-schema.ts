import * as z from 'zod'

/** A rule in CEL, as `x-kubernetes-validations` has it. */
export interface Validation {
  readonly rule: string
  readonly message: string
}

/** A structural schema of Kubernetes: OpenAPI 3.0 without references, every node with a type of its own. */
export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly default?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-validations'?: readonly Validation[]
}

/** What zod writes, with the notes of field.ts still in it. */
interface RawSchema extends Omit<Schema, 'properties' | 'items' | 'additionalProperties'> {
  readonly properties?: Readonly<Record<string, RawSchema>>
  readonly items?: RawSchema
  readonly additionalProperties?: RawSchema
  readonly admitMissing?: boolean
  readonly presumed?: unknown
  readonly written?: boolean
}

/** The schema of a zod type as the API server checks it: never stricter than what works in the field (see field.ts). */
export const structuralSchema = (schema: z.ZodType): Schema =>
  structural(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as RawSchema)

const kept = ['type', 'enum', 'oneOf', 'multipleOf', 'minLength', 'maxLength', 'maxItems', 'x-kubernetes-int-or-string'] as const

const structural = (raw: RawSchema): Schema => ({
  ...described(raw),
  ...pick(raw, kept),
  ...bounds(raw),
  ...format(raw),
  ...(raw.written ? { default: raw.default } : {}),
  ...(raw['x-kubernetes-int-or-string'] ? { anyOf: [{ type: 'integer' }, { type: 'string' }] } : {}),
  ...children(raw),
})

const pick = <K extends keyof RawSchema>(raw: RawSchema, keys: readonly K[]): Pick<RawSchema, K> =>
  Object.fromEntries(keys.filter(key => raw[key] !== undefined).map(key => [key, raw[key]])) as Pick<RawSchema, K>

const described = ({ description, presumed, written, default: initial }: RawSchema): Schema => {
  const stand = presumed ?? (written ? undefined : initial)
  const said = stand === undefined || stand === '' || Array.isArray(stand) ? '' : ` Default: ${String(stand)}.`
  return description === undefined ? {} : { description: `${description}${said}` }
}

/** zod says of every whole number that a double holds it exactly; that is no bound of ours. */
const bounds = ({ minimum, maximum }: RawSchema): Schema => ({
  ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
  ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
})

/** Of the formats only times are checked by the API server; zod's own pattern for them says the same again. */
const format = (raw: RawSchema): Schema => {
  if (raw.format === 'date-time') return { format: 'date-time' }
  return raw.pattern === undefined || raw.format !== undefined ? {} : { pattern: raw.pattern }
}

const children = ({ properties, items, additionalProperties, required = [] }: RawSchema): Schema => {
  const demanded = required.filter(name => !properties?.[name]?.admitMissing)
  return {
    ...(demanded.length > 0 ? { required: demanded } : {}),
    ...(properties ? { properties: mapValues(properties, structural) } : {}),
    ...(items ? { items: structural(items) } : {}),
    ...(additionalProperties ? others(additionalProperties) : {}),
  }
}

const others = (schema: RawSchema): Schema =>
  Object.keys(schema).length === 0 ? { 'x-kubernetes-preserve-unknown-fields': true } : { additionalProperties: structural(schema) }

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
