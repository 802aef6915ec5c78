import type { Matcher } from '../storage/matcher.ts'
import type { Offset } from './query-error.ts'

/** Types of the language. An instant vector has one sample per series, a range vector has many. */
export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix'

/** Evaluation time fixed by `@`: seconds turned to milliseconds, or an end of the queried range. */
export type FixedTime = number | 'start' | 'end'

/** What shifts the time at which a selector or subquery looks. */
export interface TimeShift {
  readonly offsetMs: number | undefined
  readonly fixedAt: FixedTime | undefined
}

interface Placed {
  readonly at: Offset
}

export interface NumberLiteral extends Placed {
  readonly kind: 'number'
  readonly value: number
}

interface StringLiteral extends Placed {
  readonly kind: 'string'
  readonly value: string
}

export interface Selector extends Placed, TimeShift {
  readonly kind: 'selector'
  readonly matchers: readonly Matcher[]
}

export interface RangeSelector extends Placed {
  readonly kind: 'range'
  readonly selector: Selector
  readonly rangeMs: number
}

export interface Subquery extends Placed, TimeShift {
  readonly kind: 'subquery'
  readonly inner: Expr
  readonly rangeMs: number
  /** Undefined: the server's evaluation interval. */
  readonly stepMs: number | undefined
}

export interface Call extends Placed {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expr[]
}

export interface Aggregate extends Placed {
  readonly kind: 'aggregate'
  readonly op: string
  readonly grouping: Grouping
  readonly param: Expr | undefined
  readonly inner: Expr
}

export interface Grouping {
  readonly without: boolean
  readonly labels: ReadonlySet<string>
}

export interface Binary extends Placed {
  readonly kind: 'binary'
  readonly op: BinaryOp
  readonly returnsBool: boolean
  readonly matching: Matching
  readonly left: Expr
  readonly right: Expr
}

/** How series of both sides find each other. */
export interface Matching {
  /** True: the labels listed must agree; false: all but these and the name. */
  readonly on: boolean
  readonly labels: ReadonlySet<string>
  readonly many: 'left' | 'right' | undefined
  /** Labels that the "one" side lends to the result. */
  readonly include: readonly string[]
}

export interface Unary extends Placed {
  readonly kind: 'unary'
  readonly op: '+' | '-'
  readonly inner: Expr
}

/** Kept apart from its content, because `(x)[5m]` is not `x[5m]`. */
interface Paren extends Placed {
  readonly kind: 'paren'
  readonly inner: Expr
}

export type Expr = NumberLiteral | StringLiteral | Selector | RangeSelector | Subquery | Call | Aggregate | Binary | Unary | Paren

const setOps = ['and', 'or', 'unless'] as const
const comparisons = ['==', '!=', '<', '<=', '>', '>='] as const
const arithmetics = ['+', '-', '*', '/', '%', '^', 'atan2'] as const

export type SetOp = (typeof setOps)[number]
export type Comparison = (typeof comparisons)[number]
export type Arithmetic = (typeof arithmetics)[number]
export type BinaryOp = SetOp | Comparison | Arithmetic

const isOneOf =
  <T extends string>(ops: readonly T[]) =>
  (op: string): op is T =>
    (ops as readonly string[]).includes(op)

export const isSetOp = isOneOf(setOps)
export const isComparison = isOneOf(comparisons)
export const isArithmetic = isOneOf(arithmetics)

/** The expression inside any number of parentheses. */
export const unwrap = (expr: Expr): Expr => (expr.kind === 'paren' ? unwrap(expr.inner) : expr)
