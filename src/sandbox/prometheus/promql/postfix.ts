import type { SyntaxNode } from '@lezer/common'
import type { Expr, FixedTime, TimeShift } from './ast.ts'
import { requireVector } from './checks.ts'
import { parseDurationText, parseNumberText } from './literals.ts'
import { parseError } from './query-error.ts'
import type { Reading } from './reading.ts'
import { childrenOf, textOf, wrong } from './reading.ts'

type Modifier = (node: SyntaxNode, reading: Reading) => (expr: Expr) => Expr

/** Milliseconds of a duration in brackets or after `offset`; a bare number counts in seconds. */
const durationOf = (node: SyntaxNode, reading: Reading): number => {
  const [, sign, text = ''] = /^([+-]?)\s*(.*)$/s.exec(textOf(node, reading)) ?? []
  const seconds = parseNumberText(text)
  const durationMs = parseDurationText(text) ?? (seconds === undefined ? undefined : Math.round(seconds * 1000))
  if (durationMs === undefined) throw wrong(node, reading, 'duration expressions are not supported')
  if (!Number.isFinite(durationMs)) throw wrong(node, reading, 'duration out of range')
  return sign === '-' ? -durationMs : durationMs
}

const positiveDurationOf = (node: SyntaxNode, reading: Reading): number => {
  const durationMs = durationOf(node, reading)
  if (durationMs <= 0) throw wrong(node, reading, 'duration must be greater than 0')
  return durationMs
}

/** Sets a time shift on what it may stand behind: a selector, a range selector or a subquery. */
const shift = (expr: Expr, change: (old: TimeShift) => Partial<TimeShift>): Expr | undefined => {
  if (expr.kind === 'selector' || expr.kind === 'subquery') return { ...expr, ...change(expr) }
  return expr.kind === 'range' ? { ...expr, selector: { ...expr.selector, ...change(expr.selector) } } : undefined
}

const shiftable = 'must be preceded by an instant vector selector or range vector selector or a subquery'

export const offsetModifier: Modifier = (node, reading) => {
  const offsetMs = durationOf(node.getChild('OffsetDurationExpr') ?? node, reading)
  return expr => {
    const shifted = shift(expr, old => {
      if (old.offsetMs !== undefined) throw parseError(reading.query, expr.at, 'offset may not be set multiple times')
      return { offsetMs }
    })
    if (!shifted) throw parseError(reading.query, expr.at, `offset modifier ${shiftable}`)
    return shifted
  }
}

const fixedTimeOf = (node: SyntaxNode, reading: Reading): FixedTime => {
  const end = node.getChild('AtModifierPreprocessors')
  if (end) return end.getChild('AtStart') ? 'start' : 'end'
  const literal = node.getChild('NumberDurationLiteral') ?? childrenOf(node).at(-1) ?? node
  const seconds = parseNumberText(textOf(literal, reading))
  if (seconds === undefined || !Number.isFinite(seconds))
    throw wrong(node, reading, `timestamp out of bounds for @ modifier: ${textOf(literal, reading)}`)
  return Math.round(seconds * 1000)
}

export const atModifier: Modifier = (node, reading) => {
  const fixedAt = fixedTimeOf(node, reading)
  return expr => {
    const shifted = shift(expr, old => {
      if (old.fixedAt !== undefined) throw parseError(reading.query, expr.at, '@ <timestamp> may not be set multiple times')
      return { fixedAt }
    })
    if (!shifted) throw parseError(reading.query, expr.at, `@ modifier ${shiftable}`)
    return shifted
  }
}

const rangeProblem = (expr: Expr): string | undefined => {
  if (expr.kind !== 'selector') return 'ranges only allowed for vector selectors'
  if (expr.offsetMs !== undefined) return 'no offset modifiers allowed before range'
  return expr.fixedAt === undefined ? undefined : 'no @ modifiers allowed before range'
}

export const rangeModifier: Modifier = (node, reading) => {
  const duration = node.getChild('DurationExpr') ?? node
  const rangeMs = positiveDurationOf(duration, reading)
  return expr => {
    const problem = rangeProblem(expr)
    if (problem || expr.kind !== 'selector') throw parseError(reading.query, reading.query.lastIndexOf('[', duration.from), problem ?? '')
    return { kind: 'range', selector: expr, rangeMs, at: expr.at }
  }
}

export const subqueryModifier: Modifier = (node, reading) => {
  const [range = node, step] = node.getChildren('DurationExpr')
  const rangeMs = positiveDurationOf(range, reading)
  const stepMs = step ? positiveDurationOf(step, reading) : undefined
  return inner => {
    requireVector(inner, reading.query)
    return { kind: 'subquery', inner, rangeMs, stepMs, offsetMs: undefined, fixedAt: undefined, at: inner.at }
  }
}
