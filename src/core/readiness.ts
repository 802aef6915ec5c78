/**
 * How far a workload has come. `readyPods` are pods of its newest template that serve, `servingPods` those of any; `wantedPods` what its spec
 * asks for.
 */
export interface Readiness {
  readonly kind: 'ready' | 'waiting' | 'stuck'
  /** Expected against found, for people: `1 of 2 (readyThreshold 100%) updated replicas are available`. Empty when ready. */
  readonly message: string
  readonly readyPods: number
  readonly servingPods: number
  readonly wantedPods: number
  /** Its status speaks of an older generation: `readyPods` may be pods of an older template. */
  readonly isUnseen?: boolean
  /** Others run its pods, and nothing says since when it has none: whether it is stuck nobody can tell. */
  readonly isUntimed?: boolean
  /** What the names of its newest pods begin with, and since when that has been so; undefined where names do not tell. */
  readonly newest?: PodNames
  /** Where its Service leads; undefined where that says nothing, or is not asked. */
  readonly reach?: Reach
}

export interface PodNames {
  readonly prefix: string
  readonly sinceMs: number
}

/** The pods of a track that requests can get to. */
export interface Reach {
  readonly service: string
  /** How many pods of the newest template are among the ready endpoints; undefined as long as that is not known. */
  readonly pods: number | undefined
}

/** By which measure a workload is ready. */
export interface ReadinessRule {
  /** Percent of pods that must be available. */
  readonly thresholdPercent: number
  /** A workload that has not got there this long after its last progress is `stuck`. */
  readonly deadlineMs: number
  readonly nowMs: number
}
