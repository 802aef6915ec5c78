import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtinTypes, type TypeTable } from './builtin-types.ts'

/** Number of a field in the protobuf form of its type; two numbers when it lies in a message that JSON writes in place. */
type Numbers = Record<string, number | readonly [outer: number, inner: number]>

interface Message {
  readonly version: string
  readonly name: string
  /** By name in lower case: the two forms do not agree on the case of acronyms. */
  readonly fields: ReadonlyMap<string, { readonly number: number; readonly type: string }>
}

const fieldPattern = /^\s*(?:optional|repeated)?\s*(map<[^>]+>|[.\w]+)\s+(\w+)\s*=\s*(\d+)\s*[;[]/gm

const messagesOf = (text: string): Message[] => {
  const version = /^package .*\.(v\d+);/m.exec(text)?.[1] ?? ''
  return [...text.matchAll(/^message (\w+) \{([\s\S]*?)^\}/gm)].map(([, name = '', body = '']) => ({
    version,
    name,
    fields: new Map(
      [...body.matchAll(fieldPattern)].map(([, type = '', field = '', number]) => [field.toLowerCase(), { type, number: Number(number) }]),
    ),
  }))
}

const readAll = (folder: string): Message[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('generated.proto'))
    .flatMap(name => messagesOf(readFileSync(join(folder, name), 'utf8')))

const bare = (field: string): string => field.replace('!', '')

const numbersIn = (message: Message, fields: readonly string[], all: readonly Message[]): Numbers => {
  // What JSON does not name itself, it writes in place.
  const named = new Set(fields.map(field => field.toLowerCase()))
  const inline = [...message.fields]
    .filter(([field]) => !named.has(field))
    .map(([, { number, type }]) => ({
      number,
      message: all.find(one => one.version === message.version && one.name === type.split('.').at(-1)),
    }))
  const numberOf = (field: string): Numbers[string] | undefined => {
    const own = message.fields.get(field.toLowerCase())
    if (own) return own.number
    for (const outer of inline) {
      const inner = outer.message?.fields.get(field.toLowerCase())
      if (inner) return [outer.number, inner.number]
    }
    return undefined
  }
  const found = fields.map(field => [field, numberOf(field)] as const)
  return Object.fromEntries(found.filter((pair): pair is readonly [string, Numbers[string]] => pair[1] !== undefined))
}

/** Of the messages that share a type's name, the one that knows most of its fields. */
const numbersOf = (type: string, table: TypeTable, all: readonly Message[]): Numbers => {
  const [, version = '', name = ''] = /V(\d+)([A-Z].*)$/.exec(type) ?? []
  const fields = Object.keys(table[type] ?? {}).map(bare)
  const candidates = all
    .filter(message => message.name === name && message.version === `v${version}`)
    .map(message => numbersIn(message, fields, all))
  return candidates.sort((left, right) => Object.keys(right).length - Object.keys(left).length)[0] ?? {}
}

// Field numbers never change once they are given, so this is run only when kinds are added:
// node scripts/builtin-field-numbers.ts FOLDER..., with folders that hold the generated.proto files of k8s.io/api and k8s.io/apimachinery.
const [, , ...folders] = process.argv
const all = folders.flatMap(readAll)
const table = await builtinTypes()
const numbers = Object.fromEntries(
  Object.keys(table)
    .map(type => [type, numbersOf(type, table, all)] as const)
    .filter(([, fields]) => Object.keys(fields).length > 0),
)
const file = join(import.meta.dirname, '../src/sandbox/apiserver/builtin-field-numbers.json')
writeFileSync(file, `${JSON.stringify(numbers, null, 2)}\n`)
