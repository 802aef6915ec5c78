import { CanaryError, messageOf } from '../../../errors.ts'

/** A text that RE2 would not take as a regular expression either, or that has no exact counterpart in JavaScript. */
class PatternInvalid extends CanaryError {
  readonly code = 'PatternInvalid'
  readonly disposition = 'terminal'
}

const reject = (pattern: string, why: string): never => {
  throw new PatternInvalid(`error parsing regexp: ${why} in ${JSON.stringify(pattern)}`)
}

/** How one piece of RE2 reads in JavaScript; `match` is the piece and its groups, `pattern` the whole for messages. */
type Rewrite = (match: readonly string[], pattern: string) => string
type Rule = readonly [piece: RegExp, rewrite: Rewrite]

const same: Rewrite = ([piece]) => piece ?? ''
const escapeLiteral = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
const property = (sign: string, name: string): string => (name.length <= 2 ? `\\${sign}{${name}}` : `\\${sign}{Script=${name}}`)
const codePoint: Rewrite = ([, hex]) => `\\u{${hex}}`

const escapes: readonly Rule[] = [
  [/\\([pP])\{?([A-Z][a-z_A-Z]*)\}/y, ([, sign = '', name = '']) => property(sign, name)],
  [/\\([pP])([A-Z])/y, ([, sign = '', name = '']) => property(sign, name)],
  [/\\x\{([0-9a-fA-F]{1,6})\}/y, codePoint],
  [/\\x([0-9a-fA-F]{2})/y, codePoint],
  [/\\[dDwWfnrtv]/y, same],
  [/\\a/y, () => '\\x07'],
]
const unknownEscape: Rule = [/\\[\s\S]?/y, ([piece], pattern) => reject(pattern, `unsupported escape ${piece}`)]

const outside: readonly Rule[] = [
  ...escapes,
  [/\\Q([\s\S]*?)(?:\\E|$)/y, ([, literal = '']) => escapeLiteral(literal)],
  [/\\A/y, () => '(?<![\\s\\S])'],
  [/\\z/y, () => '(?![\\s\\S])'],
  [/\\s/y, () => '[\\t\\n\\f\\r ]'],
  [/\\S/y, () => '[^\\t\\n\\f\\r ]'],
  [/\\[bB]/y, same],
  [/\\([^a-zA-Z0-9])/y, ([, char = '']) => escapeLiteral(char)],
  unknownEscape,
  [/\(\?P?<([A-Za-z_]\w*)>/y, ([, name]) => `(?<${name}>`],
  [/\(\?[ims]*(?:-[ims]+)?:/y, same],
  [/\(\?/y, (_, pattern) => reject(pattern, 'invalid or unsupported group')],
  [
    /\{(\d+)(?:,(\d*))?\}/y,
    ([piece = '', least, most = ''], pattern) =>
      Math.max(Number(least), Number(most)) > 1000 ? reject(pattern, 'invalid repeat count') : piece,
  ],
  [/[{}\]]/y, ([piece]) => `\\${piece}`],
  [/[\s\S]/uy, same],
]

const posixClasses: ReadonlyMap<string, string> = new Map(
  Object.entries({
    alnum: '0-9A-Za-z',
    alpha: 'A-Za-z',
    ascii: '\\x00-\\x7f',
    blank: '\\t ',
    cntrl: '\\x00-\\x1f\\x7f',
    digit: '0-9',
    graph: '!-~',
    lower: 'a-z',
    print: ' -~',
    punct: '!-\\/:-@\\[-`\\{-~',
    space: '\\t\\n\\v\\f\\r ',
    upper: 'A-Z',
    word: '0-9A-Za-z_',
    xdigit: '0-9A-Fa-f',
  }),
)

const insideClass: readonly Rule[] = [
  ...escapes,
  [/\\s/y, () => '\\t\\n\\f\\r '],
  [/\\-/y, same],
  [/\\([^a-zA-Z0-9])/y, ([, char = '']) => escapeLiteral(char)],
  unknownEscape,
  [/\[:(\^?\w+):\]/y, ([, name = ''], pattern) => posixClasses.get(name) ?? reject(pattern, 'invalid character class range')],
  [/\[/y, () => '\\['],
  [/[\s\S]/uy, same],
]

/** Walks a pattern from left to right; its only state is where it stands and whether that is within `[...]`. */
const translate = (pattern: string): string => {
  let at = 0
  let inClass = false
  let out = ''
  const take = (piece: RegExp): RegExpExecArray | null => {
    piece.lastIndex = at
    const match = piece.exec(pattern)
    if (match) at += match[0].length
    return match
  }
  const takeBracket = (): string | undefined => {
    const bracket = inClass ? take(/\]/y) : take(/\[\^?\]?/y)
    if (!bracket) return undefined
    inClass = !inClass
    // RE2 reads a "]" right after the opening bracket as itself.
    return bracket[0].length > 1 && bracket[0].endsWith(']') ? `${bracket[0].slice(0, -1)}\\]` : bracket[0]
  }
  const takeRule = (): string => {
    for (const [piece, rewrite] of inClass ? insideClass : outside) {
      const match = take(piece)
      if (match) return rewrite(match, pattern)
    }
    return reject(pattern, `unexpected character at ${at}`)
  }
  while (at < pattern.length) out += takeBracket() ?? takeRule()
  return out
}

/** Flags for a whole pattern stand in front of it in RE2, around it in JavaScript. */
const leadingFlags = /^\(\?([ims]+(?:-[ims]+)?)\)/

const compile = (pattern: string): RegExp => {
  const [head = '', flags = ''] = leadingFlags.exec(pattern) ?? []
  const inner = translate(pattern.slice(head.length))
  // Compiled alone first: `a)(b` must not become right by what is put around it.
  new RegExp(inner, 'su')
  return new RegExp(`^(?${flags}:${inner})$`, 'su')
}

/**
 * A regular expression of Prometheus (RE2 syntax, matched against the whole text, a dot takes a newline too) as one of JavaScript.
 * @throws {PatternInvalid} terminal: the text is no RE2 pattern, or one whose meaning JavaScript cannot keep
 */
export const anchored = (pattern: string): RegExp => {
  try {
    return compile(pattern)
  } catch (thrown) {
    if (thrown instanceof PatternInvalid) throw thrown
    // The engine's message quotes the translated pattern; its last part says what is wrong.
    return reject(pattern, messageOf(thrown).split(': ').at(-1)?.toLowerCase() ?? 'syntax')
  }
}
