import { messageOf } from '../../errors.ts'
import { programOf } from './cel-environment.ts'
import { isObject } from './json-value.ts'
import type { Schema } from './schema.ts'

interface Place {
  readonly words: string
  /** Offset in the rule. */
  readonly at: number
}

const errorText = (rule: string, { words, at }: Place): string => `ERROR: <input>:1:${at + 1}: ${words}\n | ${rule}\n | ${'.'.repeat(at)}^`

/** A node of a parsed rule, as far as selections of fields are concerned: `["." , [operand, name]]`, `["id", name]`. */
interface Node {
  readonly op: string
  readonly args: unknown
  readonly pos: number
}

const isNode = (value: unknown): value is Node => isObject(value) && typeof value['op'] === 'string'

const isSelection = (node: Node): node is Node & { readonly args: readonly [Node, string] } =>
  node.op === '.' && Array.isArray(node.args) && isNode(node.args[0])

/** The schema of what a node stands for, as long as it is a field of `self`; undefined where nobody says. */
const schemaOf = (node: Node, self: Schema): Schema | undefined => {
  if (node.op === 'id') return node.args === 'self' || node.args === 'oldSelf' ? self : undefined
  if (!isSelection(node)) return undefined
  const [operand, field] = node.args
  return schemaOf(operand, self)?.properties?.[field]
}

const isClosed = (schema: Schema): boolean =>
  schema.type === 'object' && schema.properties !== undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true

const undefinedField = (node: Node, self: Schema): Place | undefined => {
  if (!isSelection(node)) return undefined
  const [operand, field] = node.args
  const schema = schemaOf(operand, self)
  if (!schema || !isClosed(schema) || schema.properties?.[field] !== undefined) return undefined
  return { words: `undefined field '${field}'`, at: node.pos - 1 }
}

const partsOf = (args: unknown): readonly Node[] => (Array.isArray(args) ? args.flatMap(partsOf) : isNode(args) ? [args] : [])

const undefinedFields = (node: Node, self: Schema): readonly Place[] => {
  const own = undefinedField(node, self)
  return [...(own ? [own] : []), ...partsOf(node.args).flatMap(part => undefinedFields(part, self))]
}

const positionOf = (thrown: unknown): number => {
  const node = isObject(thrown) ? thrown['node'] : undefined
  return isObject(node) && typeof node['pos'] === 'number' ? node['pos'] : 0
}

/** Why a rule about values of a schema would not compile; undefined when it does. */
export const compilationFailure = (rule: string, self: Schema): string | undefined => {
  try {
    const { ast } = programOf(rule)
    const [first] = isNode(ast) ? undefinedFields(ast, self) : []
    return first && `compilation failed: ${errorText(rule, first)}`
  } catch (thrown) {
    const words = `Syntax error: ${messageOf(thrown).split('\n')[0]}`
    return `compilation failed: ${errorText(rule, { words, at: positionOf(thrown) })}`
  }
}
