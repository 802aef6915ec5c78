import { stringify as yamlText } from 'yaml'
import type { KubeObject } from '../../api/object.ts'
import type { Endpoint } from './catalogue.ts'
import { spokenVersion } from './decoding.ts'
import { itemText, objectText } from './object-text.ts'
import type { Page } from './reading.ts'
import { notAcceptable } from './status.ts'
import { tableColumns, tableRow } from './tables.ts'
import type { Event } from './watching.ts'

export type Form = 'object' | 'table' | 'metadata'

/** How the client wants objects written. */
export interface Representation {
  readonly form: Form
  /** What goes with each row of a table. */
  readonly includeObject: 'None' | 'Metadata' | 'Object'
  readonly nowMs: number
}

const protobuf = 'application/vnd.kubernetes.protobuf'
const available = [...['application/json', 'application/yaml', protobuf], 'application/json;stream=watch', `${protobuf};stream=watch`]

/** Who asks for protobuf alone is answered in JSON, which every such client reads as well. */
const isPlain = (choice: string): boolean =>
  /^\s*(application\/(json|yaml|\*|vnd\.kubernetes\.protobuf)|\*\/\*)\s*(;|$)/.test(choice) && !choice.includes('as=')

const formOfChoice = (choice: string): Form | undefined => {
  if (/;\s*as=Table\b/.test(choice) && /;\s*v=v1(\s|;|$)/.test(choice)) return 'table'
  if (/;\s*as=PartialObjectMetadata(List)?\b/.test(choice) && /;\s*v=v1(\s|;|$)/.test(choice)) return 'metadata'
  return isPlain(choice) ? 'object' : undefined
}

/** The form the client likes best among those we have. @throws {StatusError} 406 when we have none of them */
export const formOf = (accept: string): Form => {
  const choices = accept.split(',').filter(choice => choice.trim() !== '')
  const form = choices.map(formOfChoice).find(one => one !== undefined)
  if (form === undefined && choices.length > 0) throw notAcceptable(available)
  return form ?? 'object'
}

const yamlType = 'application/yaml'

/** Whether the client would rather read YAML than JSON. */
export const prefersYaml = (accept: string): boolean => accept.split(',')[0]?.trim().startsWith(yamlType) ?? false

/** An answer in YAML, its fields in order, as people compare it. */
export const inYaml = (json: string): { readonly text: string; readonly type: string } => ({
  // As YAML 1.1 reads it: a text that looks like a date is quoted.
  text: yamlText(JSON.parse(json), { sortMapEntries: true, version: '1.1', indentSeq: false, lineWidth: 0 }),
  type: yamlType,
})

const metaVersion = 'meta.k8s.io/v1'

const metadataOf = ({ metadata }: KubeObject) => ({ kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata })

const rowOf = (object: KubeObject, endpoint: Endpoint, { includeObject, nowMs }: Representation): string => {
  const cells = JSON.stringify(tableRow(object, endpoint, nowMs))
  if (includeObject === 'None') return `{"cells":${cells},"object":null}`
  const shown = includeObject === 'Object' ? objectText(object, endpoint) : JSON.stringify(metadataOf(object))
  return `{"cells":${cells},"object":${shown}}`
}

interface Sheet {
  readonly endpoint: Endpoint
  readonly metadata: unknown
  readonly withColumns: boolean
  readonly representation: Representation
}

const tableText = (objects: readonly KubeObject[], { endpoint, metadata, withColumns, representation }: Sheet): string => {
  const rows = objects.map(object => rowOf(object, endpoint, representation)).join(',')
  const columns = JSON.stringify(withColumns ? tableColumns(endpoint) : null)
  return `{"kind":"Table","apiVersion":"${metaVersion}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${columns},"rows":[${rows}]}`
}

/** One object as the client wants it. */
export const oneText = (object: KubeObject, endpoint: Endpoint, representation: Representation): string => {
  if (object.kind !== endpoint.resource.kind) return JSON.stringify(object)
  if (representation.form === 'metadata') return JSON.stringify(metadataOf(object))
  if (representation.form === 'object') return objectText(object, endpoint)
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return tableText([object], { endpoint, metadata, withColumns: true, representation })
}

/** Lists of defined kinds say that nothing follows, those of typed kinds leave it out. */
const listMetadata = ({ resourceVersion, continue: next, remainingItemCount }: Page, saysEnd: boolean) => ({
  resourceVersion,
  ...(next === '' && !saysEnd ? {} : { continue: next }),
  ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
})

/** A page of a list as the client wants it. */
export const pageText = (page: Page, endpoint: Endpoint, representation: Representation): string => {
  const metadata = listMetadata(page, representation.form === 'object' && !endpoint.resource.builtin)
  if (representation.form === 'table') return tableText(page.items, { endpoint, metadata, withColumns: true, representation })
  const partial = representation.form === 'metadata'
  const items = page.items.map(item => (partial ? JSON.stringify(metadataOf(item)) : itemText(item, endpoint))).join(',')
  const kind = partial ? 'PartialObjectMetadataList' : `${endpoint.resource.kind}List`
  const apiVersion = partial ? metaVersion : spokenVersion(endpoint)
  return `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":${partial && items === '' ? 'null' : `[${items}]`}}`
}

const bookmarkText = (object: KubeObject, form: Form): string =>
  form === 'metadata' ? JSON.stringify(metadataOf(object)) : JSON.stringify(object)

/** One line of a watch. Column definitions go with the first row only. */
export const eventText = ({ type, object }: Event, endpoint: Endpoint, how: Representation & { readonly isFirst: boolean }): string => {
  const plain = type === 'BOOKMARK' || how.form !== 'table'
  const shown = plain
    ? type === 'BOOKMARK'
      ? bookmarkText(object, how.form)
      : oneText(object, endpoint, how)
    : tableText([object], {
        endpoint,
        metadata: { resourceVersion: object.metadata.resourceVersion },
        withColumns: how.isFirst,
        representation: how,
      })
  return `{"type":"${type}","object":${shown}}\n`
}
