import { CanaryError } from '../../errors.ts'
import { formatText } from './printf.ts'
import { isMap, isTrue, textOf, typeOf, type Value } from './values.ts'

/** A function of the template language was called in a way it does not understand. The renderer adds the place. */
export class CallInvalid extends CanaryError {
  readonly code = 'CallInvalid'
  readonly disposition = 'terminal'
}

export interface TemplateFunction {
  readonly least: number
  /** Undefined: any number. */
  readonly most?: number
  call(values: readonly Value[]): Value
}

const fn = (least: number, most: number | undefined, call: TemplateFunction['call']): TemplateFunction => ({
  least,
  ...(most === undefined ? {} : { most }),
  call,
})

const text = (value: Value, what: string): string => {
  if (typeof value === 'string') return value
  throw new CallInvalid(`${what} has to be a string, got ${typeOf(value)}`)
}

const comparable = (value: Value): Value => {
  if (isMap(value)) throw new CallInvalid(`a ${typeOf(value)} cannot be compared`)
  return value
}

const isEqual = (left: Value, right: Value): boolean => {
  if (comparable(left) === undefined || comparable(right) === undefined) return left === right
  if (typeof left !== typeof right) throw new CallInvalid(`${typeOf(left)} and ${typeOf(right)} cannot be compared`)
  return left === right
}

const isLess = (left: Value, right: Value): boolean => {
  const ordered = typeof left === 'string' || typeof left === 'bigint' || typeof left === 'number'
  if (!ordered || typeof left !== typeof right) throw new CallInvalid(`${typeOf(left)} and ${typeOf(right)} have no order`)
  return left < (right as typeof left)
}

/** One step into a map or a text. A key that a map does not have gives an empty text. */
const indexed = (value: Value, key: Value): Value => {
  if (isMap(value)) return value.get(text(key, 'the key of a map')) ?? ''
  if (typeof value !== 'string') throw new CallInvalid(`cannot index ${typeOf(value)}`)
  const bytes = Buffer.from(value, 'utf8')
  return BigInt(bytes[position(key, bytes.length - 1)] ?? 0)
}

const position = (value: Value, last: number): number => {
  if (typeof value !== 'bigint') throw new CallInvalid(`an index has to be a whole number, got ${typeOf(value)}`)
  if (value < 0n || value > BigInt(last)) throw new CallInvalid(`index out of range: ${value}`)
  return Number(value)
}

const sliced = (value: Value, from: Value = 0n, to?: Value): Value => {
  const bytes = Buffer.from(text(value, 'what is sliced'), 'utf8')
  const end = to === undefined ? bytes.length : position(to, bytes.length)
  return bytes.subarray(position(from, end), end).toString('utf8')
}

const lengthOf = (value: Value): Value => {
  if (isMap(value)) return BigInt(value.size)
  return BigInt(Buffer.byteLength(text(value, 'what len counts'), 'utf8'))
}

/** Values side by side; a space between two that are no strings. */
const printed = (values: readonly Value[]): string =>
  values.reduce<string>((line, value, at) => {
    const gap = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string' ? ' ' : ''
    return `${line}${gap}${nilText(value)}`
  }, '')

const nilText = (value: Value): string => (value === undefined ? '<nil>' : textOf(value))

/** Characters that stand for themselves nowhere in HTML or in JavaScript, and what stands for them. */
const html = new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;', '\0': '\ufffd' }))
const js = new Map(Object.entries({ '\\': '\\\\', "'": "\\'", '"': '\\"', '<': '\\u003C', '>': '\\u003E', '&': '\\u0026', '=': '\\u003D' }))

const asHtml = (values: readonly Value[]): string => printed(values).replace(/[&<>"']|\p{Cc}/gu, one => html.get(one) ?? one)

const asJs = (values: readonly Value[]): string =>
  printed(values).replace(
    /[\\'"<>&=]|\p{Cc}/gu,
    one => js.get(one) ?? `\\u${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )

const urlQuery = (values: readonly Value[]): string =>
  encodeURIComponent(printed(values).toWellFormed())
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** The language's own functions. `and` and `or` are not here: they look at their later arguments only when they must. */
export const standardFunctions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    eq: fn(2, undefined, ([first, ...rest]) => rest.some(one => isEqual(first, one))),
    ne: fn(2, 2, ([left, right]) => !isEqual(left, right)),
    lt: fn(2, 2, ([left, right]) => isLess(left, right)),
    le: fn(2, 2, ([left, right]) => isLess(left, right) || isEqual(left, right)),
    gt: fn(2, 2, ([left, right]) => !isLess(left, right) && !isEqual(left, right)),
    ge: fn(2, 2, ([left, right]) => !isLess(left, right)),
    not: fn(1, 1, ([value]) => !isTrue(value)),
    index: fn(1, undefined, ([value, ...keys]) => keys.reduce(indexed, value)),
    slice: fn(1, 3, ([value, from, to]) => sliced(value, from, to)),
    len: fn(1, 1, ([value]) => lengthOf(value)),
    print: fn(0, undefined, printed),
    println: fn(0, undefined, values => `${values.map(nilText).join(' ')}\n`),
    printf: fn(1, undefined, ([format, ...values]) => formatText(text(format, 'the format of printf'), values)),
    html: fn(0, undefined, asHtml),
    js: fn(0, undefined, asJs),
    urlquery: fn(0, undefined, urlQuery),
  }),
)
