import { customResourceDefinitions } from '../../src/api/crd.ts'
import type { Manifest } from '../../src/api/object.ts'
import type { Schema } from '../../src/api/structural-schema.ts'
import { cell, type Generator, origin, table } from './generator.ts'

interface Field {
  readonly path: string
  readonly schema: Schema
  readonly required: boolean
}

/** Every field below a schema, in the order of the schema; list elements as `[]`, free keys as `.*`. */
const fieldsOfSchema = (schema: Schema, path: string): readonly Field[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const field = { path: `${path}.${name}`, schema: inner, required: schema.required?.includes(name) ?? false }
    return isOldSpelling(inner) ? [field] : [field, ...fieldsOfSchema(inner, field.path)]
  }),
  ...(schema.items ? fieldsOfSchema(schema.items, `${path}[]`) : []),
  ...(schema.additionalProperties ? fieldsOfSchema(schema.additionalProperties, `${path}.*`) : []),
]

/** What is inside an older spelling is described where today's stands. */
const isOldSpelling = ({ description = '' }: Schema): boolean => description.startsWith('Deprecated, read as')

const typeOf = (schema: Schema): string => {
  if (schema['x-kubernetes-int-or-string']) return 'integer or string'
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.additionalProperties) return `map of ${typeOf(schema.additionalProperties)}`
  return schema.multipleOf === 1 ? 'whole number' : (schema.type ?? 'any')
}

/** What a value must be, in the words of the column: bounds, alternatives, pattern. */
const boundsOf = ({ schema, required }: Field): string =>
  [
    ...(required ? ['required'] : []),
    ...(schema.enum ? [schema.enum.map(word => `\`${word || '""'}\``).join(', ')] : []),
    ...bound('at least', schema.minimum),
    ...bound('at most', schema.maximum),
    ...bound('shortest', schema.minLength),
    ...bound('longest', schema.maxLength),
    ...bound('elements at most', schema.maxItems),
    ...(schema.pattern ? [`\`${schema.pattern}\``] : []),
    ...(schema.oneOf ? [`one of ${schema.oneOf.flatMap(({ required: names = [] }) => names).join(', ')}`] : []),
  ].join('; ')

const bound = (words: string, value: number | undefined): readonly string[] => (value === undefined ? [] : [`${words} ${value}`])

/** The generator appends what absence stands for to the description; here it has a column of its own. */
const defaultSentence = / Default: (.*)\.$/

const rowOf = (field: Field): readonly string[] => {
  const { description = '', default: written } = field.schema
  const presumed = defaultSentence.exec(description)?.[1] ?? ''
  const initial = written === undefined ? presumed : `${String(written)} (written by the API server)`
  return [`\`${field.path}\``, typeOf(field.schema), cell(initial), cell(boundsOf(field)), cell(description.replace(defaultSentence, ''))]
}

const rulesBelow = (schema: Schema, path: string): readonly (readonly string[])[] => [
  ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => [`\`${path}\``, cell(message)]),
  ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => rulesBelow(inner, `${path}.${name}`)),
]

interface VersionedSpec {
  readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
  readonly names: { readonly kind: string }
}

const page = (crd: Manifest): string => {
  const { names, versions } = crd['spec'] as VersionedSpec
  const { description = '', properties = {} } = versions[0]?.schema.openAPIV3Schema ?? {}
  const head = ['Field', 'Type', 'Default', 'Bounds', 'Meaning']
  const section = (name: string): string => {
    const rows = fieldsOfSchema(properties[name] ?? {}, name).map(rowOf)
    return rows.length === 0 ? '' : `## \`${name}\`\n\n${table(head, rows)}\n`
  }
  const rules = rulesBelow(properties['spec'] ?? {}, 'spec')
  const ruleSection =
    rules.length === 0
      ? ''
      : `## Rules\n\nThe API server refuses manifests that break one of these.\n\n${table(['Field', 'Rule'], rules)}\n`
  return [`# ${names.kind}\n\n<!-- ${origin} -->\n\n${description}\n`, section('spec'), ruleSection, section('status')]
    .filter(Boolean)
    .join('\n')
}

const kebab = (kind: string): string => kind.replaceAll(/(?<=[a-z])[A-Z]/g, letter => `-${letter}`).toLowerCase()

/** One page per kind: every field with type, default, bounds and meaning. */
export const fieldReference: readonly Generator[] = customResourceDefinitions().map(crd => ({
  path: `docs/reference/${kebab((crd['spec'] as VersionedSpec).names.kind)}.md`,
  content: () => page(crd),
}))
