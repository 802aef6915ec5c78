import type { KubeObject } from '../../api/object.ts'
import { withPartsOf } from '../../kube/same-parts.ts'
import { typeOfKind } from './builtin-resources.ts'
import { metadataSchema } from './builtin-schema.ts'
import type { Endpoint } from './catalogue.ts'
import { invalidValue } from './field-errors.ts'
import { isObject, type JsonObject, textAt } from './json-value.ts'
import { apiVersionOf, groupVersionOf } from './resource.ts'
import type { Schema } from './schema.ts'
import { shape } from './shaping.ts'
import { badRequest, invalid } from './status.ts'

/** What to do about fields that the schema does not know. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface Decoding {
  readonly fieldValidation: FieldValidation
  readonly defaults: boolean
  readonly onWarning: (words: string) => void
  /** Paths of fields that stood more than once in the text of the body. */
  readonly duplicates?: readonly string[]
  /** What to throw about unknown fields when they are refused. */
  readonly refuse?: (paths: readonly string[]) => Error
  /** The version that the object is to take the place of. */
  readonly live?: KubeObject
}

/** The apiVersion under which this endpoint speaks. */
export const spokenVersion = ({ resource, version }: Endpoint): string => apiVersionOf(resource.group, version.name)

interface Identity {
  readonly apiVersion: string
  readonly kind: string
}

/** Why the types of built-in kinds cannot hold another kind, in the words of who converts them. */
const otherType = ({ apiVersion, kind }: Identity, { resource }: Endpoint): Error => {
  const { group, version } = groupVersionOf(apiVersion)
  const internal = resource.group === '' ? 'core' : resource.group.split('.')[0]
  const why =
    typeOfKind(group, kind) === undefined
      ? `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`
      : `converting (${version}.${kind}) to (${internal}.${resource.kind}): unknown conversion`
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${resource.kind}: ${why}`)
}

const checkKind = (body: JsonObject, endpoint: Endpoint): void => {
  const { group, plural, kind: wanted, builtin } = endpoint.resource
  const spoken = spokenVersion(endpoint)
  const said: Identity = { apiVersion: textAt(body, 'apiVersion'), kind: textAt(body, 'kind') }
  if (builtin && said.apiVersion === '' && said.kind === '') return
  if (said.kind === '') {
    const text = JSON.stringify(body)
    throw badRequest(`the object provided is unrecognized (must be of type ${wanted}): Object 'Kind' is missing in '${text}' (${text})`)
  }
  if (said.apiVersion === spoken && said.kind === wanted) return
  if (builtin) throw otherType(said, endpoint)
  if (said.apiVersion !== spoken)
    throw badRequest(`the API version in the data (${said.apiVersion}) does not match the expected API version (${spoken})`)
  const named = { group, plural, kind: said.kind, name: textAt(body['metadata'], 'name') }
  throw invalid(named, [invalidValue('kind', said.kind, `must be ${wanted}`)])
}

/** Typed kinds refuse what does not fit their type before anything else is looked at. */
export const cannotBeHandled = ({ resource, version }: Endpoint, why: string): Error =>
  badRequest(`${resource.kind} in version ${JSON.stringify(version.name)} cannot be handled as a ${resource.kind}: ${why}`)

/** A patch whose outcome cannot be read: the whole outcome is named as the wrong value. */
export const patchInvalid = (outcome: unknown, why: string): Error =>
  invalid({ group: '', plural: '', kind: '' }, [invalidValue('patch', JSON.stringify(outcome), why)])

const judgeUnknown = (
  paths: readonly string[],
  endpoint: Endpoint,
  { fieldValidation, onWarning, refuse, duplicates = [] }: Decoding,
): void => {
  const words = [
    ...duplicates.map(path => `duplicate field ${JSON.stringify(path)}`),
    ...(endpoint.resource.builtin ? paths : paths.toSorted()).map(path => `unknown field ${JSON.stringify(path)}`),
  ]
  if (words.length === 0) return
  if (fieldValidation === 'Strict') throw refuse?.(paths) ?? cannotBeHandled(endpoint, `strict decoding error: ${words.join(', ')}`)
  if (fieldValidation === 'Warn') for (const warning of words) onWarning(warning)
}

/** Stored versions, each with the schema by which it was decoded and judged. Nobody changes them in place. */
const settledBy = new WeakMap<KubeObject, Schema>()

/** Notes that a stored version has all the form that its endpoint asks for: parts of it that come again need not be looked at again. */
export const settle = (object: KubeObject, { version }: Endpoint): KubeObject => {
  settledBy.set(object, version.schema)
  return object
}

/** The version to be replaced, if it is known to have the form that this endpoint asks for. */
const settledOf = (live: KubeObject | undefined, { version }: Endpoint): KubeObject | undefined =>
  live && settledBy.get(live) === version.schema ? live : undefined

/**
 * The object in a request body in the form its kind allows: unknown fields gone, defaults in.
 * @throws {StatusError} 400 when it is of another kind or holds unknown fields that the client wants refused
 */
export const decode = (body: unknown, endpoint: Endpoint, decoding: Decoding): JsonObject => {
  if (!isObject(body)) throw badRequest('the request body is no JSON object')
  checkKind(body, endpoint)
  const unknown: string[] = []
  const { resource, version } = endpoint
  const done = settledOf(decoding.live, endpoint) as JsonObject | undefined
  const { metadata, apiVersion: _version, kind: _kind, ...rest } = withPartsOf(done, body)
  const shaping = { typed: resource.builtin, defaults: decoding.defaults, onUnknown: (path: string) => unknown.push(path), done }
  const shaped = shape(rest, version.schema, shaping)
  const meta = shape({ metadata: isObject(metadata) ? metadata : {} }, metadataHolder, { ...shaping, typed: true })
  judgeUnknown(unknown, endpoint, decoding)
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
