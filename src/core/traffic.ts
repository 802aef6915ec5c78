import type { HttpMatch } from '../api/match.ts'

/** Session affinity cookies of the running analysis, each `name=value` as kept in status. */
export interface Cookies {
  /** Keeps a user on the canary; empty when no run is under way. */
  readonly canary: string
  /** Keeps a user on the primary, where the Canary asks for it. */
  readonly primary?: string
  /** Of the run before: the route makes browsers forget it. */
  readonly previous?: string
}

/** Live shares in percent of requests; whole numbers, `primary + canary === 100`. Mirrored copies come on top. */
export interface Traffic {
  readonly primary: number
  readonly canary: number
  readonly mirrored: boolean
  /** Only matching requests take part; the others go to the primary. */
  readonly match?: readonly HttpMatch[]
  readonly cookies?: Cookies
}

/** Everything to the primary, nothing copied. */
export const allToPrimary: Traffic = { primary: 100, canary: 0, mirrored: false }

/** Everything to the canary, nothing copied. */
export const allToCanary: Traffic = { primary: 0, canary: 100, mirrored: false }

/** The split for a canary weight. */
export const splitAt = (canaryWeight: number, mirrored = false): Traffic => ({
  primary: 100 - canaryWeight,
  canary: canaryWeight,
  mirrored,
})

export const sameShares = (a: Traffic, b: Traffic): boolean => a.primary === b.primary && a.canary === b.canary && a.mirrored === b.mirrored
