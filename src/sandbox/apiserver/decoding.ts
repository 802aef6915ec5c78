import type { KubeObject } from '../../api/object.ts'
import { metadataSchema } from './builtin-schema.ts'
import type { Endpoint } from './catalogue.ts'
import { isObject, type JsonObject, textAt } from './json-value.ts'
import { apiVersionOf } from './resource.ts'
import { shape } from './shaping.ts'
import { badRequest } from './status.ts'

/** What to do about fields that the schema does not know. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface Decoding {
  readonly fieldValidation: FieldValidation
  readonly defaults: boolean
  readonly onWarning: (words: string) => void
  /** What to throw about unknown fields when they are refused. */
  readonly refuse?: (paths: readonly string[]) => Error
}

/** The apiVersion under which this endpoint speaks. */
export const spokenVersion = ({ resource, version }: Endpoint): string => apiVersionOf(resource.group, version.name)

const checkKind = (body: JsonObject, endpoint: Endpoint): void => {
  const wanted = { apiVersion: spokenVersion(endpoint), kind: endpoint.resource.kind }
  const apiVersion = textAt(body, 'apiVersion')
  const kind = textAt(body, 'kind')
  if (endpoint.resource.builtin && apiVersion === '' && kind === '') return
  if (kind === '') throw badRequest("Object 'Kind' is missing in the request body")
  if (apiVersion !== wanted.apiVersion) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted.apiVersion})`)
  }
  if (kind !== wanted.kind) throw badRequest(`the kind in the data (${kind}) does not match the expected kind (${wanted.kind})`)
}

/** Typed kinds refuse what does not fit their type before anything else is looked at. */
export const cannotBeHandled = ({ resource, version }: Endpoint, why: string): Error =>
  badRequest(`${resource.kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${resource.kind}: ${why}`)

const judgeUnknown = (paths: readonly string[], endpoint: Endpoint, { fieldValidation, onWarning, refuse }: Decoding): void => {
  const words = paths.map(path => `unknown field ${JSON.stringify(path)}`)
  if (fieldValidation === 'Strict') throw refuse?.(paths) ?? cannotBeHandled(endpoint, `strict decoding error: ${words.join(', ')}`)
  if (fieldValidation === 'Warn') for (const warning of words) onWarning(warning)
}

/**
 * The object in a request body in the form its kind allows: unknown fields gone, defaults in.
 * @throws {StatusError} 400 when it is of another kind or holds unknown fields that the client wants refused
 */
export const decode = (body: unknown, endpoint: Endpoint, decoding: Decoding): JsonObject => {
  if (!isObject(body)) throw badRequest('the request body is no JSON object')
  checkKind(body, endpoint)
  const unknown: string[] = []
  const { resource, version } = endpoint
  const { metadata, apiVersion: _version, kind: _kind, ...rest } = body
  const shaping = { typed: resource.builtin, defaults: decoding.defaults, onUnknown: (path: string) => unknown.push(path) }
  const shaped = shape(rest, version.schema, shaping)
  const meta = shape({ metadata: isObject(metadata) ? metadata : {} }, metadataHolder, { ...shaping, typed: true })
  if (unknown.length > 0) judgeUnknown(unknown, endpoint, decoding)
  return { apiVersion: spokenVersion(endpoint), kind: resource.kind, ...(meta as JsonObject), ...(shaped as JsonObject) }
}

const metadataHolder = { type: 'object', properties: { metadata: metadataSchema } }

/** A stored object in the version of this endpoint. Between versions of one kind nothing differs but the apiVersion. */
export const spokenAs = (object: KubeObject, endpoint: Endpoint): KubeObject => {
  const apiVersion = spokenVersion(endpoint)
  if (object.apiVersion === apiVersion) return object
  const { storedAs } = endpoint.resource
  const spoken = storedAs ? storedAs.conversion.fromStored(object as JsonObject) : object
  return { ...spoken, apiVersion } as KubeObject
}
