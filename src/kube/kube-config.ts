import { existsSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
// The only values anybody takes from this package: importing them costs some 40 MB.
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node'
import { CanaryError } from '../errors.ts'
import type { TlsOptions } from './connector.ts'
import type { Authenticate } from './transport.ts'

export interface KubeConfigOptions {
  /** Path of a kubeconfig file. */
  readonly kubeconfig?: string
  /** URL of the API server; overrides the one that the configuration names. Alone it means a server that asks for no credentials. */
  readonly master?: string
  /** What the service account's path begins with, where `/` is not the container's own root. */
  readonly root?: string
}

/** Where the API server is, and how to be let in: what `createTransport` takes. */
export interface ServerAccess {
  readonly server: string
  readonly tls: TlsOptions
  readonly authenticate: Authenticate
  /** The namespace we run in, or that the kubeconfig prefers. */
  readonly namespace: string | undefined
}

/** No configuration, or one that cannot be used. Its message never shows what the file says: that may be a token. */
export class KubeConfigInvalid extends CanaryError {
  readonly code = 'KubeConfigInvalid'
  readonly disposition = 'terminal'
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token'
const nobody: User = { name: 'nobody' }

/** Why a file could not be read, in one word: a YAML error's own message quotes the file. */
const causeWord = (error: unknown): string => {
  const { code, reason } = error as { code?: unknown; reason?: unknown }
  return [code, reason].find(word => typeof word === 'string') ?? 'not a kubeconfig'
}

const loadInto = (config: KubeConfig, { kubeconfig, master, root = '' }: KubeConfigOptions): void => {
  if (kubeconfig) config.loadFromFile(kubeconfig)
  else if (master) config.loadFromClusterAndUser({ name: 'master', server: master, skipTLSVerify: false }, nobody)
  else if (existsSync(root + serviceAccountToken)) config.loadFromCluster(root)
  else config.loadFromDefault()
}

const load = (options: KubeConfigOptions): KubeConfig => {
  const config = new KubeConfig()
  try {
    loadInto(config, options)
    return config
  } catch (error) {
    throw new KubeConfigInvalid(`cannot read ${options.kubeconfig ?? 'the Kubernetes configuration'}: ${causeWord(error)}`)
  }
}

/** Where the library ends up when it finds nothing. */
const isLastResort = ({ name, server }: Cluster): boolean => name === 'cluster' && server === 'http://localhost:8080'

const clusterOf = (config: KubeConfig, { master }: KubeConfigOptions): Cluster => {
  const cluster = config.getCurrentCluster()
  if (!cluster) throw new KubeConfigInvalid('expected a current context with a cluster in the kubeconfig, got none')
  if (isLastResort(cluster)) throw new KubeConfigInvalid('found no Kubernetes configuration: name a kubeconfig, or run inside a cluster')
  if (cluster.proxyUrl) throw new KubeConfigInvalid(`cluster ${cluster.name}: proxy-url is not supported`)
  const server = master || cluster.server
  if (!URL.canParse(server)) throw new KubeConfigInvalid(`expected the URL of the API server, got ${JSON.stringify(server)}`)
  // The library refuses plain HTTP unless verification is off; there is nothing to verify.
  return { ...cluster, server, skipTLSVerify: cluster.skipTLSVerify || server.startsWith('http:') }
}

/** The configuration with its overrides, once more in the library's own form: it knows every way to authenticate. */
const effective = (options: KubeConfigOptions) => {
  const loaded = load(options)
  const cluster = clusterOf(loaded, options)
  const config = new KubeConfig()
  config.loadFromClusterAndUser(cluster, loaded.getCurrentUser() ?? nobody)
  const namespace = loaded.getContextObject(loaded.getCurrentContext())?.namespace?.trim() || undefined
  return { config, server: cluster.server, namespace }
}

const requestOptions = async (config: KubeConfig): Promise<RequestOptions> => {
  const options: RequestOptions = { headers: {} }
  await config.applyToHTTPSOptions(options)
  return options
}

const headersOf = ({ headers = {}, auth }: RequestOptions): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).trim()])),
  ...(auth && { authorization: `Basic ${Buffer.from(auth).toString('base64')}` }),
})

const tlsOf = ({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }: RequestOptions): TlsOptions =>
  Object.fromEntries(
    Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  )

/**
 * Reads configuration as kubectl does: the file that is named, else the pod's service account, else KUBECONFIG or ~/.kube/config.
 * Tokens in files are read again every minute by the library, and everything is after a 401. Client certificates are read once.
 * @throws {KubeConfigInvalid} terminal
 */
export const loadKubeConfig = async (options: KubeConfigOptions = {}): Promise<ServerAccess> => {
  let { config, server, namespace } = effective(options)
  const tls = tlsOf(await requestOptions(config))
  return {
    server,
    tls,
    namespace,
    authenticate: async ({ fresh }) => {
      if (fresh) config = effective(options).config
      return headersOf(await requestOptions(config))
    },
  }
}
