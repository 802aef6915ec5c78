/** Where the major versions of Prometheus give different numbers. */
export interface Semantics {
  /**
   * Ranges and look-back leave out a sample exactly at their old end: `(start, end]`. Until version 2 it was `[start, end]`, so that
   * `x[1m]` of a series scraped every 15 s could hold 5 samples instead of 4.
   */
  readonly leftOpen: boolean
  /**
   * Extrapolating a counter stops where it would have been zero. Version 3 asks that after it has found the first sample far from the
   * window's start, version 2 before.
   */
  readonly zeroPointAfterThreshold: boolean
  /** `histogram_quantile` takes neighbouring buckets that differ by less than this share for equal. */
  readonly bucketTolerance: number
  /** Two matches where one is allowed are an error even if the comparison lets neither through. */
  readonly filteredMatchesCount: boolean
}

const prometheus3: Semantics = { leftOpen: true, zeroPointAfterThreshold: true, bucketTolerance: 1e-12, filteredMatchesCount: true }
export const prometheus2: Semantics = { leftOpen: false, zeroPointAfterThreshold: false, bucketTolerance: 0, filteredMatchesCount: false }

/** What the embedded cluster answers with: the current major version. */
export const defaultSemantics: Semantics = prometheus3
