import type { Token } from './lex.ts'
import { literalOf } from './literals.ts'
import type { Command, Operand, Pipeline } from './nodes.ts'
import type { TokenReader } from './token-reader.ts'

/** What a pipeline may speak of where it stands. */
export interface Surroundings {
  readonly functions: ReadonlySet<string>
  /** Names of the variables that exist; `$` always does. */
  readonly scope: readonly string[]
  /** Whether it may declare two variables, key and value. */
  readonly isRange: boolean
}

/** Keeps hostile text from exhausting the stack. */
const deepestGroup = 50

/** Reads an action's pipeline to its end, such as `$x := index variables "a" | printf "%q"`. @throws {TemplateInvalid} */
export const parsePipeline = (reader: TokenReader, around: Surroundings): Pipeline => {
  const at = reader.at
  const names = declaration(reader, around)
  const commands = commandsOf(reader, { ...around, depth: 0 })
  const stray = reader.peek()
  if (stray) throw reader.fail(stray.at, `unexpected ${stray.text}`)
  return { at, commands, ...names }
}

interface Inside extends Surroundings {
  readonly depth: number
}

/** `$x :=`, `$x =` or `$k, $v :=` at the beginning. */
const declaration = (reader: TokenReader, { scope, isRange }: Surroundings): Pick<Pipeline, 'declares' | 'assigns'> => {
  const first = reader.peek()
  if (first?.kind !== 'variable') return { declares: [], assigns: false }
  const second = reader.peek(2)
  if (isRange && reader.isMark(',', 1) && second?.kind === 'variable' && reader.isMark(':=', 3)) {
    reader.skip(4)
    return { declares: [first.text, second.text], assigns: false }
  }
  const assigns = reader.isMark('=', 1)
  if (!assigns && !reader.isMark(':=', 1)) return { declares: [], assigns: false }
  if (assigns && !scope.includes(first.text)) throw reader.fail(first.at, `undefined variable ${first.text}`)
  reader.skip(2)
  return { declares: [first.text], assigns }
}

const commandsOf = (reader: TokenReader, inside: Inside): readonly Command[] => {
  const commands = [commandOf(reader, inside)]
  while (reader.isMark('|')) {
    reader.skip(1)
    commands.push(commandOf(reader, inside))
  }
  return commands
}

const commandOf = (reader: TokenReader, inside: Inside): Command => {
  const first = operandOf(reader, inside)
  const rest: Operand[] = []
  for (let next = reader.peek(); next && !reader.isMark('|') && !reader.isMark(')'); next = reader.peek()) {
    if (!next.apart) throw reader.fail(next.at, 'expected a space between words')
    rest.push(operandOf(reader, inside))
  }
  return { first, rest }
}

/** One word with the fields that follow it without a space: `variables.a`. */
const operandOf = (reader: TokenReader, inside: Inside): Operand => {
  let found = termOf(reader, inside)
  for (let field = reader.peek(); field?.kind === 'field' && !field.apart; field = reader.peek()) {
    if (found.kind === 'literal') throw reader.fail(field.at, `a constant has no field ${field.text}`)
    found = { kind: 'field', at: field.at, of: found, name: field.text }
    reader.skip(1)
  }
  return found
}

const termOf = (reader: TokenReader, inside: Inside): Operand => {
  const token = reader.take()
  const { at, kind, text } = token
  const literal = literalOf(token)
  if (literal) return { kind: 'literal', at, value: literal.value }
  switch (kind) {
    case 'dot':
      return { kind, at }
    case 'field':
      return { kind, at, of: { kind: 'dot', at }, name: text }
    case 'variable':
      if (!inside.scope.includes(text)) throw reader.fail(at, `undefined variable ${text}`)
      return { kind, at, name: text }
    case 'name':
      if (!inside.functions.has(text)) throw reader.fail(at, unknown(text, inside))
      return { kind: 'call', at, name: text }
    default:
      return groupOf(token, reader, inside)
  }
}

const unknown = (name: string, { functions }: Surroundings): string =>
  `function ${JSON.stringify(name)} not defined, expected one of: ${[...functions].join(', ')}`

const groupOf = ({ kind, text, at }: Token, reader: TokenReader, inside: Inside): Operand => {
  if (kind !== 'mark' || text !== '(') throw reader.fail(at, `unexpected ${text}`)
  if (inside.depth >= deepestGroup) throw reader.fail(at, `nested deeper than ${deepestGroup}`)
  const commands = commandsOf(reader, { ...inside, depth: inside.depth + 1 })
  if (!reader.isMark(')')) throw reader.fail(at, 'unclosed parenthesis')
  reader.skip(1)
  return { kind: 'group', at, pipeline: { at, commands, declares: [], assigns: false } }
}
