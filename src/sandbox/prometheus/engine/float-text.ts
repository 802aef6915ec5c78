/** A float as Prometheus writes it in answers: the shortest text that reads back the same, exponents from 1e21 up and below 1e-6. */
export const formatFloat = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  // JavaScript switches to exponents at the same limits, but writes e-7 where Go writes e-07.
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

/** The same without exponents, as `count_values` puts it into a label. */
export const formatFloatPlain = (value: number): string => {
  const text = formatFloat(value)
  const [, sign = '', whole = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (exponent === undefined) return text
  const shift = Number(exponent)
  const digits = whole + fraction
  return sign + (shift < 0 ? `0.${'0'.repeat(-shift - 1)}${digits}` : digits.padEnd(whole.length + shift, '0'))
}
