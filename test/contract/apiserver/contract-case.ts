/**
 * The words in which the contract is written.
 *
 * A case is a name and steps; a step is a request and what the answer must be. Every text, in requests and in expectations, may hold
 * placeholders: `{{ns}}` is a fresh namespace of this case, `{{NAME}}` what an earlier step kept under that name, and in
 * expectations `{{any}}` stands for anything that must differ between servers.
 */
export interface ContractCase {
  readonly name: string
  readonly steps: readonly Step[]
  /** What the server must be able to do for the case to make sense. */
  readonly needs?: Ability
}

/** What not every server under test can do: forget on demand, run the controllers behind the API, stream a list, know a user without rights. */
export type Ability = 'compaction' | 'controllers' | 'streaming' | 'limited user'

/** Cases about one thing. */
export interface Chapter {
  readonly about: string
  readonly cases: readonly ContractCase[]
  /** Runs after the others and by itself, because it takes something from everybody. */
  readonly alone?: true
  readonly needs?: Ability
}

export type Step = readonly [ask: Ask, answer: Answer, more?: StepOptions]

interface StepOptions {
  /** Placeholder → JSON pointer into the answer. */
  readonly keep?: Readonly<Record<string, string>>
  /** What a controller does behind the API: asked again until the answer is as expected. */
  readonly eventually?: true
}

/** `limited` is `serin-limited`, who may do nothing unless a case allows it; `nobody` shows no token, `stranger` one that is nobody's. */
export type Who = 'admin' | 'limited' | 'nobody' | 'stranger'

export interface Ask {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
  readonly accept?: string
  readonly as?: Who
  readonly userAgent?: string
  /** How many events of a watch to wait for; `all`: until the server ends it. */
  readonly events?: number | 'all'
  /** What happens while a watch is open. */
  readonly meanwhile?: readonly Step[]
  /** Makes the server forget old versions instead of asking it anything. */
  readonly compacts?: true
}

/** What must be true of an answer. What is not mentioned may be anything. */
export interface Answer {
  readonly code?: number
  /** Matched in part: objects may hold more, lists may not. */
  readonly body?: unknown
  /** JSON pointer → the whole value there. */
  readonly whole?: Readonly<Record<string, unknown>>
  /** JSON pointers to what must not be there. */
  readonly absent?: readonly string[]
  /** The texts of all `Warning` headers. */
  readonly warnings?: readonly string[]
  readonly contentType?: string
}

/** The admin's request, with the commonest values for all that is not said. */
const ask = (method: string, path: string, rest: Partial<Ask> = {}): Ask => ({ method, path, ...rest })

const withQuery = (path: string, query: string): string => (query === '' ? path : `${path}?${query}`)

export const get = (path: string, rest: Partial<Ask> = {}): Ask => ask('GET', path, rest)
export const post = (path: string, body: unknown, rest: Partial<Ask> = {}): Ask => ask('POST', path, { body, ...rest })
export const put = (path: string, body: unknown, rest: Partial<Ask> = {}): Ask => ask('PUT', path, { body, ...rest })
export const remove = (path: string, body?: unknown): Ask => ask('DELETE', path, body === undefined ? {} : { body })

const patchOf =
  (contentType: string) =>
  (path: string, body: unknown, rest: Partial<Ask> = {}): Ask =>
    ask('PATCH', path, { body, contentType, ...rest })

export const mergePatch = patchOf('application/merge-patch+json')
export const jsonPatch = patchOf('application/json-patch+json')
export const strategicPatch = patchOf('application/strategic-merge-patch+json')

/** Server-side apply; `query` says who applies and how: `fieldManager=git&force=true`. */
export const apply = (path: string, query: string, body: unknown): Ask =>
  ask('PATCH', withQuery(path, query), { body, contentType: 'application/apply-patch+yaml' })

/** A watch, and how many of its events matter. */
export const watch = (path: string, events: number | 'all', rest: Partial<Ask> = {}): Ask =>
  ask('GET', `${path}${path.includes('?') ? '&' : '?'}watch=1`, { events, ...rest })

export const compact: Ask = { method: '', path: '', compacts: true }

export const asLimited = (request: Ask): Ask => ({ ...request, as: 'limited' })

export const ok = (body?: unknown, rest: Answer = {}): Answer => ({ code: 200, ...(body === undefined ? {} : { body }), ...rest })
export const made = (body?: unknown, rest: Answer = {}): Answer => ({ ...ok(body, rest), code: 201 })

/** An error: its HTTP code and reason (`409 Conflict`), its exact message, and what matters of its details. */
export const refused = (status: string, message: string, details?: unknown): Answer => {
  const [code, reason] = status.split(' ')
  const named = reason === undefined ? {} : { reason }
  const detailed = details === undefined ? {} : { details }
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: Number(code), ...named, ...detailed }
  return { code: Number(code), body, ...(reason === undefined ? { absent: ['/reason'] } : {}) }
}

export type Cause = readonly [reason: string, field: string, message: string]

/** A 422 that names fields at fault. The message says each fault once, the causes say it as often as it was found. */
export const invalid = (what: string, ...causes: readonly Cause[]): Answer => {
  const faults = [...new Set(causes.map(([, field, message]) => `${field}: ${message}`))]
  const words = faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`
  const details = { causes: causes.map(([reason, field, message]) => ({ reason, field, message })) }
  return refused('422 Invalid', `${what} is invalid: ${words}`, details)
}
