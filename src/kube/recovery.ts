import type { Random } from './backoff.ts'
import { isKubeError } from './errors.ts'
import { SteppedBack } from './mirror.ts'
import { createReconnect } from './reconnect.ts'

/** How one turn of list and watch ended. */
export interface Ending {
  readonly during: 'list' | 'watch'
  /** Undefined when the server ended the watch in order. */
  readonly error: unknown
  /** How long the watch stood, 0 when it never did. */
  readonly healthyMs: number
  readonly sinceRequestMs: number
  readonly sawEvents: boolean
  readonly storeIsEmpty: boolean
}

/** What to do about it. */
interface NextTurn {
  readonly delayMs: number
  /** The kind does not exist here: hold nothing, count as synced. */
  readonly absent: boolean
}

/** Decides what follows each turn of a reflector. */
export interface Recovery {
  mustList(): boolean
  wantList(): void
  listed(): void
  after(ending: Ending): NextTurn
}

/** A kind whose CRD is not installed is asked for again at this pace. */
const absentMs = 60_000
/** So many 404s in a row before what we hold is given up: an API server that just started answers 404 for kinds it does not know yet. */
const missesBeforeAbsent = 3
/** So many refused watches in a row without an event, and the version itself is suspected. */
const refusalsBeforeList = 3

export const createRecovery = (random: Random): Recovery => {
  const reconnect = createReconnect(random)
  let mustList = true
  let misses = 0
  let refusals = 0

  const noteWatchEnding = ({ error, sawEvents }: Ending) => {
    const refused = isKubeError(error) && error.code !== 'Unreachable'
    refusals = refused && !sawEvents ? refusals + 1 : 0
    if (error instanceof SteppedBack || isKubeError(error, 'Gone', 'NotFound') || refusals >= refusalsBeforeList) mustList = true
  }

  const isAbsent = ({ during, error, storeIsEmpty }: Ending): boolean => {
    misses = during === 'list' && isKubeError(error, 'NotFound') ? misses + 1 : 0
    return misses > 0 && (storeIsEmpty || misses >= missesBeforeAbsent)
  }

  return {
    mustList: () => mustList,
    wantList: () => {
      mustList = true
    },
    listed: () => {
      mustList = false
      refusals = 0
    },
    after: ending => {
      if (ending.during === 'watch') noteWatchEnding(ending)
      if (isAbsent(ending)) return { absent: true, delayMs: absentMs * (0.5 + random() / 2) }
      const retryAfterMs = isKubeError(ending.error) ? ending.error.retryAfterMs : undefined
      return { absent: false, delayMs: reconnect.delayMs({ ...ending, retryAfterMs }) }
    },
  }
}
