import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../io.ts'
import type { Endpoint } from './catalogue.ts'
import { checkGrant } from './escalation.ts'
import { errorAnswer, send } from './http-exchange.ts'
import { anonymous, type Tokens, type User, userOf } from './identity.ts'
import { textAt } from './json-value.ts'
import type { Kernel } from './kernel.ts'
import { handlePath } from './path-handler.ts'
import { type Attributes, allows, refusalOf } from './rbac.ts'
import { type RequestInfo, requestInfoOf } from './request-info.ts'
import { type ResourceRequest, representationOf, streamQueryOf } from './request-options.ts'
import { endpointAt, handleResource } from './resource-handler.ts'
import { forbidden, internalError, StatusError, unauthorized } from './status.ts'
import { type Stream, streamWatch } from './watch-stream.ts'

/** One request that was answered, as an audit log would say it. For a watch the code is that of its beginning. */
export interface AuditEntry {
  readonly user: string
  readonly userAgent: string
  readonly verb: string
  readonly path: string
  readonly group: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  readonly code: number
}

/** What every exchange works with. */
export interface Setting {
  readonly kernel: Kernel
  readonly tokens: Tokens
  readonly clock: Clock
  readonly log: Logger
  readonly onRequest: (entry: AuditEntry) => void
}

/**
 * The token of a request, as bearer or as the password of basic authentication: over plain HTTP `kubectl` sends no token of its
 * kubeconfig, but it does send what stands in its server's URL.
 */
const tokenOf = ({ headers }: IncomingMessage): string => {
  const [scheme = '', rest = ''] = (headers.authorization ?? '').split(/\s+/)
  if (scheme.toLowerCase() !== 'basic') return rest
  const decoded = Buffer.from(rest, 'base64').toString('utf8')
  return decoded.slice(decoded.indexOf(':') + 1)
}

/** A list or a watch that asks for one object by its name is about that object: rules of one name cover it. */
const nameAskedFor = (query: URLSearchParams): string =>
  /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(query.get('fieldSelector') ?? '')?.[1] ?? ''

const wishOf = ({ verb, path, query, resource }: RequestInfo): Attributes => {
  if (!resource) return { verb, path, group: '', plural: '', subresource: '', namespace: '', name: '' }
  const { group, plural, subresource } = resource
  const name = resource.name === '' ? nameAskedFor(query) : resource.name
  // A namespace lies in itself, so that its own roles can speak of it.
  const namespace = group === '' && plural === 'namespaces' ? name : resource.namespace
  return { verb, group, plural, namespace, name, subresource }
}

const refuse = (user: User, wish: Attributes): StatusError => {
  const named = { group: wish.group, plural: wish.plural, kind: '', ...(wish.name === '' ? {} : { name: wish.name }) }
  if (wish.path === undefined) return forbidden(named, refusalOf(user, wish))
  return new StatusError(403, 'Forbidden', { message: `forbidden: ${refusalOf(user, wish)}`, details: {} })
}

/** One exchange, from the moment its user is known. */
interface Exchange {
  readonly info: RequestInfo
  readonly user: User
  readonly message: IncomingMessage
  readonly response: ServerResponse
}

const rbacGroup = 'rbac.authorization.k8s.io'

/** Roles and their bindings are looked at before they are stored: nobody grants more than they hold. */
const admissionOf = ({ storage }: Kernel, { resource }: Endpoint, user: User): ResourceRequest['admit'] => {
  if (resource.group !== rbacGroup) return undefined
  const { group, plural, kind } = resource
  return object => checkGrant(storage, { named: { group, plural, kind, name: textAt(object['metadata'], 'name') }, user, object })
}

const warn = (response: ServerResponse, warnings: readonly string[]): void => {
  for (const words of warnings) response.appendHeader('warning', `299 - ${JSON.stringify(words)}`)
}

/** Who asks, may they, what do they get: every request over HTTP, from its headers to the audit entry. */
export class Exchanges {
  readonly #setting: Setting
  readonly #streams = new Set<Stream>()

  constructor(setting: Setting) {
    this.#setting = setting
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const info = requestInfoOf(message.method ?? 'GET', message.url ?? '/')
    const token = tokenOf(message)
    const user = token === '' ? anonymous : this.#setting.tokens.userOf(token)
    try {
      if (!user) throw unauthorized()
      await this.#answer({ info, user, message, response })
    } catch (thrown) {
      // A client that left in mid-request hears no answer, and its leaving is no failure of ours.
      if (!response.destroyed) this.#fail(response, thrown)
    }
    this.#audit({ info, user, message, response })
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end()
  }

  #send(response: ServerResponse, answer: Parameters<typeof send>[1]): void {
    send(response, answer, this.#setting.clock.nowMs())
  }

  /** Who the request says it speaks for (`kubectl --as`), if that is allowed; else who sent it. */
  #speakerOf(user: User, { headers }: IncomingMessage): User {
    const name = headers['impersonate-user']
    if (typeof name !== 'string') return user
    const wish = { verb: 'impersonate', group: '', plural: 'users', subresource: '', namespace: '', name }
    if (!allows(this.#setting.kernel.storage, user, wish)) throw refuse(user, wish)
    const groups = [headers['impersonate-group'] ?? []].flat().flatMap(group => group.split(', '))
    return userOf({ name, groups })
  }

  async #answer({ info, user: sender, message, response }: Exchange): Promise<void> {
    const { kernel } = this.#setting
    const user = this.#speakerOf(sender, message)
    const wish = wishOf(info)
    if (!allows(kernel.storage, user, wish)) throw refuse(user, wish)
    if (!info.resource) {
      const { accept = '', host = '' } = message.headers
      return this.#send(response, handlePath(kernel, { path: info.path, accept, address: host }))
    }
    const warnings: string[] = []
    const endpoint = endpointAt(kernel, info.resource)
    if (endpoint.version.deprecationWarning !== undefined) warnings.push(endpoint.version.deprecationWarning)
    const onWarning = (words: string): void => void warnings.push(words)
    const { verb, query, resource: path } = info
    const admit = admissionOf(kernel, endpoint, user)
    const request: ResourceRequest = { verb, path, query, endpoint, user, message, onWarning, ...(admit ? { admit } : {}) }
    if (info.verb === 'watch') {
      warn(response, warnings)
      return this.#watch(request, response)
    }
    const answer = await handleResource(kernel, request)
    warn(response, warnings)
    this.#send(response, answer)
  }

  #watch(request: ResourceRequest, response: ServerResponse): void {
    const stream = streamWatch(this.#setting.kernel, response, {
      endpoint: request.endpoint,
      query: streamQueryOf(request),
      representation: representationOf(request),
      onEnd: () => this.#streams.delete(stream),
    })
    this.#streams.add(stream)
  }

  #fail(response: ServerResponse, thrown: unknown): void {
    const expected = thrown instanceof StatusError
    if (!expected) this.#setting.log.error({ error: messageOf(thrown) }, 'request failed')
    this.#send(response, errorAnswer(expected ? thrown : internalError(messageOf(thrown))))
  }

  #audit({ info, user, message, response }: Omit<Exchange, 'user'> & { user: User | undefined }): void {
    const { group = '', plural = '', namespace = '', name = '', subresource = '' } = info.resource ?? {}
    this.#setting.onRequest({
      user: user?.name ?? '',
      userAgent: message.headers['user-agent'] ?? '',
      verb: info.verb,
      path: info.path,
      group,
      resource: plural,
      namespace,
      name,
      subresource,
      code: response.statusCode,
    })
  }
}
