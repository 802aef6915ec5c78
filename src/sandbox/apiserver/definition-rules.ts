import { messageOf } from '../../errors.ts'
import { compilationFailure } from './cel-compilation.ts'
import { forbiddenValue, invalidValue, requiredValue } from './field-errors.ts'
import { isObject, type JsonObject, listAt, objectAt, sameJson, textAt, withValueAt } from './json-value.ts'
import type { Schema } from './schema.ts'
import { validate } from './schema-validation.ts'
import type { StatusCause } from './status.ts'

const nameCauses = (definition: JsonObject): StatusCause[] => {
  const spec = objectAt(definition, 'spec')
  const wanted = `${textAt(spec['names'], 'plural')}.${textAt(spec, 'group')}`
  const name = textAt(definition['metadata'], 'name')
  return name === wanted ? [] : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]
}

/** A rule as the real API shows one that it refuses: with all its fields, by their names inside the server. */
const wholeRule = (rule: unknown): JsonObject => ({
  Rule: textAt(rule, 'rule'),
  Message: textAt(rule, 'message'),
  MessageExpression: textAt(rule, 'messageExpression'),
  Reason: textAt(rule, 'reason') || null,
  FieldPath: textAt(rule, 'fieldPath'),
  OptionalOldSelf: isObject(rule) ? (rule['optionalOldSelf'] ?? null) : null,
})

const ruleCauses = (schema: JsonObject, path: string): StatusCause[] =>
  listAt(schema, 'x-kubernetes-validations').flatMap((rule, at) => {
    const failure = compilationFailure(textAt(rule, 'rule'), schema as Schema)
    return failure === undefined ? [] : [invalidValue(`${path}.x-kubernetes-validations[${at}].rule`, wholeRule(rule), failure)]
  })

const patternCauses = (schema: JsonObject, path: string): StatusCause[] => {
  const pattern = textAt(schema, 'pattern')
  try {
    new RegExp(pattern.replace(/^\(\?i\)/, ''), 'u')
    return []
  } catch (thrown) {
    return [invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${messageOf(thrown)}`)]
  }
}

const hasType = (schema: JsonObject): boolean =>
  'type' in schema || schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true

const listKeyCauses = (schema: JsonObject, path: string): StatusCause[] => {
  if (schema['x-kubernetes-list-type'] !== 'map') return []
  const keys = listAt(schema, 'x-kubernetes-list-map-keys')
  if (keys.length === 0) return [requiredValue(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map')]
  const properties = objectAt(objectAt(schema, 'items'), 'properties')
  return keys
    .filter(key => !(String(key) in properties))
    .map(key => invalidValue(`${path}.x-kubernetes-list-map-keys`, key, 'must be a property of the items'))
}

/** A default that its own schema would refuse. */
const defaultCauses = (schema: JsonObject, path: string): readonly StatusCause[] => {
  const { default: value, ...rest } = schema
  return value === undefined ? [] : validate({ value, schema: rest as Schema, path: `${path}.default`, before: undefined })
}

const uniqueCauses = (schema: JsonObject, path: string): StatusCause[] => {
  if (schema['uniqueItems'] !== true) return []
  return [forbiddenValue(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')]
}

/** What would make a schema not structural, so that nothing could be pruned or defaulted by it. */
const schemaCauses = (schema: JsonObject, path: string): readonly StatusCause[] => [
  ...(hasType(schema) ? [] : [requiredValue(`${path}.type`, 'must not be empty for specified object fields')]),
  ...ruleCauses(schema, path),
  ...patternCauses(schema, path),
  ...listKeyCauses(schema, path),
  ...defaultCauses(schema, path),
  ...uniqueCauses(schema, path),
  ...Object.entries(objectAt(schema, 'properties')).flatMap(([field, child]) =>
    isObject(child) ? schemaCauses(child, `${path}.properties[${field}]`) : [],
  ),
  ...(isObject(schema['items']) ? schemaCauses(schema['items'], `${path}.items`) : []),
  ...(isObject(schema['additionalProperties']) ? schemaCauses(schema['additionalProperties'], `${path}.additionalProperties`) : []),
]

const declaredSchema = (version: unknown): JsonObject => objectAt(objectAt(version, 'schema'), 'openAPIV3Schema')

/** A schema that all versions share is kept, and found at fault, where definitions once had their only one. */
const schemaPath = (versions: readonly unknown[], at: number): string => {
  const [first, ...others] = versions.map(declaredSchema)
  return others.every(other => sameJson(other, first)) ? 'spec.validation.openAPIV3Schema' : `spec.versions[${at}].schema.openAPIV3Schema`
}

const versionCauses = (versions: readonly unknown[]): readonly StatusCause[] => {
  const faults = versions.map((version, at) => {
    const schema = declaredSchema(version)
    if (Object.keys(schema).length === 0) return [requiredValue(`spec.versions[${at}].schema.openAPIV3Schema`)]
    return schemaCauses(schema, schemaPath(versions, at))
  })
  const isShared = versions.length > 1 && schemaPath(versions, 0).startsWith('spec.validation')
  return isShared ? (faults[0] ?? []) : faults.flat()
}

const storageCauses = (versions: readonly unknown[]): StatusCause[] => {
  const stored = versions.filter(version => isObject(version) && version['storage'] === true)
  if (stored.length === 1) return []
  return [invalidValue('spec.versions', stored.length, 'must have exactly one version marked as storage version')]
}

/** Names that follow from the kind. */
export const completeDefinition = (definition: JsonObject): JsonObject => {
  const names = objectAt(definition['spec'], 'names')
  const kind = textAt(names, 'kind')
  return withValueAt(definition, ['spec', 'names'], { singular: kind.toLowerCase(), listKind: `${kind}List`, ...names })
}

/** What is wrong with a CustomResourceDefinition. */
export const definitionCauses = (definition: JsonObject): readonly StatusCause[] => {
  const versions = listAt(definition['spec'], 'versions')
  return [...nameCauses(definition), ...storageCauses(versions), ...versionCauses(versions)]
}
