import { CallInvalid, type TemplateFunction } from './functions.ts'
import type { Branch, Command, Node, Operand, Pipeline } from './nodes.ts'
import { invalidAt, type TemplateInvalid } from './template-invalid.ts'
import { isMap, isTrue, sortedEntries, textOf, typeOf, type Value } from './values.ts'

/** No query is longer than this; what a template would make of hostile loops stops here. */
const longest = 64 * 1024
/** Values computed by one rendering. */
const mostSteps = 100_000

/** One rendering, as far as it has come. */
interface Run {
  readonly text: string
  readonly functions: ReadonlyMap<string, TemplateFunction>
  output: string
  steps: number
}

/** Variables by name; those of the outer blocks behind them. */
interface Frame {
  readonly values: Map<string, Value>
  readonly outer?: Frame
}

interface Place {
  readonly dot: Value
  readonly frame: Frame
}

type Flow = 'on' | 'break' | 'continue'

/**
 * Carries out a parsed template. The data it begins with is nothing at all: everything comes from functions.
 * @throws {TemplateInvalid} terminal: with the place
 */
export const evaluate = (text: string, nodes: readonly Node[], functions: ReadonlyMap<string, TemplateFunction>): string => {
  const run: Run = { text, functions, output: '', steps: 0 }
  runBody(run, nodes, { dot: undefined, frame: { values: new Map([['$', undefined]]) } })
  return run.output
}

const fail = ({ text }: Run, { at }: { readonly at: number }, problem: string): TemplateInvalid => invalidAt(text, at, problem)

const within = ({ dot, frame }: Place): Place => ({ dot, frame: { values: new Map(), outer: frame } })

const runBody = (run: Run, nodes: readonly Node[], outer: Place): Flow => {
  const place = within(outer)
  for (const node of nodes) {
    const flow = runNode(run, node, place)
    if (flow !== 'on') return flow
  }
  return 'on'
}

const runNode = (run: Run, node: Node, place: Place): Flow => {
  switch (node.kind) {
    case 'text':
      return write(run, node.text)
    case 'action': {
      const value = pipelineValue(run, node.pipeline, place)
      return node.pipeline.declares.length > 0 ? 'on' : write(run, textOf(value))
    }
    case 'break':
    case 'continue':
      return node.kind
    case 'range':
      return runRange(run, node, place)
    case 'if':
    case 'with':
      return runBranch(run, node, place)
    default:
      return node satisfies never
  }
}

const write = (run: Run, piece: string): Flow => {
  run.output += piece
  if (run.output.length > longest) throw fail(run, { at: 0 }, `the query gets longer than ${longest} characters`)
  return 'on'
}

const runBranch = (run: Run, { kind, pipeline, body, otherwise }: Branch, outer: Place): Flow => {
  const place = within(outer)
  const value = pipelineValue(run, pipeline, place)
  if (!isTrue(value)) return runBody(run, otherwise, place)
  return runBody(run, body, kind === 'with' ? { ...place, dot: value } : place)
}

const runRange = (run: Run, { pipeline, body, otherwise }: Branch, outer: Place): Flow => {
  const over = pipelineValue(run, { ...pipeline, declares: [] }, outer)
  if (!isTrue(over)) return runBody(run, otherwise, outer)
  if (!isMap(over)) throw fail(run, pipeline, `range needs a map, got ${typeOf(over)}`)
  for (const entry of sortedEntries(over)) if (runBody(run, body, placeOf(entry, pipeline, outer)) === 'break') break
  return 'on'
}

/** Where one turn of a range happens: one variable holds the element; of two, the first holds its key. */
const placeOf = ([key, item]: readonly [string, Value], { declares }: Pipeline, { frame }: Place): Place => {
  const [first, second] = declares
  const values = new Map<string, Value>()
  if (first) values.set(first, second ? key : item)
  if (second) values.set(second, item)
  return { dot: item, frame: { values, outer: frame } }
}

const pipelineValue = (run: Run, { commands, declares, assigns }: Pipeline, place: Place): Value => {
  let value: Value
  for (const [at, command] of commands.entries()) value = commandValue(run, command, { ...place, piped: at > 0 ? [value] : [] })
  for (const name of declares) holderOf(name, place, assigns)?.values.set(name, value)
  return value
}

const holderOf = (name: string, { frame }: Place, assigns: boolean): Frame | undefined => (assigns ? frameOf(name, frame) : frame)

const frameOf = (name: string, frame: Frame | undefined): Frame | undefined =>
  frame === undefined || frame.values.has(name) ? frame : frameOf(name, frame.outer)

const commandValue = (run: Run, { first, rest }: Command, place: Place & { readonly piped: readonly Value[] }): Value => {
  if (first.kind === 'call') {
    return call(run, first, [...rest.map(one => () => operandValue(run, one, place)), ...place.piped.map(one => () => one)])
  }
  if (rest.length + place.piped.length > 0) throw fail(run, first, 'only a function takes arguments')
  return operandValue(run, first, place)
}

const operandValue = (run: Run, operand: Operand, place: Place): Value => {
  count(run, operand)
  switch (operand.kind) {
    case 'literal':
      return operand.value
    case 'dot':
      return place.dot
    case 'variable':
      return frameOf(operand.name, place.frame)?.values.get(operand.name)
    case 'call':
      return call(run, operand, [])
    case 'group':
      return pipelineValue(run, operand.pipeline, place)
    case 'field':
      return fieldOf(run, operandValue(run, operand.of, place), operand)
    default:
      return operand satisfies never
  }
}

const count = (run: Run, where: { readonly at: number }): void => {
  run.steps += 1
  if (run.steps > mostSteps) throw fail(run, where, `takes more than ${mostSteps} steps`)
}

interface Named {
  readonly name: string
  readonly at: number
}

const fieldOf = (run: Run, value: Value, named: Named): Value => {
  const { name } = named
  if (value === undefined)
    throw fail(run, named, `there is no data to take ${name} from; functions are written without a dot, such as {{ name }}`)
  if (!isMap(value)) throw fail(run, named, `a ${typeOf(value)} has no field ${name}`)
  if (!value.has(name)) throw fail(run, named, `no entry for key ${JSON.stringify(name)}`)
  return value.get(name)
}

const call = (run: Run, named: Named, parts: readonly (() => Value)[]): Value => {
  const { name } = named
  count(run, named)
  if (name === 'and' || name === 'or') return shortCircuit(run, named, parts)
  const called = run.functions.get(name)
  if (!called || parts.length < called.least || parts.length > (called.most ?? parts.length)) {
    throw fail(run, named, `wrong number of arguments for ${name}: got ${parts.length}`)
  }
  const value = invoked(run, () => called.call(parts.map(part => part())), named)
  if (typeof value === 'string' && value.length > longest) throw fail(run, named, `gets longer than ${longest} characters`)
  return value
}

/** Looks at its arguments one by one and stops at the first that decides. */
const shortCircuit = (run: Run, named: Named, parts: readonly (() => Value)[]): Value => {
  if (parts.length === 0) throw fail(run, named, `wrong number of arguments for ${named.name}: got 0`)
  let value: Value
  for (const part of parts) {
    value = part()
    if (isTrue(value) === (named.name === 'or')) break
  }
  return value
}

const invoked = (run: Run, work: () => Value, named: Named): Value => {
  try {
    return work()
  } catch (error) {
    throw error instanceof CallInvalid ? fail(run, named, error.message) : error
  }
}
