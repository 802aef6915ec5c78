import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { AuditEntry } from '../../../src/sandbox/apiserver/exchanges.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../src/sandbox/apiserver/server.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { seeded } from './a-cluster.ts'

interface Answer {
  readonly code: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any
}

interface Ask {
  readonly method?: string
  readonly body?: unknown
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Lines {
  /** The next line of the stream, or undefined at its end. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  next(): Promise<any>
  close(): void
}

export interface TestServer extends AsyncDisposable {
  readonly server: ApiServer
  readonly clock: VirtualClock
  readonly audit: readonly AuditEntry[]
  ask(path: string, ask?: Ask): Promise<Answer>
  watch(path: string, headers?: Readonly<Record<string, string>>): Promise<Lines>
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body))

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A server in virtual time on a free port of loopback; `await using` stops it. */
export const aServer = async (options: Partial<ApiServerOptions> = {}): Promise<TestServer> => {
  const clock = new VirtualClock()
  const audit: AuditEntry[] = []
  const server = await startApiServer({ clock, random: seeded(), onRequest: entry => audit.push(entry), ...options })
  const headersWith = (token: string, more: Readonly<Record<string, string>> = {}) => ({
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
    'user-agent': 'tester/1.0',
    ...more,
  })
  return {
    server,
    clock,
    audit,
    ask: async (path, { method = 'GET', body, token = server.adminToken, headers } = {}) => {
      const response = await fetch(server.url + path, {
        method,
        headers: headersWith(token, headers),
        ...(body === undefined ? {} : { body: textOf(body) }),
      })
      return { code: response.status, headers: response.headers, body: parsed(await response.text()) }
    },
    watch: async (path, headers) => {
      const aborting = new AbortController()
      const response = await fetch(server.url + path, { headers: headersWith(server.adminToken, headers), signal: aborting.signal })
      if (!response.body) throw new Error('a watch has a body')
      const lines = createInterface({ input: Readable.fromWeb(response.body) })[Symbol.asyncIterator]()
      return {
        next: async () => {
          const { value, done } = await lines.next()
          return done ? undefined : JSON.parse(value)
        },
        close: () => aborting.abort(),
      }
    },
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
