import type { Token } from './lex.ts'
import type { Value } from './values.ts'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
}
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gsu

/** The characters that a quoted text stands for; undefined where an escape means nothing. */
const unquoted = (text: string): string | undefined => {
  const parts: (string | undefined)[] = []
  let end = 1
  for (const found of text.matchAll(escapes)) {
    parts.push(text.slice(end, found.index), characterOf(found))
    end = found.index + found[0].length
  }
  parts.push(text.slice(end, -1))
  return parts.includes(undefined) ? undefined : parts.join('')
}

const characterOf = ([, hex, short, long, octal, letter]: RegExpExecArray): string | undefined => {
  if (letter !== undefined) return simple[letter]
  const code = octal ? Number.parseInt(octal, 8) : Number.parseInt(hex ?? short ?? long ?? '', 16)
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined
}

const numberOf = (text: string): Value => {
  const digits = text.replaceAll('_', '')
  if (/^[+-]?0x/i.test(digits)) return BigInt(digits.replace(/^[+-]/, '')) * (digits.startsWith('-') ? -1n : 1n)
  return /[.e]/i.test(digits) ? Number(digits) : BigInt(digits.replace('+', ''))
}

const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['nil', undefined],
])

/** The value a token stands for by itself; undefined when it is no literal, or not a valid one. */
export const literalOf = ({ kind, text }: Token): { readonly value: Value } | undefined => {
  switch (kind) {
    case 'number':
      return { value: numberOf(text) }
    case 'name':
      return constants.has(text) ? { value: constants.get(text) } : undefined
    case 'string': {
      const value = text.startsWith('`') ? text.slice(1, -1) : unquoted(text)
      return value === undefined ? undefined : { value }
    }
    case 'char': {
      const code = unquoted(text)?.codePointAt(0)
      return code === undefined ? undefined : { value: BigInt(code) }
    }
    default:
      return undefined
  }
}
