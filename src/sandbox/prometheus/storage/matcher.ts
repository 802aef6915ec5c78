import { anchored } from './regexp.ts'

export type MatchOp = '=' | '!=' | '=~' | '!~'

/** One condition on a label; an absent label counts as the empty text. */
export interface Matcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
  matches(value: string): boolean
}

const tests: Readonly<Record<MatchOp, (wanted: string) => (value: string) => boolean>> = {
  '=': wanted => value => value === wanted,
  '!=': wanted => value => value !== wanted,
  '=~': wanted => {
    const pattern = anchored(wanted)
    return value => pattern.test(value)
  },
  '!~': wanted => {
    const pattern = anchored(wanted)
    return value => !pattern.test(value)
  },
}

/** @throws {PatternInvalid} terminal: the value of a regular-expression matcher is none */
export const matcherOf = (name: string, op: MatchOp, value: string): Matcher => ({ name, op, value, matches: tests[op](value) })
