import { CanaryError, type Disposition } from '../../errors.ts'

/** One field that was wrong, or one field another manager owns. */
export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field?: string
}

interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** The `Status` object with which a Kubernetes API answers every error. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, string>>
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

/** What a message names: `deployments.apps "web"`. */
export interface Named {
  readonly group: string
  readonly plural: string
  readonly kind: string
  readonly name?: string
}

/** An answer other than success. It carries the whole `Status` that goes over the wire. */
export class StatusError extends CanaryError {
  readonly code = 'StatusError'
  readonly disposition: Disposition
  readonly status: Status

  /** @param reason '' for the few answers to which the real API gives none */
  constructor(
    httpCode: number,
    reason: string,
    rest: Pick<Status, 'details'> & Partial<Pick<Status, 'metadata'>> & { readonly message: string },
  ) {
    super(rest.message)
    const named = reason === '' ? {} : { reason }
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...rest, ...named, code: httpCode }
    this.disposition = httpCode === 409 || httpCode === 410 || httpCode >= 500 ? 'retry' : 'terminal'
  }
}

const qualified = ({ group, plural }: Pick<Named, 'group' | 'plural'>): string => (group === '' ? plural : `${plural}.${group}`)

const detailsOf = ({ group, plural, name }: Named): StatusDetails => ({
  ...(name === undefined || name === '' ? {} : { name }),
  ...(group === '' ? {} : { group }),
  ...(plural === '' ? {} : { kind: plural }),
})

export const notFound = (what: Named): StatusError =>
  new StatusError(404, 'NotFound', { message: `${qualified(what)} ${JSON.stringify(what.name ?? '')} not found`, details: detailsOf(what) })

export const noSuchPath = (): StatusError =>
  new StatusError(404, 'NotFound', { message: 'the server could not find the requested resource', details: {} })

/** Where no group is served, nobody is there who could answer with a `Status`. */
export class PageNotFound extends StatusError {
  constructor() {
    super(404, 'NotFound', { message: '404 page not found\n' })
  }
}

export const alreadyExists = (what: Named): StatusError =>
  new StatusError(409, 'AlreadyExists', {
    message: `${qualified(what)} ${JSON.stringify(what.name ?? '')} already exists`,
    details: detailsOf(what),
  })

const staleWords = 'the object has been modified; please apply your changes to the latest version and try again'

export const conflict = (what: Named, why = staleWords): StatusError =>
  new StatusError(409, 'Conflict', {
    message: `Operation cannot be fulfilled on ${qualified(what)} ${JSON.stringify(what.name ?? '')}: ${why}`,
    details: detailsOf(what),
  })

/** @param causes one per wrong field; at least one */
export const invalid = (what: Named, causes: readonly StatusCause[]): StatusError => {
  // The message says each fault once, the causes as often as it was found.
  const words = [...new Set(causes.map(cause => `${cause.field ?? ''}: ${cause.message}`))]
  const kind = what.group === '' ? what.kind : `${what.kind}.${what.group}`
  return new StatusError(422, 'Invalid', {
    message: `${kind} ${JSON.stringify(what.name ?? '')} is invalid: ${words.length === 1 ? words[0] : `[${words.join(', ')}]`}`,
    details: { ...detailsOf(what), ...(what.kind === '' ? {} : { kind: what.kind }), causes },
  })
}

export const forbidden = (what: Named, why: string, causes?: readonly StatusCause[]): StatusError =>
  new StatusError(403, 'Forbidden', {
    message: `${qualified(what)}${what.name === undefined || what.name === '' ? '' : ` ${JSON.stringify(what.name)}`} is forbidden: ${why}`,
    details: { ...detailsOf(what), ...(causes ? { causes } : {}) },
  })

export const unauthorized = (): StatusError => new StatusError(401, 'Unauthorized', { message: 'Unauthorized' })

export const badRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', { message })

/** The version asked for is no longer in the history: list again. */
export const expired = (message: string, metadata: Status['metadata'] = {}): StatusError =>
  new StatusError(410, 'Expired', { message, metadata })

export const methodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', { message: 'the server does not allow this method on the requested resource', details: {} })

export const unsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', {
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  })

/** A patch of a kind that nobody knows: the answer of who looks at the header alone. */
export const unsupportedPatch = (): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', { message: '415: Unsupported Media Type', details: {} })

/** @param available what the client could have asked for */
export const notAcceptable = (available: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', {
    message: `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
    details: {},
  })

export const tooLarge = (limitBytes: number): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', { message: `Request entity too large: limit is ${limitBytes}` })

export const internalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', { message: `Internal error occurred: ${message}`, details: { causes: [{ reason: '', message }] } })

export const versionTooLarge = (asked: number, current: number): StatusError =>
  new StatusError(504, 'Timeout', {
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  })

/** What a successful delete answers when the object is gone. */
export const deleted = (what: Named & { readonly uid: string }): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { ...detailsOf(what), uid: what.uid },
})
