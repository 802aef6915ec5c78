import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stringify as yamlText } from 'yaml'
import type { Clock } from '../../clock.ts'
import { messageOf } from '../../errors.ts'
import { type Logger, silentLogger } from '../../io.ts'
import { type ClusterApi, createClusterApi } from './cluster-api.ts'
import { errorAnswer, send } from './http-exchange.ts'
import { createTokens, mastersGroup, type Tokens, type User } from './identity.ts'
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

export interface ApiServerOptions {
  readonly clock: Clock
  readonly log?: Logger
  /** 0 or absent: any free one. */
  readonly port?: number
  /** Where ClusterIPs come from; loopback addresses by default. */
  readonly serviceCidr?: string
  /** Token → user, beside the administrator's. */
  readonly tokens?: Readonly<Record<string, Pick<User, 'name'> & Partial<User>>>
  readonly onRequest?: (entry: AuditEntry) => void
  /** Chance; the machine's when absent. */
  readonly random?: () => number
  /** How many changes of a kind watches can be replayed from. */
  readonly historyLimit?: number
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT`; send `Authorization: Bearer TOKEN`. */
  readonly url: string
  readonly adminToken: string
  /** The same API without HTTP. */
  readonly store: ClusterApi
  /** Makes a token for a user; the answer is the token. */
  addToken(user: Pick<User, 'name'> & Partial<User>, token?: string): string
  /** A kubeconfig for a token (the administrator's when absent) with which `kubectl` and client libraries work. */
  kubeconfig(token?: string): string
  /** Ends every watch, socket and timer. */
  stop(): Promise<void>
}

const newToken = (): string => randomBytes(24).toString('base64url')

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

const wishOf = ({ verb, path, resource }: RequestInfo): Attributes => {
  if (!resource) return { verb, path, group: '', plural: '', subresource: '', namespace: '', name: '' }
  const { group, plural, namespace, name, subresource } = resource
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

const healthPaths = ['/healthz', '/readyz', '/livez']

class Exchanges {
  readonly #store: ClusterApi
  readonly #tokens: Tokens
  readonly #options: ApiServerOptions
  readonly #streams = new Set<Stream>()

  constructor(store: ClusterApi, tokens: Tokens, options: ApiServerOptions) {
    this.#store = store
    this.#tokens = tokens
    this.#options = options
  }

  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const info = requestInfoOf(message.method ?? 'GET', message.url ?? '/')
    const user = this.#tokens.userOf(tokenOf(message))
    try {
      if (user) await this.#answer({ info, user, message, response })
      else if (healthPaths.includes(info.path))
        this.#send(response, handlePath(this.#store.kernel, { path: info.path, accept: '', address: '' }))
      else throw unauthorized()
    } catch (thrown) {
      this.#fail(response, thrown)
    }
    this.#audit({ info, user, message, response })
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.end()
  }

  #send(response: ServerResponse, answer: Parameters<typeof send>[1]): void {
    send(response, answer, this.#options.clock.nowMs())
  }

  async #answer({ info, user, message, response }: Exchange): Promise<void> {
    const { kernel } = this.#store
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
    const request: ResourceRequest = { verb: info.verb, path: info.resource, query: info.query, endpoint, user, message, onWarning }
    if (info.verb === 'watch') return this.#watch(request, response)
    const answer = await handleResource(kernel, request)
    for (const words of warnings) response.appendHeader('warning', `299 - ${JSON.stringify(words)}`)
    this.#send(response, answer)
  }

  #watch(request: ResourceRequest, response: ServerResponse): void {
    const stream = streamWatch(this.#store.kernel, response, {
      endpoint: request.endpoint,
      query: streamQueryOf(request),
      representation: representationOf(request),
      onEnd: () => this.#streams.delete(stream),
    })
    this.#streams.add(stream)
  }

  #fail(response: ServerResponse, thrown: unknown): void {
    const expected = thrown instanceof StatusError
    if (!expected) this.#options.log?.error({ error: messageOf(thrown) }, 'request failed')
    this.#send(response, errorAnswer(expected ? thrown : internalError(messageOf(thrown))))
  }

  #audit({ info, user, message, response }: Omit<Exchange, 'user'> & { user: User | undefined }): void {
    const { group = '', plural = '', namespace = '', name = '', subresource = '' } = info.resource ?? {}
    this.#options.onRequest?.({
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

const listen = (server: Server, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })

const kubeconfigText = (url: string, token: string): string =>
  yamlText({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'serin', cluster: { server: url.replace('://', `://serin:${token}@`) } }],
    users: [{ name: 'serin', user: { token } }],
    contexts: [{ name: 'serin', context: { cluster: 'serin', user: 'serin', namespace: 'default' } }],
    'current-context': 'serin',
  })

/** Starts the embedded API server on loopback. */
export const startApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { clock, port = 0, serviceCidr, historyLimit, random = Math.random, log = silentLogger } = options
  const store = createClusterApi({
    clock,
    random,
    ...(serviceCidr === undefined ? {} : { serviceCidr }),
    ...(historyLimit === undefined ? {} : { historyLimit }),
  })
  const tokens = createTokens()
  const adminToken = newToken()
  tokens.add(adminToken, { name: 'system:admin', groups: [mastersGroup] })
  for (const [token, user] of Object.entries(options.tokens ?? {})) tokens.add(token, user)

  const exchanges = new Exchanges(store, tokens, { ...options, log })
  // Watches live as long as their timeoutSeconds says, so the server's own limits on a request are off.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 120_000 }, (message, response) => {
    void exchanges.handle(message, response)
  })
  const address = await listen(server, port)
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    adminToken,
    store,
    addToken: (user, token = newToken()) => {
      tokens.add(token, user)
      return token
    },
    kubeconfig: (token = adminToken) => kubeconfigText(url, token),
    stop: () =>
      new Promise(resolve => {
        exchanges.endStreams()
        store.stop()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
