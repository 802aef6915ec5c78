import type { IncomingMessage } from 'node:http'
import { bindPod } from './binding.ts'
import type { Endpoint } from './catalogue.ts'
import { createAt, getAt, patchAt, updateAt } from './cluster-api.ts'
import { deleteCollection } from './collection-deleting.ts'
import type { FieldValidation } from './decoding.ts'
import { type DeleteOptions, deleteOptionsOf, remove } from './deleting.ts'
import { type Answer, bodyValue, jsonAnswer, mediaTypeOf } from './http-exchange.ts'
import type { User } from './identity.ts'
import type { Kernel } from './kernel.ts'
import type { PatchType } from './patching.ts'
import { type ListQuery, list, type Selection } from './reading.ts'
import { formOf, oneText, pageText, type Representation } from './representation.ts'
import type { ResourcePath } from './request-info.ts'
import { apiVersionOf } from './resource.ts'
import { answerReview } from './reviews.ts'
import { badRequest, deleted, methodNotAllowed, noSuchPath, unsupportedMediaType } from './status.ts'
import type { StreamQuery } from './watch-stream.ts'
import { liveOf, type Subresource, type Target, type WriteOptions } from './writing.ts'

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
}

const doors: readonly string[] = ['', 'status', 'scale', 'binding']

/** The endpoint a path names. @throws {StatusError} 404 when nothing is served there */
export const endpointAt = ({ catalogue }: Kernel, path: ResourcePath): Endpoint => {
  const found = catalogue.byPlural(apiVersionOf(path.group, path.version), path.plural)
  const misplaced = found !== undefined && !found.resource.namespaced && path.namespace !== ''
  if (!found || misplaced || !doors.includes(path.subresource)) throw noSuchPath()
  return found
}

const targetOf = ({ endpoint, path }: ResourceRequest): Target => ({
  endpoint,
  namespace: path.namespace,
  name: path.name,
  subresource: path.subresource as Subresource,
})

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

const listQueryOf = (request: ResourceRequest): ListQuery => {
  const { query } = request
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

const writeOptionsOf = (request: ResourceRequest): WriteOptions => ({
  manager: managerOf(request),
  dryRun: request.query.getAll('dryRun').includes('All'),
  fieldValidation: fieldValidationOf(request.query),
  onWarning: request.onWarning,
})

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

const patchTypeOf = ({ message }: ResourceRequest): PatchType => {
  const type = patchTypes[mediaTypeOf(message)]
  if (!type) throw unsupportedMediaType(Object.keys(patchTypes))
  return type
}

/** Server-side apply knows no default manager: who applies must say who it is. */
const patchOptionsOf = (request: ResourceRequest, type: PatchType): WriteOptions => {
  const { manager: _default, ...options } = writeOptionsOf(request)
  const named = request.query.get('fieldManager')
  const force = request.query.get('force') === 'true'
  if (type !== 'apply') return { ...options, manager: managerOf(request) }
  return { ...options, ...(named === null ? {} : { manager: named }), force }
}

const deleteOptionsFrom = (request: ResourceRequest, body: unknown): DeleteOptions => {
  const { query } = request
  const fromQuery = deleteOptionsOf({
    propagationPolicy: query.get('propagationPolicy') ?? '',
    gracePeriodSeconds: numberOf(query, 'gracePeriodSeconds'),
    dryRun: query.getAll('dryRun'),
  })
  return { ...fromQuery, ...deleteOptionsOf(body) }
}

type Handler = (kernel: Kernel, request: ResourceRequest) => Promise<Answer>

const objectAnswer = (kernel: Kernel, request: ResourceRequest, object: Parameters<typeof oneText>[0]): Answer => {
  return { code: 200, text: oneText(object, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }) }
}

const handlers: Readonly<Record<string, Handler>> = {
  get: async (kernel, request) => objectAnswer(kernel, request, getAt(kernel, targetOf(request))),
  list: async (kernel, request) => {
    const page = list(kernel, request.endpoint, listQueryOf(request))
    return { code: 200, text: pageText(page, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }) }
  },
  create: async (kernel, request) => {
    const body = await bodyValue(request.message)
    if (request.endpoint.resource.isReview) return jsonAnswer(201, answerReview(kernel.storage, request, body))
    if (request.path.subresource === 'binding')
      return jsonAnswer(201, bindPod(kernel, targetOf(request), { body, options: writeOptionsOf(request) }))
    if (request.path.name !== '') throw methodNotAllowed()
    const object = createAt(kernel, targetOf(request), { body, options: writeOptionsOf(request) })
    return { ...objectAnswer(kernel, request, object), code: 201 }
  },
  update: async (kernel, request) => {
    const body = await bodyValue(request.message)
    return objectAnswer(kernel, request, updateAt(kernel, targetOf(request), { body, options: writeOptionsOf(request) }))
  },
  patch: async (kernel, request) => {
    const type = patchTypeOf(request)
    const body = await bodyValue(request.message)
    const target = targetOf(request)
    const existed = liveOf(kernel, target) !== undefined
    const object = patchAt(kernel, target, { type, body, ...patchOptionsOf(request, type) })
    return { ...objectAnswer(kernel, request, object), code: existed ? 200 : 201 }
  },
  delete: async (kernel, request) => {
    const options = deleteOptionsFrom(request, await bodyValue(request.message))
    const { object, gone } = remove(kernel, targetOf(request), options)
    if (!gone) return objectAnswer(kernel, request, object)
    const { group, plural, kind } = request.endpoint.resource
    return jsonAnswer(200, deleted({ group, plural, kind, name: object.metadata.name, uid: object.metadata.uid ?? '' }))
  },
  deletecollection: async (kernel, request) => {
    const options = deleteOptionsFrom(request, await bodyValue(request.message))
    const page = deleteCollection(kernel, request.endpoint, { selection: selectionOf(request), options })
    return { code: 200, text: pageText(page, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }) }
  },
}

/** Answers every verb but watch. @throws {StatusError} whatever the verb says */
export const handleResource: Handler = (kernel, request) => {
  const handler = handlers[request.verb]
  const needsName = ['get', 'update', 'patch', 'delete'].includes(request.verb)
  const isMisused = request.path.subresource === 'binding' && request.verb !== 'create'
  if (!handler || isMisused || (needsName && request.path.name === '')) throw methodNotAllowed()
  return handler(kernel, request)
}
