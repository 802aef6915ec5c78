import type { FaultName } from './fault-book.ts'

/** What one run came to. */
export interface Outcome {
  readonly seed: number
  /** Each begins with the number of the rule. */
  readonly violations: readonly string[]
  readonly trace: readonly string[]
  readonly faults: ReadonlySet<FaultName>
}
