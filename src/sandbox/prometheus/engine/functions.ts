import type { Call, Expr } from '../promql/ast.ts'
import { unwrap } from '../promql/ast.ts'
import type { FunctionName } from '../promql/signatures.ts'
import type { Labels } from '../storage/labels.ts'
import { metricName, noLabels, withLabel, withoutMetricName } from '../storage/labels.ts'
import type { Frame } from './frame.ts'
import { histogramQuantile } from './histogram.ts'
import { labelJoin, labelReplace } from './label-functions.ts'
import type { MathFunction } from './math.ts'
import { calendarFunctions, mathFunctions } from './math.ts'
import { nanLast } from './numeric.ts'
import { latestOf } from './selectors.ts'
import type { Matrix, Sample, Value, Vector } from './value.ts'
import { distinct, mapValues, scalarValue, vectorValue } from './value.ts'
import type { WindowFunction } from './window.ts'
import { windowFunctions } from './window.ts'

/** A call's arguments, evaluated when asked for; the parser has checked their number and types. */
export interface Args {
  readonly count: number
  expr(index: number): Expr | undefined
  scalar(index: number): number
  text(index: number): string
  vector(index: number): Vector
  matrix(index: number): Matrix
}

type PromqlFunction = (args: Args, frame: Frame) => Value

const nothing: Vector = []
const one = (value: number, labels: Labels = noLabels): Vector => [{ labels, value }]
const restFrom = (args: Args, index: number): number[] =>
  Array.from({ length: Math.max(0, args.count - index) }, (_, extra) => args.scalar(index + extra))

const ofMath =
  (compute: MathFunction): PromqlFunction =>
  args => {
    const params = restFrom(args, 1)
    return vectorValue(distinct(mapValues(args.vector(0), value => compute(value, ...params))))
  }

/** Date functions take the current time when they get no argument. */
const ofTime =
  (compute: MathFunction): PromqlFunction =>
  (args, { timeMs }) =>
    vectorValue(distinct(mapValues(args.count === 0 ? one(timeMs / 1000) : args.vector(0), value => compute(value))))

const keepsName = new Set<string>(['first_over_time', 'last_over_time'])

const ofWindow =
  (name: string, compute: WindowFunction): PromqlFunction =>
  (args, { scope, timeMs }) => {
    const matrixAt = name === 'quantile_over_time' ? 1 : 0
    const param = args.count === 2 ? args.scalar(1 - matrixAt) : Number.NaN
    const { rows, startMs, endMs } = args.matrix(matrixAt)
    const samples = rows.flatMap(({ labels, points }): Sample[] => {
      const value = compute({ points, startMs, endMs, timeMs, param, semantics: scope.semantics })
      return value === undefined ? [] : [{ labels: keepsName.has(name) ? labels : withoutMetricName(labels), value }]
    })
    return vectorValue(distinct(samples))
  }

/** What can be said of a series that is not there: the labels on which its selector insists exactly once. */
const labelsOfAbsent = (expr: Expr | undefined): Labels => {
  const inner = expr && unwrap(expr)
  const selector = inner?.kind === 'range' ? inner.selector : inner
  if (selector?.kind !== 'selector') return noLabels
  const named = selector.matchers.filter(({ name }) => name !== metricName)
  const set = new Set<string>()
  return named.reduce((labels, { name, op, value }) => {
    if (op !== '=' || set.has(name)) return withLabel(labels, name, '')
    set.add(name)
    return withLabel(labels, name, value)
  }, noLabels)
}

const sorted = (direction: 1 | -1, samples: Vector): Vector => {
  const order = nanLast(direction)
  return samples.toSorted((a, b) => order(a.value, b.value))
}

/** The time of the sample itself where the argument is a selector, else that of the evaluation. */
const timestamp: PromqlFunction = (args, frame) => {
  const expr = args.expr(0)
  const selector = expr && unwrap(expr)
  if (selector?.kind !== 'selector') return vectorValue(distinct(mapValues(args.vector(0), () => frame.timeMs / 1000)))
  const times = latestOf(selector, frame).map(({ labels, timeMs }) => ({ labels: withoutMetricName(labels), value: timeMs / 1000 }))
  return vectorValue(distinct(times))
}

/** Limits that leave nothing between them leave no series either. */
const clamp: PromqlFunction = (args, frame) => {
  const clamped = ofMath(mathFunctions.clamp)(args, frame)
  return args.scalar(2) < args.scalar(1) ? vectorValue(nothing) : clamped
}

const mapTable = <N extends string, F>(
  table: Readonly<Record<N, F>>,
  wrap: (compute: F, name: N) => PromqlFunction,
): Record<N, PromqlFunction> =>
  Object.fromEntries(Object.entries<F>(table).map(([name, compute]) => [name, wrap(compute, name as N)])) as Record<N, PromqlFunction>

const functions: Readonly<Record<FunctionName, PromqlFunction>> = {
  ...mapTable<keyof typeof mathFunctions, MathFunction>(mathFunctions, ofMath),
  ...mapTable<keyof typeof calendarFunctions, MathFunction>(calendarFunctions, ofTime),
  ...mapTable<keyof typeof windowFunctions, WindowFunction>(windowFunctions, (compute, name) => ofWindow(name, compute)),
  clamp,
  absent: args => vectorValue(args.vector(0).length === 0 ? one(1, labelsOfAbsent(args.expr(0))) : nothing),
  absent_over_time: args => vectorValue(args.matrix(0).rows.length === 0 ? one(1, labelsOfAbsent(args.expr(0))) : nothing),
  histogram_quantile: (args, { scope }) => vectorValue(distinct(histogramQuantile(args.scalar(0), args.vector(1), scope.semantics))),
  label_join: args => {
    const sources = Array.from({ length: args.count - 3 }, (_, index) => args.text(index + 3))
    return vectorValue(labelJoin(args.vector(0), { target: args.text(1), separator: args.text(2), sources }))
  },
  label_replace: args => {
    const replacement = { target: args.text(1), replacement: args.text(2), source: args.text(3), pattern: args.text(4) }
    return vectorValue(labelReplace(args.vector(0), replacement))
  },
  pi: () => scalarValue(Math.PI),
  scalar: args => {
    const samples = args.vector(0)
    return scalarValue(samples.length === 1 ? (samples[0]?.value ?? Number.NaN) : Number.NaN)
  },
  sort: args => vectorValue(sorted(1, args.vector(0))),
  sort_desc: args => vectorValue(sorted(-1, args.vector(0))),
  time: (_, { timeMs }) => scalarValue(timeMs / 1000),
  timestamp,
  vector: args => vectorValue(one(args.scalar(0))),
}

export const callFunction = ({ name }: Call, args: Args, frame: Frame): Value => functions[name as FunctionName](args, frame)
