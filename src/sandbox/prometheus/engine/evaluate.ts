import type { Aggregate, Call, Expr, Subquery, Unary } from '../promql/ast.ts'
import type { Aggregation } from '../promql/signatures.ts'
import type { Labels } from '../storage/labels.ts'
import { signatureOf } from '../storage/labels.ts'
import { aggregate } from './aggregate.ts'
import { binary } from './binary.ts'
import type { Frame } from './frame.ts'
import { openStart, shiftedMs } from './frame.ts'
import type { Args } from './functions.ts'
import { callFunction } from './functions.ts'
import { latestOf, windowsOf } from './selectors.ts'
import type { Matrix, Row, Value } from './value.ts'
import { distinct, mapValues, scalarValue, vectorValue } from './value.ts'

/** The parser has checked the types, so this never throws; it lets the compiler see what is known. */
const expectType = <T extends Value['type']>(value: Value, type: T): Extract<Value, { type: T }> => {
  if (value.type !== type) throw new TypeError(`expected ${type}, got ${value.type}`)
  return value as Extract<Value, { type: T }>
}

const argsOf = ({ args }: Call, frame: Frame): Args => {
  const value = <T extends Value['type']>(index: number, type: T) => {
    const expr = args[index]
    if (!expr) throw new TypeError(`argument ${index} is missing`)
    return expectType(evaluateAt(expr, frame), type)
  }
  return {
    count: args.length,
    expr: index => args[index],
    scalar: index => value(index, 'scalar').value,
    text: index => value(index, 'string').value,
    vector: index => value(index, 'vector').samples,
    matrix: index => value(index, 'matrix').matrix,
  }
}

const aggregated = ({ op, grouping, param, inner }: Aggregate, frame: Frame): Value => {
  const { samples } = expectType(evaluateAt(inner, frame), 'vector')
  return vectorValue(aggregate(op as Aggregation, { samples, grouping, param: param && evaluateAt(param, frame) }))
}

const signed = ({ op, inner }: Unary, frame: Frame): Value => {
  const value = evaluateAt(inner, frame)
  if (op === '+') return value
  return value.type === 'vector'
    ? vectorValue(distinct(mapValues(value.samples, one => -one)))
    : scalarValue(-expectType(value, 'scalar').value)
}

/** Instants of a subquery: multiples of its step, so that overlapping windows ask at the same instants. */
const instantsOf = (startMs: number, endMs: number, stepMs: number): number[] => {
  const firstMs = (Math.floor(startMs / stepMs) + 1) * stepMs
  return Array.from({ length: Math.max(0, Math.floor((endMs - firstMs) / stepMs) + 1) }, (_, index) => firstMs + index * stepMs)
}

/** Runs an instant expression at many instants and turns the results into series. */
export const evaluateOver = (expr: Expr, frame: Frame, instantsMs: readonly number[]): Row[] => {
  const rows = new Map<string, { labels: Labels; times: number[]; values: number[] }>()
  for (const timeMs of instantsMs) {
    frame.scope.checkpoint()
    const value = evaluateAt(expr, { scope: frame.scope, timeMs })
    const samples = value.type === 'scalar' ? [{ labels: [], value: value.value }] : expectType(value, 'vector').samples
    for (const sample of samples) {
      const signature = signatureOf(sample.labels)
      const row = rows.get(signature) ?? { labels: sample.labels, times: [], values: [] }
      rows.set(signature, row)
      row.times.push(timeMs)
      row.values.push(sample.value)
    }
  }
  return [...rows.values()].map(({ labels, times, values }) => ({
    labels,
    points: { times: Float64Array.from(times), values: Float64Array.from(values) },
  }))
}

const subquery = (node: Subquery, frame: Frame): Matrix => {
  const { scope } = frame
  const endMs = shiftedMs(node, frame)
  const startMs = endMs - node.rangeMs
  const instants = instantsOf(openStart(startMs, scope.semantics), endMs, node.stepMs ?? scope.subqueryStepMs)
  return { rows: evaluateOver(node.inner, frame, instants), startMs, endMs }
}

/**
 * The value of an expression at one instant.
 * @throws {QueryError} terminal: it has no single answer with this data, or took too long
 */
export const evaluateAt = (expr: Expr, frame: Frame): Value => {
  switch (expr.kind) {
    case 'number':
      return scalarValue(expr.value)
    case 'string':
      return { type: 'string', value: expr.value }
    case 'selector':
      return vectorValue(latestOf(expr, frame))
    case 'range':
      return { type: 'matrix', matrix: windowsOf(expr, frame) }
    case 'subquery':
      return { type: 'matrix', matrix: subquery(expr, frame) }
    case 'call':
      return callFunction(expr, argsOf(expr, frame), frame)
    case 'aggregate':
      return aggregated(expr, frame)
    case 'binary':
      return binary(expr, [evaluateAt(expr.left, frame), evaluateAt(expr.right, frame)], frame.scope.semantics)
    case 'unary':
      return signed(expr, frame)
    case 'paren':
      return evaluateAt(expr.inner, frame)
    default:
      return expr satisfies never
  }
}
