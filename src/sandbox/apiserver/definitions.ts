import type { KubeObject } from '../../api/object.ts'
import { metadataSchema } from './builtin-schema.ts'
import { jsonPathCell } from './json-path.ts'
import { isObject, type JsonObject, listAt, objectAt, sameJson, textAt } from './json-value.ts'
import { type Kernel, timestamp } from './kernel.ts'
import { type PrinterColumn, type Resource, resourceId, type ScalePaths, type Version } from './resource.ts'
import { anything, type Schema } from './schema.ts'
import { withRevision } from './storing.ts'
import { agoText } from './tables.ts'

const shelf = 'customresourcedefinitions.apiextensions.k8s.io'

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(item => typeof item === 'string') : [])

/** Dates are shown as the time since. */
const agoCell =
  (cell: PrinterColumn['cell']): PrinterColumn['cell'] =>
  (object, nowMs) => {
    const value = cell(object, nowMs)
    return value === null ? null : agoText(value, nowMs)
  }

const columnOf = (column: unknown): PrinterColumn => {
  const path = textAt(column, 'jsonPath')
  const type = textAt(column, 'type')
  const priority = isObject(column) ? column['priority'] : undefined
  return {
    name: textAt(column, 'name'),
    type,
    format: textAt(column, 'format'),
    description: textAt(column, 'description') || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: typeof priority === 'number' ? priority : 0,
    cell: type === 'date' ? agoCell(jsonPathCell(path, type)) : jsonPathCell(path, type),
  }
}

const pathOf = (text: string): readonly string[] => text.split('.').filter(part => part !== '')

const scalePathsOf = (scale: JsonObject): ScalePaths | undefined => {
  if (Object.keys(scale).length === 0) return undefined
  const selector = textAt(scale, 'labelSelectorPath')
  return {
    specReplicas: pathOf(textAt(scale, 'specReplicasPath')),
    statusReplicas: pathOf(textAt(scale, 'statusReplicasPath')),
    ...(selector === '' ? {} : { selector: pathOf(selector) }),
  }
}

/** Metadata is the server's own business, whatever a definition says about it. */
const wholeSchema = (declared: JsonObject): Schema => {
  const schema: Schema = Object.keys(declared).length === 0 ? anything : (declared as Schema)
  const required = (schema.required ?? []).filter(field => field !== 'metadata')
  return { ...schema, required, properties: { ...schema.properties, metadata: metadataSchema } }
}

const deprecationOf = (version: unknown, { group, kind }: { group: string; kind: string }): string | undefined => {
  if (!isObject(version) || version['deprecated'] !== true) return undefined
  return textAt(version, 'deprecationWarning') || `${group}/${textAt(version, 'name')} ${kind} is deprecated`
}

const versionOf = (version: unknown, named: { group: string; kind: string }): Version => {
  const declared = objectAt(objectAt(version, 'schema'), 'openAPIV3Schema')
  const subresources = objectAt(version, 'subresources')
  const scale = scalePathsOf(objectAt(subresources, 'scale'))
  const columns = listAt(version, 'additionalPrinterColumns').map(columnOf)
  const deprecationWarning = deprecationOf(version, named)
  return {
    name: textAt(version, 'name'),
    served: isObject(version) && version['served'] === true,
    schema: wholeSchema(declared),
    hasStatus: 'status' in subresources,
    ...(scale ? { scale } : {}),
    ...(columns.length === 0 ? {} : { columns }),
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
  }
}

/** The resource that a CustomResourceDefinition describes. */
const resourceOf = (definition: JsonObject): Resource => {
  const spec = objectAt(definition, 'spec')
  const names = objectAt(spec, 'names')
  const versions = listAt(spec, 'versions')
  const storageVersion = versions.find(version => isObject(version) && version['storage'] === true)
  const named = { group: textAt(spec, 'group'), kind: textAt(names, 'kind') }
  return {
    ...named,
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular') || textAt(names, 'kind').toLowerCase(),
    namespaced: textAt(spec, 'scope') !== 'Cluster',
    shortNames: texts(names['shortNames']),
    categories: texts(names['categories']),
    versions: versions.map(version => versionOf(version, named)),
    storageVersion: textAt(storageVersion, 'name'),
    builtin: false,
    hasGeneration: true,
    allowsUnconditionalUpdate: false,
    deletesGracefully: false,
    isReview: false,
  }
}

const conditionOf = (kernel: Kernel, type: string, [reason, message]: readonly [string, string]): JsonObject => ({
  type,
  status: 'True',
  lastTransitionTime: timestamp(kernel),
  reason,
  message,
})

const acceptedStatus = (kernel: Kernel, definition: KubeObject): JsonObject => {
  const spec = objectAt(definition, 'spec')
  const stored = listAt(spec, 'versions').find(version => isObject(version) && version['storage'] === true)
  const known = listAt(definition['status'], 'conditions')
  const before = texts(objectAt(definition, 'status')['storedVersions'])
  const version = textAt(stored, 'name')
  return {
    ...objectAt(definition, 'status'),
    conditions:
      known.length > 0
        ? known
        : [
            conditionOf(kernel, 'NamesAccepted', ['NoConflicts', 'no conflicts found']),
            conditionOf(kernel, 'Established', ['InitialNamesAccepted', 'the initial names have been accepted']),
          ],
    acceptedNames: spec['names'],
    storedVersions: before.includes(version) ? before : [...before, version],
  }
}

/**
 * Serves the kinds that definitions describe. A definition is served from the very write that stores it; its conditions follow
 * in a write of their own, as with the real API, where clients wait for `Established`.
 */
export const followDefinitions = (kernel: Kernel): void => {
  const { storage, catalogue, clock } = kernel
  const establish = (key: string): void => {
    const definition = storage.get(shelf, key)
    if (!definition) return
    const status = acceptedStatus(kernel, definition)
    if (!sameJson(status, definition['status'])) storage.put(shelf, key, revision => withRevision({ ...definition, status }, revision))
  }
  const dropWithObjects = (resource: Resource): void => {
    const id = resourceId(resource)
    for (const { metadata } of storage.list(id)) storage.remove(id, `${metadata.namespace ?? ''}/${metadata.name}`)
    catalogue.drop(id)
  }
  storage.subscribe(shelf, ({ type, key, object, before }) => {
    if (type === 'DELETED') return dropWithObjects(resourceOf(object))
    if (before && sameJson(before['spec'], object['spec'])) return
    catalogue.add(resourceOf(object))
    clock.schedule(0, () => establish(key))
  })
}
