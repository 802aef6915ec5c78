import { builtinResources, typeOfKind } from './builtin-resources.ts'
import { publishedSchema } from './builtin-schema.ts'
import type { Catalogue } from './catalogue.ts'
import { type Group, groupsOf } from './discovery.ts'
import { type JsonObject, objectAt } from './json-value.ts'
import type { Resource, Version } from './resource.ts'
import type { Schema } from './schema.ts'

const pathOf = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`)

const documents = (catalogue: Catalogue): { path: string; group: Group; version: Group['versions'][number] }[] =>
  groupsOf(catalogue).flatMap(group => group.versions.map(version => ({ path: pathOf(group.name, version.name), group, version })))

/** `/openapi/v3`: one document per group and version. The hash changes with the catalogue, so that clients cache safely. */
export const documentIndex = (catalogue: Catalogue): JsonObject => ({
  paths: Object.fromEntries(
    documents(catalogue).map(({ path }) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${catalogue.edition()}` }]),
  ),
})

const groupOfType = new Map(
  builtinResources
    .filter(({ builtin }) => builtin)
    .map(({ group, kind }) => [typeOfKind(group, kind) ?? kind, group.split('.')[0] || 'core']),
)

/** `V1Deployment` → `io.k8s.api.apps.v1.Deployment`, `V1PodSpec` → `io.k8s.v1.PodSpec`: people are shown what follows the last dot. */
const componentName = (type: string): string => {
  const home = groupOfType.get(type)
  const [, , kindVersion = '', kind = ''] = /^([A-Za-z]*?)V(\d)([A-Z].*)$/.exec(type) ?? []
  if (home !== undefined) return `io.k8s.api.${home}.v${kindVersion}.${kind}`
  const [, group = '', version = '', name = type] = /^([A-Za-z]*?)V(\d)([A-Z].*)$/.exec(type) ?? []
  return ['io.k8s', group.toLowerCase(), `v${version}`, name].filter(part => part !== '').join('.')
}

const reference = (type: string): Schema => ({ $ref: `#/components/schemas/${componentName(type)}` })

/** Collects a built-in type and all it mentions under names of its own. */
const addType = (type: string, schemas: Record<string, Schema>): void => {
  const name = componentName(type)
  if (schemas[name]) return
  const waiting: string[] = []
  schemas[name] = publishedSchema(type, mentioned => {
    waiting.push(mentioned)
    return reference(mentioned)
  })
  for (const mentioned of waiting) addType(mentioned, schemas)
}

/** OpenAPI ignores everything beside a reference, so a reference with more to say goes into `allOf`. */
const wrapReferences = (schema: Schema): Schema => {
  const { $ref, ...rest } = schema
  if ($ref !== undefined) return Object.keys(rest).length === 0 ? schema : { ...rest, allOf: [{ $ref }] }
  return {
    ...schema,
    ...(schema.properties
      ? { properties: Object.fromEntries(Object.entries(schema.properties).map(([field, child]) => [field, wrapReferences(child)])) }
      : {}),
    ...(schema.items ? { items: wrapReferences(schema.items) } : {}),
  }
}

const identityProperties = (schemas: Record<string, Schema>): Readonly<Record<string, Schema>> => {
  addType('V1ObjectMeta', schemas)
  return { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: reference('V1ObjectMeta') }
}

const customSchema = ({ schema }: Version, schemas: Record<string, Schema>): Schema => ({
  ...schema,
  properties: { ...schema.properties, ...identityProperties(schemas) },
})

const componentOf = (resource: Resource, version: Version, schemas: Record<string, Schema>): string => {
  const type = resource.builtin ? typeOfKind(resource.group, resource.kind) : undefined
  if (type !== undefined) {
    addType(type, schemas)
    return componentName(type)
  }
  const name = `${resource.group.split('.').toReversed().join('.')}.${version.name}.${resource.kind}`
  schemas[name] = customSchema(version, schemas)
  return name
}

const parameter = (name: string): JsonObject => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } })

const operation = (verb: string, kind: JsonObject, parameters: readonly string[]): JsonObject => ({
  'x-kubernetes-action': verb,
  'x-kubernetes-group-version-kind': kind,
  parameters: parameters.map(parameter),
  responses: { '200': { description: 'OK' } },
})

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation']

/** Paths only as far as clients look: which verbs exist, and that server-side validation does. */
const pathsOf = (resource: Resource, version: Version): JsonObject => {
  const base = `/${pathOf(resource.group, version.name)}${resource.namespaced ? '/namespaces/{namespace}' : ''}/${resource.plural}`
  const kind = { group: resource.group, version: version.name, kind: resource.kind }
  if (resource.isReview) return { [base]: { post: operation('post', kind, writeParameters) } }
  return {
    [base]: { get: operation('list', kind, ['labelSelector', 'fieldSelector', 'limit']), post: operation('post', kind, writeParameters) },
    [`${base}/{name}`]: {
      get: operation('get', kind, []),
      put: operation('put', kind, writeParameters),
      patch: operation('patch', kind, [...writeParameters, 'force']),
      delete: operation('delete', kind, ['dryRun', 'gracePeriodSeconds', 'propagationPolicy']),
    },
  }
}

const documentOf = (version: Group['versions'][number]): JsonObject => {
  const schemas: Record<string, Schema> = {}
  const kinds: Record<string, JsonObject[]> = {}
  let paths: JsonObject = {}
  for (const [resource, of] of version.resources) {
    const component = componentOf(resource, of, schemas)
    kinds[component] = [...(kinds[component] ?? []), { group: resource.group, version: of.name, kind: resource.kind }]
    paths = { ...paths, ...pathsOf(resource, of) }
  }
  const components = Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { ...wrapReferences(schema), ...(kinds[name] ? { 'x-kubernetes-group-version-kind': kinds[name] } : {}) },
    ]),
  )
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.36.3+serin' }, paths, components: { schemas: components } }
}

/** The OpenAPI v3 document of one group and version; undefined when nothing is served there. */
export const openApiDocument = (catalogue: Catalogue, path: string): JsonObject | undefined => {
  const found = documents(catalogue).find(document => document.path === path)
  return found && documentOf(found.version)
}

/** References as OpenAPI 2 writes them. */
const asDefinitions = (document: JsonObject): unknown =>
  JSON.parse(JSON.stringify(objectAt(objectAt(document, 'components'), 'schemas')).replaceAll('#/components/schemas/', '#/definitions/'))

/** `/openapi/v2`: the fields of every kind in one document, for old clients. */
export const openApi2Document = (catalogue: Catalogue): JsonObject => ({
  swagger: '2.0',
  info: { title: 'Kubernetes', version: 'v1.36.3+serin' },
  paths: {},
  definitions: Object.assign({}, ...documents(catalogue).map(({ version }) => asDefinitions(documentOf(version)))),
})
