import type { Clock } from '../../src/clock.ts'
import { stateOf } from '../../src/core/status-context.ts'
import { type Deed, isStatusWrite } from './rule-book.ts'
import { qualityOf } from './versions.ts'

/* Rules about how soon something is done, and how much of it. */

export interface Timekeeping {
  readonly clock: Clock
  report(text: string): void
}

const windowMs = 10_000
/** A process that begins lists all kinds, and a release takes some forty requests; a storm is many times that. */
export const mostRequests = 120
/** A rollout that fails at once takes a dozen; two that take each other's words back write as fast as they hear of it. */
export const mostRecords = 20

export interface Limit {
  readonly most: number
  readonly what: string
}

/** S28: what one process does within an interval is bounded, whatever goes wrong. */
export const createToll = ({ clock, report }: Timekeeping, { most, what }: Limit): ((process: string) => void) => {
  const times = new Map<string, number[]>()
  return process => {
    const nowMs = clock.monotonicMs()
    const recent = times.get(process) ?? []
    times.set(process, recent)
    recent.push(nowMs)
    while ((recent[0] ?? nowMs) < nowMs - windowMs) recent.shift()
    if (recent.length === most) report(`S28: ${most} ${what} within ${windowMs / 1000}s (${process})`)
  }
}

/** What keeps a rollback waiting that nobody can be blamed for. */
export interface Excuses {
  /** Something went wrong with a request, a watch, a process or pods; what it leads to may last. */
  disturbed(): void
  /** Anything happened. */
  happened(): void
}

const returnMs = 1000
const calmMs = 100_000

/** What is left of a rollback, and of the Canary that recorded it. */
export interface Aftermath {
  readonly isAway: boolean
  readonly uid: string | undefined
}

const returns = ({ canary, canaryBefore }: Deed): boolean =>
  stateOf(canary.status) === 'Failed.returning' && stateOf(canaryBefore.status) !== 'Failed.returning'

/** Whether the primary can take all requests at once. */
const canReturn = ({ canary, primary, raw }: Deed): boolean => {
  const isHindered = canary.spec.suspend || raw.metadata.deletionTimestamp !== undefined || canary.status.servingFrom === 'canary'
  return !isHindered && primary !== undefined && primary.servingPods > 0 && qualityOf(primary.image).pods === 'stay'
}

/** L4: a second after a rollback was recorded nobody is sent to the canary any more, where nothing went wrong meanwhile or shortly before. */
export const createReturnWatch = ({ clock, report }: Timekeeping, aftermath: () => Aftermath): Excuses & { look(deed: Deed): void } => {
  let disturbedMs = Number.NEGATIVE_INFINITY
  let happenedMs = Number.NEGATIVE_INFINITY
  return {
    disturbed: () => {
      disturbedMs = clock.monotonicMs()
    },
    happened: () => {
      happenedMs = clock.monotonicMs()
    },
    look: deed => {
      const recordedMs = clock.monotonicMs()
      if (!isStatusWrite(deed) || !returns(deed) || !canReturn(deed) || recordedMs - disturbedMs < calmMs) return
      const { uid } = deed.raw.metadata
      clock.schedule(returnMs, () => {
        const left = aftermath()
        const isExcused = disturbedMs >= recordedMs || happenedMs >= recordedMs || left.uid !== uid
        if (left.isAway && !isExcused) report(`L4: requests still go to the canary ${returnMs}ms after its rollback was recorded`)
      })
    },
  }
}
