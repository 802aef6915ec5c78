/** A CEL rule of a CRD schema (`x-kubernetes-validations`). */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

/**
 * The part of OpenAPI v3 that Kubernetes allows in a structural schema, plus the merge directives of built-in kinds.
 * One form for all: validation, defaulting, pruning, field ownership, patches and the published documents read it.
 */
export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly nullable?: boolean
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: boolean
  readonly exclusiveMaximum?: boolean
  readonly multipleOf?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly $ref?: string
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-patch-merge-key'?: string
  /** Built-in lists and maps that vanish when they are empty, as Go's `omitempty` has it. */
  readonly 'x-omit-empty'?: true
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

/** Says nothing: everything is allowed, maps are merged field by field, lists are one value. */
export const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

/** What governs one field of an object, and whether the schema names that field itself. */
export const fieldSchema = (schema: Schema, field: string): { readonly schema: Schema; readonly named: boolean } => {
  const { properties } = schema
  return { schema: schemaOfField(schema, field), named: properties !== undefined && Object.hasOwn(properties, field) }
}

/** As `fieldSchema`, for who only asks what governs the field. */
export const schemaOfField = ({ properties, additionalProperties }: Schema, field: string): Schema => {
  if (properties && Object.hasOwn(properties, field)) return properties[field] ?? anything
  return typeof additionalProperties === 'object' ? additionalProperties : anything
}

export const itemSchema = (schema: Schema): Schema => schema.items ?? anything

/** Whether field ownership treats the value as one piece. Lists are, unless the schema says otherwise. */
export const isAtomic = (schema: Schema, value: unknown): boolean => {
  if (Array.isArray(value)) return (schema['x-kubernetes-list-type'] ?? 'atomic') === 'atomic'
  return schema['x-kubernetes-map-type'] === 'atomic'
}
