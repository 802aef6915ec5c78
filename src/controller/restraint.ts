import { CanaryError } from '../errors.ts'

/** Somebody changes back what we write, again and again. */
export class Contested extends CanaryError {
  readonly code = 'Contested'
  readonly disposition = 'terminal'
}

/** What was written where. */
export interface Written {
  readonly object: string
  readonly content: string
}

/** Keeps us out of fights: an object that somebody else changes back is written now and then, not as fast as both can. */
export interface Restraint {
  /** @throws {Contested} terminal: the same was written to this object too often just now */
  check(write: Written, nowMs: number): void
  wrote(write: Written, nowMs: number): void
}

interface Writes {
  readonly content: string
  readonly atMs: readonly number[]
}

const windowMs = 60_000
/** The same content so often within the window is more than repairs need. */
const most = 10
/** From then on only so often. */
const paceMs = 5000

export const createRestraint = (): Restraint => {
  /** In the order of the last writes. */
  const known = new Map<string, Writes>()

  const recent = ({ object, content }: Written, nowMs: number): readonly number[] => {
    const before = known.get(object)
    return before?.content === content ? before.atMs.filter(atMs => nowMs - atMs <= windowMs) : []
  }

  const forgetOld = (nowMs: number): void => {
    for (const [object, { atMs }] of known) {
      if (nowMs - (atMs.at(-1) ?? 0) <= windowMs) return
      known.delete(object)
    }
  }

  return {
    check: (write, nowMs) => {
      const times = recent(write, nowMs)
      if (times.length < most || nowMs - (times.at(-1) ?? 0) >= paceMs) return
      throw new Contested(`somebody else changed it back ${times.length} times within a minute; find out who else manages it`)
    },
    wrote: (write, nowMs) => {
      const atMs = [...recent(write, nowMs), nowMs]
      known.delete(write.object)
      known.set(write.object, { content: write.content, atMs })
      forgetOld(nowMs)
    },
  }
}
