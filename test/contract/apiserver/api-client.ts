import { type Dispatcher, fetch, type Response } from 'undici'
import type { Ask, Who } from './contract-case.ts'

/** What came back, in the form in which the contract looks at it. The body of a watch is the list of its events. */
export interface Answered {
  readonly code: number
  readonly body: unknown
  readonly warnings: readonly string[]
  readonly contentType: string
}

/** How to reach an API server as each of the users of the contract. */
export interface Access {
  readonly url: string
  readonly tokens: Readonly<Record<Who, string>>
  /** Speaks TLS the way this server needs it. */
  readonly dispatcher?: Dispatcher
}

/** A watch that says nothing more by then has said what it had to say. */
const watchLimitMs = 15_000

const headersOf = ({ as = 'admin', contentType = 'application/json', accept = 'application/json', userAgent }: Ask, access: Access) => {
  const token = access.tokens[as]
  return {
    accept,
    'content-type': contentType,
    'user-agent': userAgent ?? 'contract/1.0 (node)',
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
  }
}

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

const send = (ask: Ask, access: Access, signal: AbortSignal): Promise<Response> =>
  fetch(access.url + ask.path, {
    method: ask.method,
    headers: headersOf(ask, access),
    signal,
    ...(ask.body === undefined ? {} : { body: typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body) }),
    ...(access.dispatcher ? { dispatcher: access.dispatcher } : {}),
  })

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
