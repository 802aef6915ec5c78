/** Go's named floats, in lower case. */
const namedFloats: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ...['inf', '+inf', 'infinity', '+infinity'].map(name => [name, Number.POSITIVE_INFINITY] as const),
  ...['-inf', '-infinity'].map(name => [name, Number.NEGATIVE_INFINITY] as const),
])

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

const decimalOf = (text: string): number | undefined => {
  const value = decimal.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** A float as Go's parser reads it (decimal notation, NaN and infinities); undefined when it is none, or too large to be one. */
export const parseFloatText = (text: string): number | undefined => namedFloats.get(text.toLowerCase()) ?? decimalOf(text)

const unitMs: Readonly<Record<string, number>> = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}
const durationText = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/

/** Milliseconds of a Prometheus duration (`1h30m`, `1d`, `500ms`; no fractions, units from large to small); undefined when it is none. */
export const parseDurationText = (text: string): number | undefined => {
  if (text === '0') return 0
  if (text === '' || !durationText.test(text)) return undefined
  return [...text.matchAll(/(\d+)(ms|[ywdhms])/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN),
    0,
  )
}

const integer = (digits: string): number | undefined => {
  if (/^0x[0-9a-f]+$/i.test(digits)) return Number(digits)
  return /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined
}

/**
 * A number of the query language: decimal, hexadecimal, octal with a leading zero, `Inf`, `NaN`, or a duration, which counts in seconds.
 * A sign may stand in front; digits may be grouped by underscores.
 */
export const parseNumberText = (text: string): number | undefined => {
  const [, sign = '', rest = ''] = /^([+-]?)\s*(.*)$/s.exec(text) ?? []
  const digits = rest.replaceAll('_', '')
  const durationMs = parseDurationText(digits)
  const size = integer(digits) ?? parseFloatText(digits) ?? (durationMs === undefined ? undefined : durationMs / 1000)
  return size === undefined ? undefined : sign === '-' ? -size : size
}

const simpleEscapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }
const escapeSequence = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]?))/g

const codePointOf = (hex: string): string | undefined => {
  const code = Number.parseInt(hex, 16)
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined
}

/** One byte given by its number. From 0x80 on it would be a part of a character that only bytes can express. */
const byteOf = (code: number): string | undefined => (code < 0x80 ? String.fromCharCode(code) : undefined)

const charOf = (quote: string, [byteHex, short, long, octal, char]: readonly (string | undefined)[]): string | undefined => {
  if (byteHex !== undefined) return byteOf(Number.parseInt(byteHex, 16))
  if (octal !== undefined) return byteOf(Number.parseInt(octal, 8))
  const hex = short ?? long
  if (hex !== undefined) return codePointOf(hex)
  return char === quote ? quote : simpleEscapes[char ?? '']
}

/** The content of a quoted text (`"..."`, `'...'`, or raw between backticks), or what is wrong with it. */
export const parseStringText = (text: string): { readonly value: string } | { readonly wrong: string } => {
  const quote = text[0] ?? ''
  const body = text.slice(1, -1)
  if (quote === '`') return { value: body }
  const closed = new RegExp(`^${quote}(?:[^\\\\\\n${quote}]|\\\\[^])*${quote}$`).test(text)
  if (!closed) return { wrong: 'unterminated quoted string' }
  let wrong: string | undefined
  const value = body.replace(escapeSequence, (all: string, ...groups: (string | undefined)[]) => {
    const char = charOf(quote, groups)
    if (char === undefined) wrong ??= `unsupported escape ${all} in quoted string`
    return char ?? ''
  })
  return wrong === undefined ? { value } : { wrong }
}
