import { type Phase, phaseOf, type RolloutState } from '../api/phases.ts'
import type { CanaryStatus, Pin } from '../api/status.ts'
import type { RolloutEvent } from './events.ts'
import type { Revision } from './observation.ts'

/*
 * A Canary that another controller managed has a status without pins. Its hashes cannot be made again by anybody else, so that they are compared
 * with nothing; what the primary and the route show is put in their place, once.
 */

/** What another controller left behind, as far as the cluster shows it. */
export type LeftBehind =
  /** Not known yet: nothing is decided meanwhile. */
  | { readonly kind: 'unread' }
  /** There is no primary that could be taken over. */
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'standing'
      /** The revision that the primary runs; undefined where its template does not say from what it was made. */
      readonly primary: Pin | undefined
      /** Percent that the route gives to the canary. */
      readonly weight: number | undefined
    }

/** Phases in which nothing of another controller's work stands yet, or nothing is left of it. */
const withoutPast: readonly CanaryStatus['phase'][] = [undefined, '', 'Initializing', 'Terminating', 'Terminated']

/** Whether the status was written by another controller. */
export const isForeign = ({ phase, analysed, promoted }: CanaryStatus): boolean => !analysed && !promoted && !withoutPast.includes(phase)

type TakenOver = Omit<Extract<RolloutEvent, { type: 'TAKEN_OVER' }>, 'nowMs' | 'plan'>
type TakeOverNews =
  | TakenOver
  | { readonly type: 'PRIMARY_LOST'; readonly revision: Pin }
  | { readonly type: 'REVISION_CHANGED'; readonly revision: Pin }
  | undefined

interface Found {
  readonly status: CanaryStatus
  /** What the target asks for. */
  readonly revision: Pin
  readonly primary: Pin | undefined
  readonly weight: number | undefined
}

const takenOver = (pins: Pick<TakenOver, 'analysed' | 'promoted' | 'weight'>): TakenOver => ({
  type: 'TAKEN_OVER',
  ...pins,
  message: 'another controller began it',
})

/** What the target asks for beyond that is new, and is released like any other. */
const atRest = ({ primary }: Found): TakeOverNews => (primary ? takenOver({ analysed: primary, promoted: primary }) : undefined)

const restart = ({ revision, primary }: Found): TakeOverNews => takenOver({ analysed: revision, promoted: primary })

const notationOf = (hash: string | undefined): string | undefined => hash?.split('-')[0]

/** Whether the target asks for something else than what was judged last: known where that hash is still one that we wrote. */
const isNew = ({ status: { lastAppliedSpec }, revision: { hash } }: Found): boolean =>
  notationOf(lastAppliedSpec) === notationOf(hash) && lastAppliedSpec !== hash

/**
 * The rejected revision stays rejected, and what share it still had goes back. With weight 100 a promotion failed: the canary serves, and goes
 * on with that.
 */
const failed = (found: Found): TakeOverNews => {
  const { lastAppliedSpec, lastPromotedSpec, canaryWeight } = found.status
  const serves = canaryWeight === 100
  const isRejected = (lastAppliedSpec !== lastPromotedSpec || serves) && !isNew(found)
  const news = isRejected ? restart(found) : atRest(found)
  return news?.type === 'TAKEN_OVER' && !serves ? { ...news, weight: 0 } : news
}

/** The copy is made: what the primary runs is what was analysed, whatever the target says by now. */
const goOn = ({ primary, weight }: Found): TakeOverNews => primary && takenOver({ analysed: primary, weight })

const byPhase: Readonly<Partial<Record<Phase, (found: Found) => TakeOverNews>>> = {
  Initialized: atRest,
  Waiting: atRest,
  Progressing: restart,
  WaitingPromotion: restart,
  Promoting: found => goOn(found) ?? { type: 'REVISION_CHANGED', revision: found.revision },
  Finalising: found => goOn({ ...found, weight: 0 }),
  Succeeded: atRest,
  Failed: failed,
}

/** What becomes of a Canary that another controller left in this state; undefined while too little is known. */
export const takeOverNews = (
  state: RolloutState,
  seen: { readonly status: CanaryStatus; readonly revision?: Revision; readonly leftBehind?: LeftBehind },
): TakeOverNews => {
  const { leftBehind, revision, status } = seen
  if (!leftBehind || leftBehind.kind === 'unread' || !revision) return undefined
  if (leftBehind.kind === 'lost') return { type: 'PRIMARY_LOST', revision: revision.pin }
  return byPhase[phaseOf(state)]?.({ ...leftBehind, status, revision: revision.pin })
}
