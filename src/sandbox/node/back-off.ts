const firstMs = 10_000
const longestMs = 300_000
/** A container that ran so long starts with a clean slate. */
const forgivenMs = 600_000

/** How long a container that keeps ending must wait. */
export interface BackOff {
  /** What the next restart waits, counted from the container's end, in milliseconds. */
  readonly delayMs: number
}

/** The first restart is free. */
export const noBackOff: BackOff = { delayMs: 0 }

/** After a restart: the next one waits 10 s, then twice as long each time, up to 5 min. */
export const afterRestart = ({ delayMs }: BackOff): BackOff => ({ delayMs: delayMs === 0 ? firstMs : Math.min(longestMs, delayMs * 2) })

/** What counts for a container that ended after running for `ranMs`. */
export const afterRun = (backOff: BackOff, ranMs: number): BackOff => (ranMs >= forgivenMs ? noBackOff : backOff)
