import { type Outcome, ruleOf } from './outcome.ts'
import { storyOf, tell } from './run-seed.ts'

/** A story that breaks a rule, with as few incidents as it takes. */
export interface Shrunken {
  /** Places of the incidents that are left. */
  readonly keep: readonly number[]
  readonly outcome: Outcome
}

/** So many tries are enough for a story of a dozen incidents. */
const mostTries = 120

/** Leaves incidents out, several at once at first, as long as the same rule is still broken first. */
export const shrink = async (outcome: Outcome): Promise<Shrunken> => {
  const rule = ruleOf(outcome)
  let best: Shrunken = { keep: storyOf(outcome.seed).incidents.map((_, index) => index), outcome }
  let tries = 0
  for (let size = Math.ceil(best.keep.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.keep.length && tries < mostTries; tries += 1) {
      const keep = [...best.keep.slice(0, from), ...best.keep.slice(from + size)]
      const tried = await tell(storyOf(outcome.seed, keep))
      if (ruleOf(tried) === rule) best = { keep, outcome: tried }
      else from += size
    }
  }
  return best
}
