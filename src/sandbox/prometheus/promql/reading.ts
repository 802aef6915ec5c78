import type { SyntaxNode } from '@lezer/common'
import type { Expr } from './ast.ts'
import type { QueryError } from './query-error.ts'
import { parseError } from './query-error.ts'

/** What the readers of syntax nodes share: the query's text, and the way to read an expression within. */
export interface Reading {
  readonly query: string
  read(node: SyntaxNode): Expr
}

export const textOf = (node: SyntaxNode, { query }: Reading): string => query.slice(node.from, node.to)

/** Children of a node without the comments, which may stand anywhere. */
export const childrenOf = (node: SyntaxNode): SyntaxNode[] => {
  const children: SyntaxNode[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) if (child.name !== 'LineComment') children.push(child)
  return children
}

export const wrong = (node: SyntaxNode, { query }: Reading, message: string): QueryError => parseError(query, node.from, message)
