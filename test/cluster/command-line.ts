import { parseArgs } from 'node:util'
import { messageOf } from '../../src/errors.ts'
import { providers } from './choose-provider.ts'
import type { Provider } from './cluster-under-test.ts'

/** Bring a cluster up and keep it. */
export interface UpWish {
  readonly kind: 'up'
  /** With the chart installed. */
  readonly serin: boolean
  readonly provider?: Provider
}

/** Bring a cluster up and run the suite on it. */
export interface TestWish {
  readonly kind: 'test'
  /** End with one line of JSON. */
  readonly json: boolean
  /** Having no cluster is a failure. */
  readonly require: boolean
  /** What vitest is told besides: files, `-t` and the like. */
  readonly filters: readonly string[]
  readonly provider?: Provider
}

export type Wish =
  | UpWish
  | TestWish
  | { readonly kind: 'help' }
  | { readonly kind: 'inside'; readonly plan: string }
  | { readonly kind: 'refused'; readonly message: string }

const isProvider = (name: string): name is Provider => providers.some(known => known === name)

const providerOf = (name: string | undefined): { readonly provider?: Provider } => {
  if (name === undefined) return {}
  if (!isProvider(name)) throw new Error(`--provider: expected one of ${providers.join(', ')}, got ${JSON.stringify(name)}`)
  return { provider: name }
}

const up = (args: string[]): UpWish => {
  const { values } = parseArgs({ args, options: { serin: { type: 'boolean', default: false }, provider: { type: 'string' } } })
  return { kind: 'up', serin: values.serin, ...providerOf(values.provider) }
}

const test = (args: string[]): TestWish => {
  const flag = { type: 'boolean', default: false } as const
  const options = { json: flag, require: flag, provider: { type: 'string' }, testNamePattern: { type: 'string', short: 't' } } as const
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  const named = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]
  const { json, require, provider } = values
  return { kind: 'test', json, require, filters: [...positionals, ...named], ...providerOf(provider) }
}

/** Reads `up [--serin]` and `test [--json] [--require] [-t NAME] [FILE ...]`. */
export const readCommandLine = ([command, ...args]: readonly string[]): Wish => {
  if (command === undefined || [command, ...args].some(word => word === '--help' || word === '-h')) return { kind: 'help' }
  try {
    if (command === 'up') return up(args)
    if (command === 'test') return test(args)
    if (command === 'inside') return { kind: 'inside', plan: args[0] ?? '' }
    return { kind: 'refused', message: `expected up or test, got ${JSON.stringify(command)}` }
  } catch (error) {
    return { kind: 'refused', message: messageOf(error) }
  }
}

export const helpText = `npm run cluster [-- --serin]
  brings up a Kubernetes with nodes, a proxy and Prometheus on this machine and keeps it until Ctrl-C
      --serin            also installs charts/serin with Helm

npm run test:cluster [-- [--json] [--require] [-t NAME] [FILE ...]]
  runs test/**/*.cluster.test.ts on such a cluster
      --json             the last line of the output is one JSON object
      --require          fail where no cluster can be had, instead of skipping

Both: --provider ${providers.join('|')} takes that one and no other.`
