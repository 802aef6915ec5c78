/** What one run came to. */
export interface Outcome {
  readonly seed: number
  /** Each begins with the number of the rule. */
  readonly violations: readonly string[]
  readonly trace: readonly string[]
  /** What went wrong on the way, by name. */
  readonly faults: ReadonlySet<string>
  /** Machine states that were recorded. */
  readonly states: ReadonlySet<string>
}

/** Number of the first rule that was broken. */
export const ruleOf = ({ violations }: Pick<Outcome, 'violations'>): string | undefined => violations[0]?.split(':')[0]
