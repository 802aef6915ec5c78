import type { Aggregate, Binary, Call, Expr, Grouping, Matching, NumberLiteral, Unary, ValueType } from './ast.ts'
import { isComparison, isSetOp } from './ast.ts'
import type { Infix } from './layout.ts'
import type { Offset } from './query-error.ts'
import { parseError } from './query-error.ts'
import type { Signature } from './signatures.ts'
import { aggregationParam, isAggregation, isFunctionName, signatures } from './signatures.ts'

/** Names of the types in messages. */
const typeNames: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
}

const typeOfKind = {
  number: 'scalar',
  string: 'string',
  selector: 'vector',
  range: 'matrix',
  subquery: 'matrix',
  aggregate: 'vector',
} as const

export const typeOf = (expr: Expr): ValueType => {
  switch (expr.kind) {
    case 'paren':
    case 'unary':
      return typeOf(expr.inner)
    case 'call':
      return isFunctionName(expr.name) ? signatures[expr.name].returns : 'vector'
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector'
    default:
      return typeOfKind[expr.kind]
  }
}

export const typeNameOf = (expr: Expr): string => typeNames[typeOf(expr)]

const requireType = (expr: Expr, wanted: ValueType, { query, context }: { readonly query: string; readonly context: string }): void => {
  if (typeOf(expr) !== wanted) {
    throw parseError(query, expr.at, `expected type ${typeNames[wanted]} in ${context}, got ${typeNameOf(expr)}`)
  }
}

/** Subqueries stand behind instant vectors only. */
export const requireVector = (inner: Expr, query: string): void => {
  if (typeOf(inner) !== 'vector')
    throw parseError(query, inner.at, `subquery is only allowed on instant vector, got ${typeOf(inner)} instead`)
}

const arityProblem = ({ args, variadic }: Signature, given: number): string | undefined => {
  if (variadic === 0) return given === args.length ? undefined : `expected ${args.length} argument(s)`
  const least = args.length - 1
  if (given < least) return `expected at least ${least} argument(s)`
  return variadic > 0 && given > least + variadic ? `expected at most ${least + variadic} argument(s)` : undefined
}

export const callOf = ({ name, args, at }: Omit<Call, 'kind'>, query: string): Call => {
  if (!isFunctionName(name)) throw parseError(query, at, `function ${JSON.stringify(name)} is not supported`)
  const signature: Signature = signatures[name]
  const problem = arityProblem(signature, args.length)
  if (problem) throw parseError(query, at, `${problem} in call to ${JSON.stringify(name)}, got ${args.length}`)
  for (const [index, arg] of args.entries()) {
    const wanted = signature.args[Math.min(index, signature.args.length - 1)]
    if (wanted) requireType(arg, wanted, { query, context: `call to function ${JSON.stringify(name)}` })
  }
  return { kind: 'call', name, args, at }
}

interface AggregateParts {
  readonly op: string
  readonly grouping: Grouping
  readonly args: readonly Expr[]
  readonly at: Offset
}

export const aggregateOf = ({ op, grouping, args, at }: AggregateParts, query: string): Aggregate => {
  if (!isAggregation(op)) throw parseError(query, at, `aggregation ${JSON.stringify(op)} is not supported`)
  const paramType = aggregationParam(op)
  const wanted = paramType ? 2 : 1
  if (args.length === 0) throw parseError(query, at, 'no arguments for aggregate expression provided')
  if (args.length !== wanted) {
    throw parseError(query, at, `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`)
  }
  const inner = args[wanted - 1] as Expr
  const param = paramType ? args[0] : undefined
  requireType(inner, 'vector', { query, context: 'aggregation expression' })
  if (param && paramType) requireType(param, paramType, { query, context: 'aggregation parameter' })
  return { kind: 'aggregate', op, grouping, param, inner, at }
}

export const unaryOf = ({ op, at }: { readonly op: '+' | '-'; readonly at: Offset }, inner: Expr, query: string): Unary | NumberLiteral => {
  if (inner.kind === 'number') return { kind: 'number', value: op === '-' ? -inner.value : inner.value, at }
  if (!['scalar', 'vector'].includes(typeOf(inner))) {
    throw parseError(
      query,
      at,
      `unary expression only allowed on expressions of type scalar or instant vector, got ${JSON.stringify(typeNameOf(inner))}`,
    )
  }
  return { kind: 'unary', op, inner, at }
}

const matchAllLabels: Matching = { on: false, labels: new Set(), many: undefined, include: [] }

interface Sides {
  readonly left: Expr
  readonly right: Expr
}

interface Operation extends Infix, Sides {
  readonly types: readonly ValueType[]
}

/** Something that an operation may not be, and which part of the text the message points at. */
interface Rule {
  readonly broken: (operation: Operation) => boolean
  readonly says: (operation: Operation) => string
  readonly points: (operation: Operation) => Offset
}

const atOperator = ({ at }: Operation): Offset => at
const atLeft = ({ left }: Operation): Offset => left.at
const operable = (expr: Expr): boolean => ['scalar', 'vector'].includes(typeOf(expr))
const sharedLabel = ({ matching }: Operation): string | undefined =>
  matching?.on ? matching.include.find(label => matching.labels.has(label)) : undefined

/** In the order in which Prometheus looks. */
const operationRules: readonly Rule[] = [
  {
    broken: ({ op, returnsBool }) => returnsBool && !isComparison(op),
    says: () => 'bool modifier can only be used on comparison operators',
    points: atOperator,
  },
  {
    broken: ({ op, returnsBool, types }) => isComparison(op) && !returnsBool && types.every(type => type === 'scalar'),
    says: () => 'comparisons between scalars must use BOOL modifier',
    points: atOperator,
  },
  {
    broken: operation => sharedLabel(operation) !== undefined,
    says: operation => `label ${JSON.stringify(sharedLabel(operation))} must not occur in ON and GROUP clause at once`,
    points: atOperator,
  },
  {
    broken: ({ left, right }) => !operable(left) || !operable(right),
    says: () => 'binary expression must contain only scalar and instant vector types',
    points: ({ left, right }) => (operable(left) ? right.at : left.at),
  },
  {
    broken: ({ types, matching }) => types.includes('scalar') && matching !== undefined && matching.labels.size > 0,
    says: () => 'vector matching only allowed between instant vectors',
    points: atLeft,
  },
  {
    broken: ({ op, matching }) => isSetOp(op) && matching?.many !== undefined,
    says: ({ op }) => `no grouping allowed for ${JSON.stringify(op)} operation`,
    points: atLeft,
  },
  {
    broken: ({ op, types }) => isSetOp(op) && types.includes('scalar'),
    says: ({ op }) => `set operator ${JSON.stringify(op)} not allowed in binary scalar expression`,
    points: atLeft,
  },
]

export const binaryOf = (infix: Infix, { left, right }: Sides, query: string): Binary => {
  const operation: Operation = { ...infix, left, right, types: [typeOf(left), typeOf(right)] }
  const rule = operationRules.find(({ broken }) => broken(operation))
  if (rule) throw parseError(query, rule.points(operation), rule.says(operation))
  const { op, returnsBool, matching = matchAllLabels } = infix
  return { kind: 'binary', op, returnsBool, matching, left, right, at: left.at }
}
