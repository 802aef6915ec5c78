/** What the work queue does next: back off and try again, or wait until the spec changes. */
export type Disposition = 'retry' | 'terminal'

/** Base of every error we raise. `code` is stable and greppable; the message is for people. */
export abstract class CanaryError extends Error {
  abstract readonly code: string
  abstract readonly disposition: Disposition

  override get name(): string {
    return this.constructor.name
  }
}

/** The words of any thrown value, with its causes, on one line and without a stack. */
export const messageOf = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : JSON.stringify(thrown)
  const cause = thrown.cause === undefined ? '' : messageOf(thrown.cause)
  return cause === '' || thrown.message.includes(cause) ? thrown.message : `${thrown.message}: ${cause}`
}

/** Whether trying again can help. Unknown errors are worth another try. */
export const dispositionOf = (thrown: unknown): Disposition => (thrown instanceof CanaryError ? thrown.disposition : 'retry')
