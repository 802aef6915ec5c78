import type { KubeObject } from '../../api/object.ts'
import { bindPod } from './binding.ts'
import { isBuiltinGroup } from './builtin-resources.ts'
import type { Endpoint } from './catalogue.ts'
import { createAt, getAt, patchAt, updateAt } from './cluster-api.ts'
import { deleteCollection } from './collection-deleting.ts'
import { remove } from './deleting.ts'
import { duplicateFields } from './duplicate-fields.ts'
import { type Answer, type Body, bodyValue, jsonAnswer } from './http-exchange.ts'
import type { Kernel } from './kernel.ts'
import { allows, refusalOf } from './rbac.ts'
import { list } from './reading.ts'
import { inYaml, oneText, pageText, prefersYaml } from './representation.ts'
import type { ResourcePath } from './request-info.ts'
import {
  deleteOptionsFrom,
  listQueryOf,
  patchOptionsOf,
  patchTypeOf,
  type ResourceRequest,
  representationOf,
  selectionOf,
  writeOptionsOf,
} from './request-options.ts'
import { apiVersionOf } from './resource.ts'
import { answerReview } from './reviews.ts'
import { badRequest, deleted, forbidden, methodNotAllowed, noSuchPath, PageNotFound } from './status.ts'
import { liveOf, type Subresource, type Target } from './writing.ts'

const doors: readonly string[] = ['', 'status', 'scale', 'binding']

/** The endpoint a path names. @throws {StatusError} 404 when nothing is served there */
export const endpointAt = ({ catalogue }: Kernel, path: ResourcePath): Endpoint => {
  const found = catalogue.byPlural(apiVersionOf(path.group, path.version), path.plural)
  const misplaced = found !== undefined && !found.resource.namespaced && path.namespace !== ''
  if (!found && !isBuiltinGroup(path.group)) throw new PageNotFound()
  if (!found || misplaced || !doors.includes(path.subresource)) throw noSuchPath()
  return found
}

const targetOf = ({ endpoint, path }: ResourceRequest): Target => ({
  endpoint,
  namespace: path.namespace,
  name: path.name,
  subresource: path.subresource as Subresource,
})

const shownLength = 1024

/** The object in the body. @throws {StatusError} 400 when it cannot be parsed */
const bodyOf = ({ message, endpoint }: ResourceRequest): Promise<Body> =>
  bodyValue(message, (words, text) => {
    const shown = text.length > shownLength ? `${text.slice(0, shownLength)} ...` : text
    const why = `couldn't get version/kind; json parse error: ${words}`
    return badRequest(`the object provided is unrecognized (must be of type ${endpoint.resource.kind}): ${why} (${shown})`)
  })

type Handler = (kernel: Kernel, request: ResourceRequest) => Promise<Answer>

const objectAnswer = (kernel: Kernel, request: ResourceRequest, object: KubeObject): Answer => ({
  code: 200,
  text: oneText(object, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }),
})

/** Who applies what is not there creates it, and must be allowed to. @throws {StatusError} 403 */
const checkMayCreate = ({ storage }: Kernel, { path, endpoint, user }: ResourceRequest): void => {
  const { group, plural, namespace, name } = path
  const wish = { verb: 'create', group, plural, subresource: '', namespace, name }
  if (!allows(storage, user, wish)) throw forbidden({ group, plural, kind: endpoint.resource.kind, name }, refusalOf(user, wish))
}

/** Kinds whose deletion is answered with what was deleted. */
const answersWithObject = new Set(['pods', 'services', 'serviceaccounts'])

const handlers: Readonly<Record<string, Handler>> = {
  get: async (kernel, request) => objectAnswer(kernel, request, getAt(kernel, targetOf(request))),
  list: async (kernel, request) => {
    const page = list(kernel, request.endpoint, listQueryOf(request))
    return { code: 200, text: pageText(page, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }) }
  },
  create: async (kernel, request) => {
    const { value: body, json } = await bodyOf(request)
    if (request.endpoint.resource.isReview) return jsonAnswer(201, answerReview(kernel.storage, request, body))
    if (request.path.subresource === 'binding')
      return jsonAnswer(201, bindPod(kernel, targetOf(request), { body, options: writeOptionsOf(request, 'Create') }))
    const options = { ...writeOptionsOf(request, 'Create'), duplicates: duplicateFields(json) }
    const object = createAt(kernel, targetOf(request), { body, options })
    return { ...objectAnswer(kernel, request, object), code: 201 }
  },
  update: async (kernel, request) => {
    const { value: body, json } = await bodyOf(request)
    const options = { ...writeOptionsOf(request, 'Update'), duplicates: duplicateFields(json) }
    return objectAnswer(kernel, request, updateAt(kernel, targetOf(request), { body, options }))
  },
  patch: async (kernel, request) => {
    const type = patchTypeOf(request)
    const { value: body } = await bodyValue(request.message, words => badRequest(`error decoding patch: ${words}`))
    const target = targetOf(request)
    const existed = liveOf(kernel, target) !== undefined
    if (!existed && type === 'apply') checkMayCreate(kernel, request)
    const object = patchAt(kernel, target, { type, body, ...patchOptionsOf(request, type) })
    return { ...objectAnswer(kernel, request, object), code: existed ? 200 : 201 }
  },
  delete: async (kernel, request) => {
    const options = deleteOptionsFrom(request, (await bodyOf(request)).value)
    const { group, plural, kind } = request.endpoint.resource
    const { object, gone } = remove(kernel, targetOf(request), options)
    if (!gone || answersWithObject.has(plural)) return objectAnswer(kernel, request, object)
    return jsonAnswer(200, deleted({ group, plural, kind, name: object.metadata.name, uid: object.metadata.uid ?? '' }))
  },
  deletecollection: async (kernel, request) => {
    const options = deleteOptionsFrom(request, (await bodyOf(request)).value)
    const page = deleteCollection(kernel, request.endpoint, { selection: selectionOf(request), options })
    return { code: 200, text: pageText(page, request.endpoint, { ...representationOf(request), nowMs: kernel.clock.nowMs() }) }
  },
}

const verbsWithName = ['get', 'update', 'patch', 'delete']

/** What a path can be asked: some verbs need a name, creating needs a namespace, and each subresource has verbs of its own. */
const isAllowed = ({ verb, path, endpoint }: ResourceRequest): boolean => {
  if (path.subresource === 'binding') return verb === 'create'
  if (path.subresource !== '') return path.name !== '' && ['get', 'update', 'patch'].includes(verb)
  if (verb === 'create') return path.name === '' && (!endpoint.resource.namespaced || path.namespace !== '')
  return path.name !== '' || !verbsWithName.includes(verb)
}

/** Answers every verb but watch. @throws {StatusError} whatever the verb says */
export const handleResource: Handler = async (kernel, request) => {
  const handler = handlers[request.verb]
  if (!handler || !isAllowed(request)) throw methodNotAllowed()
  const answer = await handler(kernel, request)
  return prefersYaml(request.message.headers.accept ?? '') ? { ...answer, ...inYaml(answer.text) } : answer
}
