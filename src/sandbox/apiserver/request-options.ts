import type { IncomingMessage } from 'node:http'
import type { Endpoint } from './catalogue.ts'
import type { FieldValidation } from './decoding.ts'
import { type DeleteOptions, deleteOptionsOf } from './deleting.ts'
import { mediaTypeOf } from './http-exchange.ts'
import type { User } from './identity.ts'
import { isObject, type JsonObject, textAt } from './json-value.ts'
import { checkDeleteOptions, checkListOptions, checkPatchOptions, checkWatchOptions, checkWriteOptions } from './option-rules.ts'
import type { PatchType } from './patching.ts'
import type { ListQuery, Selection } from './reading.ts'
import { formOf, type Representation } from './representation.ts'
import type { ResourcePath } from './request-info.ts'
import { badRequest, unsupportedPatch } from './status.ts'
import type { StreamQuery } from './watch-stream.ts'
import type { WriteOptions } from './writing.ts'

/** A request for a resource, with everything known about it. */
export interface ResourceRequest {
  readonly verb: string
  readonly path: ResourcePath
  readonly query: URLSearchParams
  readonly endpoint: Endpoint
  readonly user: User
  readonly message: IncomingMessage
  /** Collects what the `Warning` header will say. */
  readonly onWarning: (words: string) => void
  /** Asked about what a write is about to store. */
  readonly admit?: (object: JsonObject) => void
}

export const selectionOf = ({ path, query }: ResourceRequest): Selection => {
  const byName = path.name === '' ? undefined : `metadata.name=${path.name}`
  const fields = [byName, query.get('fieldSelector') ?? undefined].filter(part => part !== undefined && part !== '')
  const labelSelector = query.get('labelSelector')
  return {
    ...(path.namespace === '' ? {} : { namespace: path.namespace }),
    ...(labelSelector === null ? {} : { labelSelector }),
    ...(fields.length === 0 ? {} : { fieldSelector: fields.join(',') }),
  }
}

const numberOf = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const value = Number(text)
  if (!Number.isInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return value
}

export const listQueryOf = (request: ResourceRequest): ListQuery => {
  const { query } = request
  checkListOptions(query)
  const limit = numberOf(query, 'limit')
  return {
    ...selectionOf(request),
    ...(limit === undefined ? {} : { limit }),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    ...(query.has('resourceVersionMatch') ? { resourceVersionMatch: query.get('resourceVersionMatch') ?? '' } : {}),
  }
}

export const streamQueryOf = (request: ResourceRequest): StreamQuery => {
  const { query } = request
  checkWatchOptions(query)
  const timeoutSeconds = numberOf(query, 'timeoutSeconds')
  return {
    ...selectionOf(request),
    resourceVersion: query.get('resourceVersion') ?? '',
    sendInitialEvents: query.get('sendInitialEvents') === 'true',
    allowWatchBookmarks: query.get('allowWatchBookmarks') === 'true',
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }
}

export const representationOf = ({ message, query }: ResourceRequest): Omit<Representation, 'nowMs'> => {
  const wanted = query.get('includeObject')
  return {
    form: formOf(message.headers.accept ?? ''),
    includeObject: wanted === 'None' || wanted === 'Object' ? wanted : 'Metadata',
  }
}

const validations: readonly (string | null)[] = ['Strict', 'Warn', 'Ignore']

const fieldValidationOf = (query: URLSearchParams): FieldValidation => {
  const asked = query.get('fieldValidation')
  return validations.includes(asked) ? (asked as FieldValidation) : 'Warn'
}

/** Who never named a field manager is known by the program's name. */
const managerOf = ({ query, message }: ResourceRequest): string => {
  const named = query.get('fieldManager')
  if (named !== null && named !== '') return named
  return (message.headers['user-agent'] ?? '').split('/')[0]?.slice(0, 128) || 'unknown'
}

const plainOptionsOf = (request: ResourceRequest): WriteOptions => ({
  manager: managerOf(request),
  dryRun: request.query.getAll('dryRun').includes('All'),
  fieldValidation: fieldValidationOf(request.query),
  onWarning: request.onWarning,
  ...(request.admit ? { admit: request.admit } : {}),
})

/** @throws {StatusError} 422 when an option is no such thing */
export const writeOptionsOf = (request: ResourceRequest, verb: 'Create' | 'Update'): WriteOptions => {
  checkWriteOptions(request.query, verb)
  return plainOptionsOf(request)
}

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

export const patchTypeOf = ({ message }: ResourceRequest): PatchType => {
  const type = patchTypes[mediaTypeOf(message)]
  if (!type) throw unsupportedPatch()
  return type
}

/** Server-side apply knows no default manager: who applies must say who it is. */
export const patchOptionsOf = (request: ResourceRequest, type: PatchType): WriteOptions => {
  checkPatchOptions(request.query, type === 'apply')
  const { manager: _default, ...options } = plainOptionsOf(request)
  const named = request.query.get('fieldManager')
  const force = request.query.get('force') === 'true'
  if (type !== 'apply') return { ...options, manager: managerOf(request) }
  return { ...options, ...(named === null ? {} : { manager: named }), force }
}

export const deleteOptionsFrom = (request: ResourceRequest, body: unknown): DeleteOptions => {
  const { query } = request
  checkDeleteOptions(query, (isObject(body) && textAt(body, 'propagationPolicy')) || (query.get('propagationPolicy') ?? ''))
  const fromQuery = deleteOptionsOf({
    propagationPolicy: query.get('propagationPolicy') ?? '',
    gracePeriodSeconds: numberOf(query, 'gracePeriodSeconds'),
    dryRun: query.getAll('dryRun'),
  })
  return { ...fromQuery, ...deleteOptionsOf(body) }
}
