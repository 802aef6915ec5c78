import type { FunctionName } from '../promql/signatures.ts'

/** A function of a value and, for some, of scalars. */
export type MathFunction = (value: number, ...params: number[]) => number

/** Rounds halves up, to the nearest multiple of `step`; works with the inverse so that 0.1 stays exact where it can. */
const round: MathFunction = (value, step = 1) => Math.floor(value * (1 / step) + 0.5) / (1 / step)

/** The larger and the smaller of two as Go has them: an infinity on the winning side wins even against NaN. */
const larger = (a: number, b: number): number =>
  a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b)
const smaller = (a: number, b: number): number => -larger(-a, -b)

export const mathFunctions = {
  abs: Math.abs,
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  ceil: Math.ceil,
  clamp: (value, min = Number.NaN, max = Number.NaN) => larger(min, smaller(max, value)),
  clamp_max: (value, max = Number.NaN) => smaller(max, value),
  clamp_min: (value, min = Number.NaN) => larger(min, value),
  cos: Math.cos,
  cosh: Math.cosh,
  deg: value => (value * 180) / Math.PI,
  exp: Math.exp,
  floor: Math.floor,
  ln: Math.log,
  log10: Math.log10,
  log2: Math.log2,
  rad: value => (value * Math.PI) / 180,
  round,
  sgn: Math.sign,
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
} as const satisfies Partial<Record<FunctionName, MathFunction>>

const daysInMonth = (date: Date): number => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
const dayOfYear = (date: Date): number => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1

const calendar = {
  day_of_month: date => date.getUTCDate(),
  day_of_week: date => date.getUTCDay(),
  day_of_year: dayOfYear,
  days_in_month: daysInMonth,
  hour: date => date.getUTCHours(),
  minute: date => date.getUTCMinutes(),
  month: date => date.getUTCMonth() + 1,
  year: date => date.getUTCFullYear(),
} as const satisfies Partial<Record<FunctionName, (date: Date) => number>>

const ofSeconds =
  (read: (date: Date) => number): MathFunction =>
  seconds =>
    read(new Date(Math.trunc(seconds) * 1000))

/** Parts of the UTC date that a value in seconds since 1970 stands for; NaN for what is no date (Prometheus says something arbitrary). */
export const calendarFunctions = Object.fromEntries(Object.entries(calendar).map(([name, read]) => [name, ofSeconds(read)])) as Readonly<
  Record<keyof typeof calendar, MathFunction>
>
