import { invalidAt } from './template-invalid.ts'

export interface Token {
  readonly kind: 'name' | 'field' | 'variable' | 'dot' | 'string' | 'number' | 'char' | 'mark'
  /** As it was written; of a field without its dot. */
  readonly text: string
  readonly at: number
  /** Stands apart from what comes before it: `a .b` are two words, `a.b` is one. */
  readonly apart: boolean
}

/** A template in pieces: text between the actions, and the tokens of each action. */
export type Piece = { readonly text: string } | { readonly tokens: readonly Token[]; readonly at: number }

/** Every kind of token; the first that fits is taken. */
const tokenPatterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  ['number', /[+-]?(?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['field', /\.([\p{L}_][\p{L}\p{N}_]*)/uy],
  ['dot', /\./y],
  ['name', /[\p{L}_][\p{L}\p{N}_]*/uy],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\[^\n]+?)'/y],
  ['mark', /:=|[=|(),]/y],
]
const space = /[ \t\r\n]+/y
const comment = /\s*\/\*(?:(?!\*\/)[\s\S])*\*\/(\s-)?\}\}/y
/** Words have to end before one of these: `a-b` is not a name. */
const wordEnd = /[ \t\r\n.,|:)(=]|$/y
const words: readonly Token['kind'][] = ['variable', 'number', 'field', 'name', 'dot']

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** Splits a template into text and actions, trimming what `{{-` and `-}}` ask for. @throws {TemplateInvalid} */
export const piecesOf = (text: string): readonly Piece[] => {
  const pieces: Piece[] = []
  let at = 0
  let trimsLeft = false
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
    const trimsRight = /^-\s/.test(text.slice(open + 2, open + 4))
    pieces.push({ text: trimmed(text.slice(at, open), trimsLeft, trimsRight) })
    const action = commentAt(text, open, trimsRight) ?? actionAt(text, open, trimsRight)
    if (action.tokens) pieces.push({ tokens: action.tokens, at: open })
    trimsLeft = action.trimsLeft
    at = action.end
  }
  return [...pieces, { text: trimmed(text.slice(at), trimsLeft, false) }]
}

const trimmed = (text: string, left: boolean, right: boolean): string => {
  const begun = left ? text.trimStart() : text
  return right ? begun.trimEnd() : begun
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined
  readonly end: number
  readonly trimsLeft: boolean
}

const insideOf = (open: number, trims: boolean): number => open + (trims ? 3 : 2)

const commentAt = (text: string, open: number, trims: boolean): Action | undefined => {
  const start = insideOf(open, trims)
  const whole = matchAt(comment, text, start)
  if (whole) return { tokens: undefined, end: start + whole[0].length, trimsLeft: whole[1] !== undefined }
  if (matchAt(/\s*\/\*/y, text, start)) throw invalidAt(text, open, 'unclosed comment')
  return undefined
}

const actionAt = (text: string, open: number, trims: boolean): Action => {
  const tokens: Token[] = []
  let at = insideOf(open, trims)
  for (;;) {
    const begin = at + (matchAt(space, text, at)?.[0].length ?? 0)
    const end = endAt(text, begin, begin > at)
    if (end) return { tokens, ...end }
    if (begin >= text.length) throw invalidAt(text, open, 'unclosed action')
    const token = tokenAt(text, begin, begin > at || tokens.length === 0)
    tokens.push(token)
    at = token.at + token.text.length + (token.kind === 'field' ? 1 : 0)
  }
}

/** `}}`, or ` -}}` with its space. */
const endAt = (text: string, at: number, apart: boolean): Omit<Action, 'tokens'> | undefined => {
  const [all, dash] = matchAt(/(-)?\}\}/y, text, at) ?? []
  return all === undefined || (dash && !apart) ? undefined : { end: at + all.length, trimsLeft: dash !== undefined }
}

const tokenAt = (text: string, at: number, apart: boolean): Token => {
  for (const [kind, pattern] of tokenPatterns) {
    const [all, inner] = matchAt(pattern, text, at) ?? []
    if (all === undefined) continue
    const end = at + all.length
    if (words.includes(kind) && !matchAt(wordEnd, text, end) && !text.startsWith('}}', end)) throw strayAt(text, end)
    return { kind, text: inner ?? all, at, apart }
  }
  throw strayAt(text, at)
}

const strayAt = (text: string, at: number): Error => {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
  if (character === '"' || character === '`') return invalidAt(text, at, 'unterminated string')
  return invalidAt(text, at, `unexpected ${JSON.stringify(character)}`)
}
