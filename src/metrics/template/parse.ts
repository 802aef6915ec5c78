import { type Piece, piecesOf, type Token } from './lex.ts'
import type { Branch, Node } from './nodes.ts'
import { parsePipeline, type Surroundings } from './parse-pipeline.ts'
import { invalidAt, type TemplateInvalid } from './template-invalid.ts'
import { TokenReader } from './token-reader.ts'

/** Deeper nesting than any query needs; keeps hostile text from exhausting the stack. */
const deepest = 50

const unsupported: readonly string[] = ['define', 'template', 'block']

/** A walk over the pieces of one template. */
interface Walk {
  readonly text: string
  readonly pieces: readonly Piece[]
  readonly functions: ReadonlySet<string>
  next: number
}

/** Where in the template a node stands. `scope` grows with each declaration. */
interface Inside {
  readonly scope: string[]
  readonly depth: number
  readonly inRange: boolean
}

/** An action's words: the one that says what it is, and the rest. */
interface Action {
  readonly word: Token
  readonly rest: readonly Token[]
}

interface Body {
  readonly nodes: readonly Node[]
  /** The `else` or `end` that closed it; undefined at the end of the text. */
  readonly closedBy: Action | undefined
}

/**
 * Reads a template. `functions` are the names that it may call.
 * @throws {TemplateInvalid} terminal: with the place
 */
export const parseTemplate = (text: string, functions: ReadonlySet<string>): readonly Node[] => {
  const walk: Walk = { text, pieces: piecesOf(text), functions, next: 0 }
  const { nodes, closedBy } = bodyOf(walk, { scope: ['$'], depth: 0, inRange: false })
  if (closedBy) throw fail(walk, closedBy.word, `unexpected ${closedBy.word.text}`)
  return nodes
}

const fail = ({ text }: Walk, { at }: { readonly at: number }, problem: string): TemplateInvalid => invalidAt(text, at, problem)

const isWord = ({ kind, text }: Token, ...words: readonly string[]): boolean => kind === 'name' && words.includes(text)

const bodyOf = (walk: Walk, outer: Inside): Body => {
  const inside = { ...outer, scope: [...outer.scope] }
  const nodes: Node[] = []
  for (let piece = walk.pieces[walk.next]; piece; piece = walk.pieces[walk.next]) {
    walk.next += 1
    if ('text' in piece) {
      if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text })
      continue
    }
    const [word, ...rest] = piece.tokens
    if (!word) throw fail(walk, piece, 'empty action, expected something to print')
    if (isWord(word, 'else', 'end')) return { nodes, closedBy: { word, rest } }
    nodes.push(nodeOf(walk, { word, rest }, inside))
  }
  return { nodes, closedBy: undefined }
}

const nodeOf = (walk: Walk, action: Action, inside: Inside): Node => {
  const { word, rest } = action
  if (isWord(word, 'if', 'with', 'range')) return branchOf(walk, action, inside)
  if (isWord(word, ...unsupported)) throw fail(walk, word, `${word.text} is not supported`)
  if (isWord(word, 'break', 'continue')) {
    if (!inside.inRange || rest.length > 0) throw fail(walk, word, `${word.text} stands alone, inside a range`)
    return { kind: word.text as 'break' | 'continue', at: word.at }
  }
  const pipeline = parsePipeline(new TokenReader(walk.text, { tokens: [word, ...rest], at: word.at }), surroundings(walk, inside))
  if (!pipeline.assigns) inside.scope.push(...pipeline.declares)
  return { kind: 'action', pipeline }
}

const surroundings = ({ functions }: Walk, { scope }: Inside, isRange = false): Surroundings => ({ functions, scope, isRange })

const branchOf = (walk: Walk, { word, rest }: Action, outer: Inside): Branch => {
  if (outer.depth >= deepest) throw fail(walk, word, `nested deeper than ${deepest}`)
  const kind = word.text as Branch['kind']
  const isRange = kind === 'range'
  const reader = new TokenReader(walk.text, { tokens: rest, at: word.at })
  const pipeline = parsePipeline(reader, surroundings(walk, outer, isRange))
  const scope = [...outer.scope, ...(pipeline.assigns ? [] : pipeline.declares)]
  const inside = { scope, depth: outer.depth + 1, inRange: outer.inRange || isRange }
  const { nodes, closedBy } = bodyOf(walk, inside)
  if (!closedBy) throw fail(walk, word, `${kind} without end`)
  return { kind, at: word.at, pipeline, body: nodes, otherwise: otherwiseOf(walk, closedBy, inside) }
}

/** What follows the `else` that closed a body, if that is what closed it: a body of its own, or a branch that shares the `end`. */
const otherwiseOf = (walk: Walk, closedBy: Action, inside: Inside): readonly Node[] => {
  const { word, rest } = closedBy
  if (word.text === 'end') return nothingBehind(walk, closedBy)
  const [second, ...condition] = rest
  if (second) {
    if (!isWord(second, 'if', 'with')) throw fail(walk, second, 'expected if, with or nothing after else')
    return [branchOf(walk, { word: second, rest: condition }, inside)]
  }
  const { nodes, closedBy: end } = bodyOf(walk, inside)
  if (end?.word.text !== 'end') throw fail(walk, end?.word ?? word, 'expected end after else')
  nothingBehind(walk, end)
  return nodes
}

const nothingBehind = (walk: Walk, { word, rest }: Action): readonly Node[] => {
  if (rest.length > 0) throw fail(walk, word, `unexpected words after ${word.text}`)
  return []
}
