import { parser } from '@prometheus-io/lezer-promql'

/** Names of teams, wherever they stand in a query. */
const ours = /\b(?:podinfo|test|next)\b/

const known = new Map<string, boolean>()

const isData = (query: string): boolean => {
  let isPlain = true
  parser.parse(query).iterate({
    enter: ({ name, type, from, to, node }) => {
      const isLoose = node.firstChild === null && name !== 'StringLiteral' && ours.test(query.slice(from, to))
      if (type.isError || isLoose) isPlain = false
    },
  })
  return isPlain
}

/** S27: whatever things are called, a question is PromQL, and a name in it is nothing but text. */
export const isLiteral = (query: string): boolean => {
  const found = known.get(query) ?? isData(query)
  known.set(query, found)
  return found
}
