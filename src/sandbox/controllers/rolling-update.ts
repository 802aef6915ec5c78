import type { IntOrString } from '../objects/view.ts'

/** How far a rolling update may stray from the wanted number of pods. */
export interface Fences {
  readonly maxSurge: number
  readonly maxUnavailable: number
}

const scaled = (value: IntOrString, total: number, round: (share: number) => number): number =>
  typeof value === 'number' ? value : round((Number.parseInt(value, 10) * total) / 100)

/** Percentages of the wanted replicas: surge rounds up, unavailable rounds down; both 0 could never move, so one may then be missing. */
export const fencesOf = (
  rolling: { readonly maxSurge?: IntOrString | undefined; readonly maxUnavailable?: IntOrString | undefined },
  replicas: number,
): Fences => {
  const maxSurge = scaled(rolling.maxSurge ?? '25%', replicas, Math.ceil)
  const maxUnavailable = scaled(rolling.maxUnavailable ?? '25%', replicas, Math.floor)
  return { maxSurge, maxUnavailable: Math.min(replicas, maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable) }
}

/** One ReplicaSet in the sums of a rolling update: what it asks for and how much of that serves. */
export interface Share {
  readonly replicas: number
  readonly available: number
}

export interface Rollout {
  /** Replicas that the Deployment asks for. */
  readonly wanted: number
  readonly fences: Fences
  readonly fresh: Share
  /** The ReplicaSets of older templates, oldest first. */
  readonly old: readonly Share[]
}

const total = (shares: readonly Share[], key: keyof Share): number => shares.reduce((sum, share) => sum + share[key], 0)

/** Replicas that the new ReplicaSet should ask for next: as many as the surge leaves room for. */
export const nextFresh = ({ wanted, fences, fresh, old }: Rollout): number => {
  if (fresh.replicas >= wanted) return wanted
  const room = wanted + fences.maxSurge - fresh.replicas - total(old, 'replicas')
  return fresh.replicas + Math.max(0, Math.min(room, wanted - fresh.replicas))
}

/** Takes up to `budget` from each in turn, as far as `spare` says it can give; answers what is left of each. */
const takeInTurn = (shares: readonly Share[], budget: number, spare: (share: Share) => number): Share[] => {
  let left = budget
  return shares.map(share => {
    const taken = Math.max(0, Math.min(left, spare(share)))
    left -= taken
    return { ...share, replicas: share.replicas - taken }
  })
}

/**
 * Replicas that each old ReplicaSet should ask for next. Pods that do not serve go first: nobody misses them.
 * Serving ones go only as far as enough others serve already.
 */
export const nextOld = ({ wanted, fences, fresh, old }: Rollout): number[] => {
  const needed = wanted - fences.maxUnavailable
  const freshNotYet = fresh.replicas - fresh.available
  const removable = fresh.replicas + total(old, 'replicas') - needed - freshNotYet
  if (removable <= 0) return old.map(share => share.replicas)
  const cleaned = takeInTurn(old, removable, share => share.replicas - share.available)
  const spareServing = fresh.available + total(old, 'available') - needed
  return takeInTurn(cleaned, spareServing, share => share.replicas).map(share => share.replicas)
}
