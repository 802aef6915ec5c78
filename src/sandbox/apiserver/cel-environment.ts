import { Environment } from '@marcbachmann/cel-js'

type Ordered = bigint | number | string

const isSorted = (list: readonly Ordered[]): boolean => list.every((item, at) => at === 0 || (list[at - 1] ?? item) <= item)

const extreme = (name: string, better: (left: Ordered, right: Ordered) => boolean) => (list: readonly Ordered[]) => {
  const [first, ...rest] = list
  if (first === undefined) throw new Error(`${name} called on empty list`)
  return rest.reduce((best, item) => (better(item, best) ? item : best), first)
}

const sum = (list: readonly (bigint | number)[]): bigint | number => {
  if (list.length === 0) return 0n
  if (list.every(item => typeof item === 'bigint')) return list.reduce((total, item) => total + item, 0n)
  return list.reduce<number>((total, item) => total + Number(item), 0)
}

const replaceSome = (...[text, found, put, limit]: [string, string, string, bigint]): string => {
  if (limit < 0n) return text.replaceAll(found, put)
  const parts = text.split(found)
  const kept = Math.min(Number(limit) + 1, parts.length)
  return [...parts.slice(0, kept - 1), parts.slice(kept - 1).join(found)].join(put)
}

/** The functions that Kubernetes adds to CEL and that the library lacks. */
const functions: Readonly<Record<string, (...values: never[]) => unknown>> = {
  'list.isSorted(): bool': isSorted,
  'list.sum(): dyn': sum,
  'list.min(): dyn': extreme('min', (left, right) => left < right),
  'list.max(): dyn': extreme('max', (left, right) => left > right),
  'list.indexOf(dyn): int': (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)),
  'list.lastIndexOf(dyn): int': (list: readonly unknown[], item: unknown) => BigInt(list.lastIndexOf(item)),
  'string.find(string): string': (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '',
  'string.findAll(string): list<string>': (text: string, pattern: string) => text.match(new RegExp(pattern, 'gu')) ?? [],
  'string.replace(string, string): string': (text: string, found: string, put: string) => text.replaceAll(found, put),
  'string.replace(string, string, int): string': replaceSome,
  'string.charAt(int): string': (text: string, at: bigint) => text.charAt(Number(at)),
  'isURL(string): bool': (text: string) => URL.canParse(text),
}

const makeEnvironment = (): Environment => {
  const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn')
  for (const [signature, run] of Object.entries(functions)) environment.registerFunction(signature, run as () => unknown)
  return environment
}

const environment = makeEnvironment()

/** A parsed expression. Evaluation is synchronous: no function here waits for anything. */
export interface Program {
  (values: { readonly self: unknown; readonly oldSelf?: unknown }): unknown
  /** What it was parsed into. */
  readonly ast: unknown
}

const programs = new Map<string, Program>()

/** @throws {Error} when the text is no CEL expression */
export const programOf = (expression: string): Program => {
  const known = programs.get(expression)
  if (known) return known
  const made = environment.parse(expression)
  programs.set(expression, made)
  return made
}
