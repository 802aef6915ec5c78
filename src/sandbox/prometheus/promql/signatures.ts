import type { ValueType } from './ast.ts'

/** What a function takes and gives. */
export interface Signature {
  readonly args: readonly ValueType[]
  /** How often the last argument may stand there beyond once or not at all: 0 exactly once, n up to n times or never, -1 any number. */
  readonly variadic: number
  readonly returns: ValueType
}

const takes = (...args: ValueType[]): Signature => ({ args, variadic: 0, returns: 'vector' })
const ofVector = takes('vector')
const ofRange = takes('matrix')
const ofTime: Signature = { args: ['vector'], variadic: 1, returns: 'vector' }

/** Every function that the evaluator knows. The parser knows more: those are refused by name. */
export const signatures = {
  abs: ofVector,
  absent: ofVector,
  absent_over_time: ofRange,
  acos: ofVector,
  acosh: ofVector,
  asin: ofVector,
  asinh: ofVector,
  atan: ofVector,
  atanh: ofVector,
  avg_over_time: ofRange,
  ceil: ofVector,
  changes: ofRange,
  clamp: takes('vector', 'scalar', 'scalar'),
  clamp_max: takes('vector', 'scalar'),
  clamp_min: takes('vector', 'scalar'),
  cos: ofVector,
  cosh: ofVector,
  count_over_time: ofRange,
  day_of_month: ofTime,
  day_of_week: ofTime,
  day_of_year: ofTime,
  days_in_month: ofTime,
  deg: ofVector,
  delta: ofRange,
  deriv: ofRange,
  exp: ofVector,
  first_over_time: ofRange,
  floor: ofVector,
  histogram_quantile: takes('scalar', 'vector'),
  hour: ofTime,
  idelta: ofRange,
  increase: ofRange,
  irate: ofRange,
  label_join: { args: ['vector', 'string', 'string', 'string'], variadic: -1, returns: 'vector' },
  label_replace: takes('vector', 'string', 'string', 'string', 'string'),
  last_over_time: ofRange,
  ln: ofVector,
  log10: ofVector,
  log2: ofVector,
  max_over_time: ofRange,
  min_over_time: ofRange,
  minute: ofTime,
  month: ofTime,
  pi: { args: [], variadic: 0, returns: 'scalar' },
  predict_linear: takes('matrix', 'scalar'),
  present_over_time: ofRange,
  quantile_over_time: takes('scalar', 'matrix'),
  rad: ofVector,
  rate: ofRange,
  resets: ofRange,
  round: { args: ['vector', 'scalar'], variadic: 1, returns: 'vector' },
  scalar: { args: ['vector'], variadic: 0, returns: 'scalar' },
  sgn: ofVector,
  sin: ofVector,
  sinh: ofVector,
  sort: ofVector,
  sort_desc: ofVector,
  sqrt: ofVector,
  stddev_over_time: ofRange,
  stdvar_over_time: ofRange,
  sum_over_time: ofRange,
  tan: ofVector,
  tanh: ofVector,
  time: { args: [], variadic: 0, returns: 'scalar' },
  timestamp: ofVector,
  vector: takes('scalar'),
  year: ofTime,
} as const satisfies Readonly<Record<string, Signature>>

export type FunctionName = keyof typeof signatures

export const isFunctionName = (name: string): name is FunctionName => Object.hasOwn(signatures, name)

/** The type of the aggregation's parameter, for those that have one. */
const params: Readonly<Record<string, ValueType>> = { topk: 'scalar', bottomk: 'scalar', quantile: 'scalar', count_values: 'string' }

const aggregations = [
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'quantile',
  'count_values',
] as const
export type Aggregation = (typeof aggregations)[number]

export const isAggregation = (name: string): name is Aggregation => (aggregations as readonly string[]).includes(name)

export const aggregationParam = (op: Aggregation): ValueType | undefined => params[op]
