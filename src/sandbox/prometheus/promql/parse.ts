import type { Tree } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'
import type { Expr } from './ast.ts'
import { layOut } from './layout.ts'
import { assemble } from './precedence.ts'
import type { Offset, QueryError } from './query-error.ts'
import { parseError } from './query-error.ts'
import type { Reading } from './reading.ts'
import { childrenOf } from './reading.ts'

/** Where the library's parser had to guess or skip; it never refuses a text itself. */
const firstErrorIn = (tree: Tree): Offset | undefined => {
  let found: Offset | undefined
  tree.iterate({
    enter: node => {
      if (node.type.isError) found ??= node.from
      return found === undefined
    },
  })
  return found
}

const syntaxError = (query: string, at: Offset): QueryError => {
  if (query.replaceAll(/#.*/g, '').trim() === '') return parseError(query, 0, 'no expression found in input')
  const rest = query.slice(at).trimStart()
  const called = rest.startsWith('(') ? /([a-zA-Z_]\w*)\s*$/.exec(query.slice(0, at)) : null
  if (called) return parseError(query, called.index, `unknown function with name ${JSON.stringify(called[1])}`)
  return parseError(query, at, rest === '' ? 'unexpected end of input' : `unexpected ${JSON.stringify(rest.slice(0, 20))}`)
}

/** Deeper than any person writes (each operator of a chain counts), far from what the call stack bears. */
const deepestNesting = 500

const requireShallow = (tree: Tree, query: string): void => {
  let depth = 0
  tree.iterate({
    enter: ({ from }) => {
      depth += 1
      if (depth > deepestNesting) throw parseError(query, from, `expressions nested deeper than ${deepestNesting} are not supported`)
    },
    leave: () => {
      depth -= 1
    },
  })
}

/**
 * The query as a tree whose types have been checked.
 * @throws {QueryError} terminal: syntax or types are wrong, or a construct is not supported; the message says where and which
 */
export const parse = (query: string): Expr => {
  const tree = parser.parse(query)
  requireShallow(tree, query)
  const errorAt = firstErrorIn(tree)
  if (errorAt !== undefined) throw syntaxError(query, errorAt)
  const top = childrenOf(tree.topNode)[0]
  if (!top) throw syntaxError(query, 0)
  const read: Reading['read'] = node => assemble(layOut(node, { query, read }), query)
  return read(top)
}
