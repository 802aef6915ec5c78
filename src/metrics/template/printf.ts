import { floatText, isMap, sortedEntries, textOf, typeOf, type Value, withWideExponent } from './values.ts'

interface Spec {
  readonly verb: string
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
}

const directive = /%([-+# 0]*)(\d*)(?:\.(\d*))?([\s\S]?)/gu
/** Wider than this is refused, as text in the output. */
const widest = 1000

/** A text in double quotes, its odd characters escaped. */
const quoted = (text: string): string =>
  `"${[...text]
    .map(character => escapes[character] ?? (/\p{C}/u.test(character) ? codeEscape(character.codePointAt(0) ?? 0) : character))
    .join('')}"`

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

const codeEscape = (code: number): string => {
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** Formats in the manner of the field's templates: verbs `s v q d x X o b c t e f g %`, flags, width and precision. */
export const formatText = (format: string, values: readonly Value[]): string => {
  let used = 0
  const parts: string[] = []
  let end = 0
  for (const found of format.matchAll(directive)) {
    const spec = specOf(found)
    parts.push(format.slice(end, found.index), constantOf(spec) ?? (used < values.length ? formatted(values[used], spec) : missing(spec)))
    if (constantOf(spec) === undefined) used += 1
    end = found.index + found[0].length
  }
  return [...parts, format.slice(end), extra(values.slice(used))].join('')
}

const specOf = ([, flags = '', width = '', precision, verb = '']: RegExpExecArray): Spec => ({
  verb,
  flags,
  width: Number(width),
  precision: precision === undefined ? undefined : Number(precision),
})

/** Directives that take no value. */
const constantOf = ({ verb }: Spec): string | undefined => (verb === '%' ? '%' : verb === '' ? '%!(NOVERB)' : undefined)

const missing = ({ verb }: Spec): string => `%!${verb}(MISSING)`

/** Values that no directive took. */
const extra = (values: readonly Value[]): string => {
  const words = values.map(value => (value === undefined ? '<nil>' : `${typeOf(value)}=${textOf(value)}`))
  return words.length > 0 ? `%!(EXTRA ${words.join(', ')})` : ''
}

const formatted = (value: Value, spec: Spec): string => {
  if (spec.width > widest || (spec.precision ?? 0) > widest) return '%!(BADWIDTH)'
  if (isMap(value) && spec.verb !== 'v') {
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${formatted(key, spec)}:${formatted(item, spec)}`)
      .join(' ')}]`
  }
  const plain = verbOf(value, spec)
  return plain === undefined ? mismatch(value, spec) : padded(plain, value, spec)
}

const mismatch = (value: Value, { verb }: Spec): string =>
  value === undefined ? `%!${verb}(<nil>)` : `%!${verb}(${typeOf(value)}=${textOf(value)})`

/** The value in the way the verb asks for; undefined where the verb does not fit its type. */
const verbOf = (value: Value, spec: Spec): string | undefined => {
  if (spec.verb === 'v') return value === undefined ? '<nil>' : (typeVerbs[typeof value]?.(value, spec) ?? textOf(value))
  if (spec.verb === 't') return typeof value === 'boolean' ? String(value) : undefined
  return typeVerbs[typeof value]?.(value, spec)
}

type Verbs = (value: Value, spec: Spec) => string | undefined

const stringVerb: Verbs = (value, { verb, precision }) => {
  const text = precision === undefined ? String(value) : [...String(value)].slice(0, precision).join('')
  if (verb === 's' || verb === 'v') return text
  if (verb === 'q') return quoted(text)
  const hex = Buffer.from(text, 'utf8').toString('hex')
  return verb === 'x' ? hex : verb === 'X' ? hex.toUpperCase() : undefined
}

const integerBases: Readonly<Record<string, number>> = { d: 10, v: 10, x: 16, X: 16, o: 8, b: 2 }

const integerVerb: Verbs = (value, spec) => {
  if (typeof value !== 'bigint') return undefined
  if (spec.verb === 'c' || spec.verb === 'q') {
    const character = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd'
    return spec.verb === 'c' ? character : `'${character}'`
  }
  const base = integerBases[spec.verb]
  if (base === undefined) return undefined
  const text = signed(value.toString(base), spec)
  return spec.verb === 'X' ? text.toUpperCase() : text
}

const floatVerb: Verbs = (value, spec) => {
  if (typeof value !== 'number') return undefined
  switch (spec.verb) {
    case 'v':
    case 'g':
      return signed(floatText(value), spec)
    case 'f':
    case 'F':
      return signed(value.toFixed(Math.min(spec.precision ?? 6, 100)), spec)
    case 'e':
      return signed(withWideExponent(value.toExponential(Math.min(spec.precision ?? 6, 100))), spec)
    default:
      return undefined
  }
}

const typeVerbs: Readonly<Record<string, Verbs>> = { string: stringVerb, bigint: integerVerb, number: floatVerb }

const signed = (text: string, { flags }: Spec): string => {
  if (text.startsWith('-')) return text
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text
}

const padded = (text: string, value: Value, { flags, width }: Spec): string => {
  const gap = width - [...text].length
  if (gap <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(gap)
  const isNumber = typeof value === 'bigint' || typeof value === 'number'
  if (!flags.includes('0') || !isNumber) return ' '.repeat(gap) + text
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  return sign + '0'.repeat(gap) + text.slice(sign.length)
}
