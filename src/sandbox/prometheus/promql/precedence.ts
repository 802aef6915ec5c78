import type { BinaryOp, Expr } from './ast.ts'
import { binaryOf, unaryOf } from './checks.ts'
import type { Infix, Item } from './layout.ts'

const levels: readonly (readonly BinaryOp[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%', 'atan2'],
  ['^'],
]

const levelOf = (op: BinaryOp): number => levels.findIndex(ops => ops.includes(op))
const powerLevel = levelOf('^')

/** Puts flat items together: powers bind from the right, everything else from the left; a sign binds weaker than a power only. */
export const assemble = (items: readonly Item[], query: string): Expr => {
  let next = 0

  const takeInfix = (leastLevel: number): Infix | undefined => {
    const item = items[next]
    if (item?.kind !== 'infix' || levelOf(item.op) < leastLevel) return undefined
    next += 1
    return item
  }

  const takeOperand = (): Expr => {
    const item = items[next]
    next += 1
    if (item?.kind === 'sign') return unaryOf(item, takeOperation(powerLevel), query)
    if (item?.kind !== 'operand') throw new TypeError('an operation lacks an operand')
    let expr = item.expr
    for (let after = items[next]; after?.kind === 'postfix'; after = items[next]) {
      expr = after.apply(expr)
      next += 1
    }
    return expr
  }

  const takeOperation = (leastLevel: number): Expr => {
    let left = takeOperand()
    for (let infix = takeInfix(leastLevel); infix; infix = takeInfix(leastLevel)) {
      const level = levelOf(infix.op)
      left = binaryOf(infix, { left, right: takeOperation(level === powerLevel ? level : level + 1) }, query)
    }
    return left
  }

  return takeOperation(0)
}
