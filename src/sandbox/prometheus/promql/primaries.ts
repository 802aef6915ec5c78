import type { SyntaxNode } from '@lezer/common'
import { messageOf } from '../../../errors.ts'
import type { Matcher, MatchOp } from '../storage/matcher.ts'
import { matcherOf } from '../storage/matcher.ts'
import type { Expr, Grouping, NumberLiteral } from './ast.ts'
import { aggregateOf, callOf } from './checks.ts'
import { parseNumberText, parseStringText } from './literals.ts'
import type { Reading } from './reading.ts'
import { childrenOf, textOf, wrong } from './reading.ts'

type Read<T> = (node: SyntaxNode, reading: Reading) => T

/** A number literal whose sign has been taken off. */
export const numberOf = (digits: string, node: SyntaxNode, reading: Reading): NumberLiteral => {
  const value = parseNumberText(digits)
  if (value === undefined) throw wrong(node, reading, `bad number or duration syntax: ${JSON.stringify(digits)}`)
  return { kind: 'number', value, at: node.from }
}

const stringOf: Read<string> = (node, reading) => {
  const parsed = parseStringText(textOf(node, reading))
  if ('wrong' in parsed) throw wrong(node, reading, parsed.wrong)
  return parsed.value
}

export const groupingLabels: Read<string[]> = (node, reading) =>
  childrenOf(node).map(label => {
    if (label.name !== 'LabelName') throw wrong(label, reading, 'quoted label names are not supported')
    return textOf(label, reading)
  })

const labelMatcher: Read<Matcher> = (node, reading) => {
  const [label, op, value] = childrenOf(node)
  if (node.name !== 'UnquotedLabelMatcher' || !label || !op || !value)
    throw wrong(node, reading, 'quoted names in selectors are not supported')
  const text = stringOf(value, reading)
  try {
    return matcherOf(textOf(label, reading), textOf(op, reading) as MatchOp, text)
  } catch (thrown) {
    throw wrong(node, reading, messageOf(thrown))
  }
}

const selectorOf: Read<Expr> = (node, reading) => {
  const identifier = node.getChild('Identifier')
  const listed = node.getChild('LabelMatchers')
  const matchers = listed ? childrenOf(listed).map(child => labelMatcher(child, reading)) : []
  const named = matchers.find(({ name, op }) => name === '__name__' && op === '=')
  if (identifier && named) {
    throw wrong(
      node,
      reading,
      `metric name must not be set twice: ${JSON.stringify(textOf(identifier, reading))} or ${JSON.stringify(named.value)}`,
    )
  }
  if (identifier) matchers.push(matcherOf('__name__', '=', textOf(identifier, reading)))
  if (matchers.every(matcher => matcher.matches(''))) {
    throw wrong(node, reading, 'vector selector must contain at least one non-empty matcher')
  }
  return { kind: 'selector', matchers, offsetMs: undefined, fixedAt: undefined, at: node.from }
}

const argumentsOf: Read<Expr[]> = (node, reading) => {
  const body = node.getChild('FunctionCallBody')
  return body ? childrenOf(body).map(reading.read) : []
}

const groupingOf: Read<Grouping> = (node, reading) => {
  const modifier = node.getChild('AggregateModifier')
  const listed = modifier?.getChild('GroupingLabels')
  return { without: modifier?.getChild('Without') != null, labels: new Set(listed ? groupingLabels(listed, reading) : []) }
}

const readers: Readonly<Record<string, Read<Expr>>> = {
  VectorSelector: selectorOf,
  StringLiteral: (node, reading) => ({ kind: 'string', value: stringOf(node, reading), at: node.from }),
  ParenExpr: (node, reading) => ({ kind: 'paren', inner: reading.read(childrenOf(node)[0] ?? node), at: node.from }),
  FunctionCall: (node, reading) => {
    const name = textOf(node.getChild('FunctionIdentifier') ?? node, reading)
    return callOf({ name, args: argumentsOf(node, reading), at: node.from }, reading.query)
  },
  AggregateExpr: (node, reading) => {
    const op = textOf(node.getChild('AggregateOp') ?? node, reading).toLowerCase()
    const parts = { op, grouping: groupingOf(node, reading), args: argumentsOf(node, reading), at: node.from }
    return aggregateOf(parts, reading.query)
  },
}

/** Constructs that the library's parser knows and nothing here evaluates. */
const unsupported: Readonly<Record<string, string>> = { AnchoredExpr: 'anchored modifier', SmoothedExpr: 'smoothed modifier' }

/** What operators stand between: selectors, calls, aggregations, texts, parentheses. */
export const primary: Read<Expr> = (node, reading) => {
  const reader = readers[node.name]
  if (!reader) throw wrong(node, reading, `${unsupported[node.name] ?? node.name} is not supported`)
  return reader(node, reading)
}
