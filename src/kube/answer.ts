import type { KindRef, KubeObject } from '../api/object.ts'
import { KubeError, labelText, type RequestLabel } from './errors.ts'
import type { ListPage } from './kube-api.ts'

/** The JSON of an answer. @throws {KubeError} `ServerError` when it is none, which a broken proxy may send with status 200 */
export const parseJson = (text: string, label: RequestLabel): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KubeError('ServerError', `${labelText(label)}: expected JSON, got ${text.length} characters that are not`, { cause })
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether it is an object with metadata: all that anybody may rely on before a schema has read it. */
const isKubeObject = (value: unknown): value is KubeObject => isRecord(value) && isRecord(value['metadata'])

/** The object, as `kind` calls it: list items carry no kind of their own, and metadata-only ones carry that of the wrapping. */
export const asObject = (value: unknown, kind: KindRef, metadataOnly = false): KubeObject => {
  if (!isKubeObject(value)) throw new KubeError('ServerError', `expected an object of kind ${kind.kind} with metadata, got something else`)
  const { apiVersion, kind: name } = kind
  if (metadataOnly) return { apiVersion, kind: name, metadata: value.metadata }
  return value.apiVersion && value.kind ? value : { ...value, apiVersion, kind: name }
}

/** One page of a list, its items as `kind` calls them. */
export const asListPage = (value: unknown, kind: KindRef, metadataOnly = false): ListPage => {
  if (!isRecord(value) || !isRecord(value['metadata']))
    throw new KubeError('ServerError', `expected a list of ${kind.plural}, got something else`)
  const { resourceVersion, continue: token } = value['metadata']
  const items = Array.isArray(value['items']) ? value['items'] : []
  return {
    items: items.map(item => asObject(item, kind, metadataOnly)),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    continue: typeof token === 'string' ? token : '',
  }
}
