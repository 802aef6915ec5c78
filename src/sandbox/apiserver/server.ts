import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stringify as yamlText } from 'yaml'
import type { Clock } from '../../clock.ts'
import { type Logger, silentLogger } from '../../io.ts'
import { type ClusterApi, createClusterApi } from './cluster-api.ts'
import { type AuditEntry, Exchanges } from './exchanges.ts'
import { createTokens, mastersGroup, type User } from './identity.ts'

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

  const exchanges = new Exchanges({ kernel: store.kernel, tokens, clock, log, onRequest: options.onRequest ?? (() => {}) })
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
