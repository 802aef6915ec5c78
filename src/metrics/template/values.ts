/** Whole numbers are bigints and fractions are numbers, because templates tell them apart (`%d` and `%f`, `eq 1 1.0`). */
export type Value = string | bigint | number | boolean | undefined | ReadonlyMap<string, Value>

export const isMap = (value: Value): value is ReadonlyMap<string, Value> => value instanceof Map

export const sortedEntries = (map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))

/** False, zero, the empty string, the empty map and nothing at all are not true. */
export const isTrue = (value: Value): boolean => (isMap(value) ? value.size > 0 : Boolean(value))

/** The name of a value's type in error messages. */
export const typeOf = (value: Value): string => {
  if (isMap(value)) return 'map[string]string'
  switch (typeof value) {
    case 'bigint':
      return 'int'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    case 'undefined':
      return '<nil>'
    default:
      return 'string'
  }
}

/** A value as it reads in the output: `map[a:1 b:2]`, `<no value>`. */
export const textOf = (value: Value): string => {
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${textOf(item)}`)
      .join(' ')}]`
  if (value === undefined) return '<no value>'
  return typeof value === 'number' ? floatText(value) : String(value)
}

/** The shortest form of a fraction: with an exponent from 1e+21 on and below 1e-04. */
export const floatText = (value: number, exponentFrom = 21): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1])
  return exponent < -4 || exponent >= exponentFrom ? withWideExponent(value.toExponential()) : String(value)
}

/** Exponents have two digits at least: `1e+06`. */
export const withWideExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')
