import { badRequest } from './status.ts'

type Labels = Readonly<Record<string, unknown>>
type LabelTest = (labels: Labels) => boolean

const binaryOperators = ['in', 'notin', '=', '==', '!=', '>', '<']
const operatorNames = 'in, notin, =, ==, !=, gt, lt'

/** Words, signs and brackets of a selector, in order. */
const tokensOf = (text: string): string[] => text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? []

const isWord = (token: string): boolean => /^[^\s=!(),<>]+$/.test(token)

const isEnd = (token: string): boolean => token === '' || token === ','

/** Reads tokens from left to right; '' stands for the end. */
class Tokens {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  next(): string {
    return this.#tokens[this.#at] ?? ''
  }

  take(): string {
    const token = this.next()
    this.#at += 1
    return token
  }
}

const unparsable = (words: string): Error => badRequest(`unable to parse requirement: ${words}`)

const takeValues = (tokens: Tokens): readonly string[] => {
  const opening = tokens.take()
  if (opening !== '(') throw unparsable(`found '${opening}' expected: '('`)
  const values: string[] = []
  while (isWord(tokens.next()) || tokens.next() === ',') {
    const token = tokens.take()
    if (token !== ',') values.push(token)
  }
  const closing = tokens.take()
  if (closing !== ')') throw unparsable(`found '${closing}', expected: ')'`)
  return values.length === 0 ? [''] : values
}

const takeValue = (tokens: Tokens): string => {
  if (isEnd(tokens.next())) return ''
  const value = tokens.take()
  if (!isWord(value)) throw unparsable(`found '${value}', expected: identifier`)
  return value
}

const among = (key: string, values: readonly string[]): LabelTest => {
  const set = new Set<unknown>(values)
  return labels => labels[key] !== undefined && set.has(labels[key])
}

const compared = (key: string, operator: string, value: string): LabelTest => {
  const limit = Number(value)
  return labels => {
    const found = labels[key] === undefined ? Number.NaN : Number(labels[key])
    return operator === '>' ? found > limit : found < limit
  }
}

const negated =
  (test: LabelTest): LabelTest =>
  labels =>
    !test(labels)

const takeComparison = (tokens: Tokens, key: string): LabelTest => {
  const operator = tokens.take()
  if (!binaryOperators.includes(operator)) throw unparsable(`found '${operator}', expected: ${operatorNames}`)
  if (operator === 'in') return among(key, takeValues(tokens))
  if (operator === 'notin') return negated(among(key, takeValues(tokens)))
  const value = takeValue(tokens)
  if (operator === '>' || operator === '<') return compared(key, operator, value)
  return operator === '!=' ? negated(among(key, [value])) : among(key, [value])
}

const takeRequirement = (tokens: Tokens): LabelTest => {
  const isNegated = tokens.next() === '!'
  if (isNegated) tokens.take()
  const key = tokens.take()
  if (!isWord(key)) throw unparsable(`found '${key}', expected: identifier`)
  if (isNegated) return labels => labels[key] === undefined
  return isEnd(tokens.next()) ? labels => labels[key] !== undefined : takeComparison(tokens, key)
}

const startsRequirement = (token: string): boolean => token === '!' || isWord(token)

/**
 * The requirements of a label selector, all of which must hold.
 * @throws {StatusError} 400 when the text is no label selector
 */
export const labelTests = (text: string): readonly LabelTest[] => {
  const tokens = new Tokens(text)
  const tests: LabelTest[] = []
  while (tokens.next() !== '') {
    const first = tokens.next()
    if (!startsRequirement(first)) {
      throw badRequest(
        tests.length === 0
          ? `found '${first}', expected: !, identifier, or 'end of string'`
          : `found '${first}', expected: identifier after ','`,
      )
    }
    tests.push(takeRequirement(tokens))
    const after = tokens.take()
    if (!isEnd(after)) throw badRequest(`found '${after}', expected: ',' or 'end of string'`)
  }
  return tests
}
