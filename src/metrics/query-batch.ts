import type { SyntaxNode, Tree } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

/** Tells apart whose series is whose in the answer of a batch. */
export const batchLabel = 'serin_query'

/** Far more than people write; nothing longer is worth reading just to see whether it may join. */
const longestQuery = 4000

/** Strings end where the library's reader says only if they are closed; it lets the last one of a text stay open. */
const closedString = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)$/

const unsafe = new RegExp(`\\p{Cc}|${batchLabel}`, 'u')

type ValueType = 'scalar' | 'vector' | 'other'

const scalarFunctions: readonly string[] = ['scalar', 'time', 'pi', 'start', 'end', 'range', 'step']

const ofInner = (node: SyntaxNode, query: string): ValueType => {
  const inner = node.getChild('Expr')
  return inner ? typeOf(inner, query) : 'other'
}

const types: Readonly<Record<string, (node: SyntaxNode, query: string) => ValueType>> = {
  NumberDurationLiteral: () => 'scalar',
  VectorSelector: () => 'vector',
  AggregateExpr: () => 'vector',
  FunctionCall: (node, query) => {
    const name = node.getChild('FunctionIdentifier')
    return name && !scalarFunctions.includes(query.slice(name.from, name.to)) ? 'vector' : 'scalar'
  },
  ParenExpr: ofInner,
  UnaryExpr: ofInner,
  OffsetExpr: ofInner,
  StepInvariantExpr: ofInner,
  BinaryExpr: (node, query) => {
    const sides = node.getChildren('Expr').map(side => typeOf(side, query))
    if (sides.length !== 2 || sides.includes('other')) return 'other'
    return sides.includes('vector') ? 'vector' : 'scalar'
  },
}

const typeOf = (node: SyntaxNode, query: string): ValueType => types[node.name]?.(node, query) ?? 'other'

const isRead = (tree: Tree, query: string): boolean => {
  let clean = true
  tree.iterate({
    enter: ({ type, name, from, to }) => {
      if (type.isError || (name === 'StringLiteral' && !closedString.test(query.slice(from, to)))) clean = false
      return clean
    },
  })
  return clean
}

/**
 * Whether a query, on one line, may be one of a batch: it reads as one expression without a doubt, so that none of its brackets can close
 * one of ours, and it gives an instant vector. Everybody else is asked alone.
 */
export const mayJoin = (query: string): boolean => {
  if (query.length > longestQuery || unsafe.test(query)) return false
  const tree = parser.parse(query)
  return isRead(tree, query) && ofInner(tree.topNode, query) === 'vector'
}

/** A comment at the end of a query ends with its line, before our bracket. */
const partOf = (query: string, index: number): string => `label_replace((${query}\n),"${batchLabel}","${index}","","")`

/**
 * One query whose answer holds the answers of all: each series is marked with the place of the query it belongs to, whatever labels it has.
 * No two marks are the same, so that `or` drops nothing. Only for those that may join.
 */
export const batchOf = (queries: readonly string[]): string => queries.map(partOf).join(' or ')

/** Bytes that a query takes up in a batch, at most. */
export const bytesInBatch = (query: string): number => Buffer.byteLength(partOf(query, 1000)) + ' or '.length
