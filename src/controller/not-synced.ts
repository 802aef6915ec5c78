import { CanaryError } from '../errors.ts'

/** Caches that a Canary needs are still being filled. */
export class NotSynced extends CanaryError {
  readonly code = 'NotSynced'
  readonly disposition = 'retry'
}
