import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '../../../errors.ts'
import type { Logger } from '../../../io.ts'
import { QueryError } from '../promql/query-error.ts'
import type { Answer } from './answers.ts'
import { failure, plainText } from './answers.ts'
import type { ApiWorld } from './api.ts'
import { routes } from './api.ts'
import type { Params } from './params.ts'

const longestFormBytes = 1024 * 1024

export interface ServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly log: Logger
}

export interface ListeningServer {
  readonly url: string
  close(): Promise<void>
}

const readForm = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    size += (part as Buffer).length
    if (size > longestFormBytes)
      throw new QueryError('bad_data', `error parsing form values: the body is longer than ${longestFormBytes} bytes`)
    parts.push(part as Buffer)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Those of the body first: of a parameter given twice the first one counts. */
const paramsOf = async (request: IncomingMessage, url: URL): Promise<Params> => {
  if (request.method !== 'POST') return url.searchParams
  return new URLSearchParams([...new URLSearchParams(await readForm(request)), ...url.searchParams])
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new QueryError('bad_data', `invalid label name: ${JSON.stringify(text)}`)
  }
}

/** Path in the form of the routing table, and its variable part. */
const routeOf = (path: string): { readonly key: string; readonly name: string } => {
  const [, name] = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path) ?? []
  return name === undefined ? { key: path, name: '' } : { key: '/api/v1/label/*/values', name: decoded(name) }
}

const answer = async (request: IncomingMessage, world: ApiWorld): Promise<Answer> => {
  const url = new URL(`http://localhost${request.url ?? '/'}`)
  const { key, name } = routeOf(url.pathname)
  const route = Object.hasOwn(routes, key) ? routes[key] : undefined
  if (!route) return plainText(404, '404 page not found\n')
  if (!route.methods.includes(request.method ?? '')) return plainText(405, 'Method Not Allowed\n')
  return route.run(await paramsOf(request, url), world, name)
}

const send = (response: ServerResponse, { status, contentType, body }: Answer): void => {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const serve = (world: ApiWorld, log: Logger) => (request: IncomingMessage, response: ServerResponse) => {
  answer(request, world)
    .catch((thrown: unknown) => {
      if (!(thrown instanceof QueryError)) log.error({ url: request.url, error: messageOf(thrown) }, 'could not answer')
      return failure(thrown)
    })
    .then(result => send(response, result))
    .catch(thrown => log.debug({ url: request.url, error: messageOf(thrown) }, 'client went away'))
}

const listening = (server: Server, { host, port }: ServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** Serves the query API until closed. */
export const startServer = async (world: ApiWorld, options: ServerOptions): Promise<ListeningServer> => {
  const server = createServer(serve(world, options.log))
  await listening(server, options)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
