import { type Dispatcher, fetch, type Response } from 'undici'
import type { Ask, Who } from './contract-case.ts'

/** What came back, in the form in which the contract looks at it. The body of a watch is the list of its events. */
export interface Answered {
  readonly code: number
  readonly body: unknown
  readonly warnings: readonly string[]
  readonly contentType: string
}

/** How somebody proves who they are. */
export interface Identity {
  readonly headers: Readonly<Record<string, string>>
  /** Speaks TLS the way the server and this user need it. */
  readonly dispatcher?: Dispatcher
}

/** How to reach an API server as each of the users of the contract. */
export interface Access {
  readonly url: string
  readonly users: Readonly<Record<Who, Identity>>
}

/** Who shows a token, or none where there is no text. */
export const withToken = (token: string, dispatcher?: Dispatcher): Identity => ({
  headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  ...(dispatcher ? { dispatcher } : {}),
})

/** A watch that says nothing more by then has said what it had to say. */
const watchLimitMs = 30_000

const headersOf = ({ contentType = 'application/json', accept = 'application/json', userAgent = 'contract/1.0 (node)' }: Ask) => ({
  accept,
  'content-type': contentType,
  'user-agent': userAgent,
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const warningsOf = (response: Response): readonly string[] =>
  [...(response.headers.get('warning') ?? '').matchAll(/299 - ("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) => String(JSON.parse(text)))

const answered = (response: Response, body: unknown): Answered => ({
  code: response.status,
  body,
  warnings: warningsOf(response),
  contentType: response.headers.get('content-type') ?? '',
})

const send = (ask: Ask, { url, users }: Access, signal: AbortSignal): Promise<Response> => {
  const { headers, dispatcher } = users[ask.as ?? 'admin']
  return fetch(url + ask.path, {
    method: ask.method,
    headers: { ...headersOf(ask), ...headers },
    signal,
    ...(ask.body === undefined ? {} : { body: typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body) }),
    ...(dispatcher ? { dispatcher } : {}),
  })
}

/** The lines of a body as they come. Who stops listening closes the connection. */
const linesOf = async function* (response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

const eventsOf = async (response: Response, limit: number, cut: AbortSignal): Promise<unknown[]> => {
  const events: unknown[] = []
  try {
    for await (const line of linesOf(response)) {
      events.push(JSON.parse(line))
      if (events.length >= limit) break
    }
  } catch (thrown) {
    // Cut off at the limit of time: what came until then is the answer, and the expectation says what is missing.
    if (!cut.aborted) throw thrown
  }
  return events
}

const follow = async (ask: Ask, access: Access, meanwhile: () => Promise<void>): Promise<Answered> => {
  const cut = new AbortController()
  const timer = setTimeout(() => cut.abort(), watchLimitMs)
  try {
    const response = await send(ask, access, cut.signal)
    if (response.status !== 200) return answered(response, parsed(await response.text()))
    await meanwhile()
    const limit = ask.events === 'all' ? Number.POSITIVE_INFINITY : (ask.events ?? 1)
    return answered(response, await eventsOf(response, limit, cut.signal))
  } finally {
    clearTimeout(timer)
  }
}

/** Sends one request and reads its answer; while a watch is open, `meanwhile` happens. */
export const askServer = async (ask: Ask, access: Access, meanwhile: () => Promise<void>): Promise<Answered> => {
  if (ask.events !== undefined) return follow(ask, access, meanwhile)
  const response = await send(ask, access, AbortSignal.timeout(30_000))
  return answered(response, parsed(await response.text()))
}
