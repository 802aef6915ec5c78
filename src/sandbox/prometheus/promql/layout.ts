import type { SyntaxNode } from '@lezer/common'
import type { BinaryOp, Expr, Matching } from './ast.ts'
import { isArithmetic, isComparison, isSetOp } from './ast.ts'
import { atModifier, offsetModifier, rangeModifier, subqueryModifier } from './postfix.ts'
import { groupingLabels, numberOf, primary } from './primaries.ts'
import type { Offset } from './query-error.ts'
import type { Reading } from './reading.ts'
import { childrenOf, textOf, wrong } from './reading.ts'

export interface Infix {
  readonly kind: 'infix'
  readonly op: BinaryOp
  readonly returnsBool: boolean
  readonly matching: Matching | undefined
  readonly at: Offset
}

/** A piece of an operation in the order of the text. */
export type Item =
  | { readonly kind: 'operand'; readonly expr: Expr }
  | { readonly kind: 'sign'; readonly op: '+' | '-'; readonly at: Offset }
  | { readonly kind: 'postfix'; readonly apply: (expr: Expr) => Expr }
  | Infix

const signOf = (text: string): '+' | '-' => (text.startsWith('-') ? '-' : '+')

const matchingOf = (node: SyntaxNode, reading: Reading): Matching => {
  const [listed, included] = node.getChildren('GroupingLabels')
  return {
    on: node.getChild('On') !== null,
    labels: new Set(listed ? groupingLabels(listed, reading) : []),
    many: node.getChild('GroupLeft') ? 'left' : node.getChild('GroupRight') ? 'right' : undefined,
    include: included ? groupingLabels(included, reading) : [],
  }
}

const operatorOf = (node: SyntaxNode, reading: Reading): BinaryOp => {
  const op = textOf(node, reading).toLowerCase()
  if (isArithmetic(op) || isComparison(op) || isSetOp(op)) return op
  throw wrong(node, reading, `operator ${op} is not supported`)
}

const infixOf = (node: SyntaxNode, reading: Reading): Infix => {
  const operator = childrenOf(node)[1] ?? node
  const fill = node.getChild('FillModifier')
  if (fill) throw wrong(fill, reading, 'fill modifiers are not supported')
  const matching = node.getChild('MatchingModifierClause')
  return {
    kind: 'infix',
    op: operatorOf(operator, reading),
    returnsBool: node.getChild('BoolModifier') !== null,
    matching: matching ? matchingOf(matching, reading) : undefined,
    at: operator.from,
  }
}

type Lay = (node: SyntaxNode, reading: Reading) => readonly Item[]

const operand: Lay = (node, reading) => [{ kind: 'operand', expr: primary(node, reading) }]

const postfix =
  (modifier: (node: SyntaxNode, reading: Reading) => (expr: Expr) => Expr): Lay =>
  (node, reading) => [...layOut(childrenOf(node)[0] ?? node, reading), { kind: 'postfix', apply: modifier(node, reading) }]

const layers: Readonly<Record<string, Lay>> = {
  BinaryExpr: (node, reading) => {
    const children = childrenOf(node)
    return [...layOut(children[0] ?? node, reading), infixOf(node, reading), ...layOut(children.at(-1) ?? node, reading)]
  },
  UnaryExpr: (node, reading) => [
    { kind: 'sign', op: signOf(textOf(node, reading)), at: node.from },
    ...layOut(childrenOf(node).at(-1) ?? node, reading),
  ],
  NumberDurationLiteral: (node, reading) => {
    const [, sign, digits] = /^([+-]?)\s*(.*)$/s.exec(textOf(node, reading)) ?? []
    const value: Item = { kind: 'operand', expr: numberOf(digits ?? '', node, reading) }
    return sign ? [{ kind: 'sign', op: signOf(sign), at: node.from }, value] : [value]
  },
  OffsetExpr: postfix(offsetModifier),
  StepInvariantExpr: postfix(atModifier),
  MatrixSelector: postfix(rangeModifier),
  SubqueryExpr: postfix(subqueryModifier),
}

/**
 * An expression node as flat items. The library's grammar lets `offset`, `@` and `[...]` take a whole operation (`a + b offset 5m` comes as
 * `(a + b) offset 5m`) and lets a sign take a power's base; Prometheus binds both the other way round. So operations are laid out
 * flat and put together anew by Prometheus' own precedence.
 */
export const layOut: Lay = (node, reading) => (layers[node.name] ?? operand)(node, reading)
