import { CanaryError, type Disposition } from '../errors.ts'

export type KubeErrorCode =
  | 'Conflict'
  | 'Gone'
  | 'NotFound'
  | 'Forbidden'
  | 'Invalid'
  | 'Unauthorized'
  | 'TooManyRequests'
  | 'ServerError'
  | 'Unreachable'
  | 'Fenced'

const dispositions: Readonly<Record<KubeErrorCode, Disposition>> = {
  Conflict: 'retry',
  Gone: 'retry',
  NotFound: 'terminal',
  Forbidden: 'terminal',
  Invalid: 'terminal',
  Unauthorized: 'retry',
  TooManyRequests: 'retry',
  ServerError: 'retry',
  Unreachable: 'retry',
  Fenced: 'retry',
}

/** What is known about a failed request besides its code. */
export interface KubeErrorFacts {
  readonly httpStatus?: number
  /** The server's own word, such as `AlreadyExists` (also a 409) or `Expired` (also a 410). */
  readonly reason?: string
  /** How long the server asked us to stay away, in milliseconds. */
  readonly retryAfterMs?: number
  /** Whether bytes may have reached the server. Only `Unreachable` with `sent` leaves it open whether a write happened: read back first. */
  readonly sent?: boolean
  /** The fields that a 422 complains about, such as `spec.weight`. */
  readonly fields?: readonly string[]
  readonly cause?: unknown
}

/** Every failure of the Kubernetes API; `code` decides what to do, the message keeps what the server said. */
export class KubeError extends CanaryError {
  readonly code: KubeErrorCode
  readonly disposition: Disposition
  readonly httpStatus: number | undefined
  readonly reason: string
  readonly retryAfterMs: number | undefined
  readonly sent: boolean
  readonly fields: readonly string[]

  constructor(code: KubeErrorCode, message: string, facts: KubeErrorFacts = {}) {
    super(message, 'cause' in facts ? { cause: facts.cause } : undefined)
    this.code = code
    this.disposition = dispositions[code]
    this.httpStatus = facts.httpStatus
    this.reason = facts.reason ?? code
    this.retryAfterMs = facts.retryAfterMs
    this.sent = facts.sent ?? true
    this.fields = facts.fields ?? []
  }
}

/** Whether something thrown is a `KubeError` of one of these codes (of any code when none is named). */
export const isKubeError = (thrown: unknown, ...codes: readonly KubeErrorCode[]): thrown is KubeError =>
  thrown instanceof KubeError && (codes.length === 0 || codes.includes(thrown.code))

/** What failed, for people and for counters. `secret` keeps the server's words out of the message: they may quote values. */
export interface RequestLabel {
  readonly verb: string
  readonly resource: string
  readonly name?: string
  readonly secret?: boolean
}

export const labelText = ({ verb, resource, name }: RequestLabel): string =>
  [verb, resource, name].filter(part => part !== undefined && part !== '').join(' ')

/** An answer that was not a success. */
export interface FailedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

const codes: Readonly<Record<number, KubeErrorCode>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'ServerError',
  409: 'Conflict',
  410: 'Gone',
  429: 'TooManyRequests',
}

/** The code of an HTTP status; a 4xx without one of its own means that the request itself is wrong. */
const codeOfStatus = (status: number): KubeErrorCode => codes[status] ?? (status >= 400 && status < 500 ? 'Invalid' : 'ServerError')

/** What we read of a `Status`; any of it may be missing or of another type. */
interface StatusBody {
  readonly message?: unknown
  readonly reason?: unknown
  readonly details?: { readonly retryAfterSeconds?: unknown; readonly causes?: unknown } | null
}

const longestForeignText = 200

/** Reads a `Status` object; a proxy's HTML or plain text becomes its first words on one line. */
const statusBodyOf = (body: string): StatusBody => {
  const foreign = { message: body.replace(/\s+/g, ' ').trim().slice(0, longestForeignText) }
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : foreign
  } catch {
    return foreign // not JSON: the text itself is all we can show
  }
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' && value !== '' ? value : otherwise)

const fieldsOf = (causes: unknown): readonly string[] =>
  Array.isArray(causes) ? causes.map(cause => (cause as { field?: unknown } | null)?.field).filter(field => typeof field === 'string') : []

/** Milliseconds of a Retry-After header: seconds or an HTTP date, counted from `nowMs`. */
const retryAfterHeaderMs = (header: unknown, nowMs: number): number | undefined => {
  if (typeof header !== 'string' || header.trim() === '') return undefined
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

const withheld = 'the server refused it (its words are withheld, they may quote the secret)'

/** The error that an answer of the server means. `nowMs` is for a Retry-After that names a date. */
export const errorOfAnswer = (label: RequestLabel, answer: FailedAnswer, nowMs: number): KubeError => {
  const { message, reason, details } = statusBodyOf(answer.body)
  const code = codeOfStatus(answer.status)
  const seconds = details?.retryAfterSeconds
  const retryAfterMs =
    retryAfterHeaderMs(answer.headers['retry-after'], nowMs) ?? (typeof seconds === 'number' ? seconds * 1000 : undefined)
  const words = label.secret ? withheld : textOr(message, '')
  const said = `${answer.status} ${textOr(reason, code)}`
  return new KubeError(code, [labelText(label), said, words].filter(Boolean).join(': '), {
    httpStatus: answer.status,
    reason: textOr(reason, code),
    fields: fieldsOf(details?.causes),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** The error of an ERROR line in a watch: its object is a `Status`, whose `code` is an HTTP status. */
export const errorOfStatusObject = (label: RequestLabel, status: object): KubeError => {
  const { code } = status as { code?: unknown }
  return errorOfAnswer(label, { status: typeof code === 'number' ? code : 500, headers: {}, body: JSON.stringify(status) }, 0)
}

/** No answer: refused, reset, past its deadline, or called off. `sent` false means that nothing can have happened. */
export const unreachable = (label: RequestLabel, cause: unknown, sent: boolean): KubeError => {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new KubeError('Unreachable', `${labelText(label)}: no answer${sent ? '' : ' (nothing was sent)'}: ${words}`, { sent, cause })
}

/** We may not write any more: nothing was sent. */
export const fenced = (label: RequestLabel): KubeError =>
  new KubeError('Fenced', `${labelText(label)}: not sent, this process does not hold the leader lease`, { sent: false })
