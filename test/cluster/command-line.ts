import { parseArgs } from 'node:util'
import { messageOf } from '../../src/errors.ts'
import { providers } from './choose-provider.ts'
import type { Provider } from './cluster-under-test.ts'

interface ClusterWish {
  /** This one and no other. */
  readonly provider?: Provider
  /** Folder that gets the logs at the end. */
  readonly logs?: string
}

/** Bring a cluster up and keep it. */
export interface UpWish extends ClusterWish {
  readonly kind: 'up'
  /** With the chart installed. */
  readonly serin: boolean
}

/** Bring a cluster up and run the suite on it. */
export interface TestWish extends ClusterWish {
  readonly kind: 'test'
  /** End with one line of JSON. */
  readonly json: boolean
  /** Having no cluster is a failure. */
  readonly require: boolean
  /** What vitest is told besides: files, `-t` and the like. */
  readonly filters: readonly string[]
}

export type Wish =
  | UpWish
  | TestWish
  | { readonly kind: 'help' }
  | { readonly kind: 'inside'; readonly plan: string }
  | { readonly kind: 'refused'; readonly message: string }

const isProvider = (name: string): name is Provider => providers.some(known => known === name)

interface ClusterFlags {
  readonly provider?: string | undefined
  readonly logs?: string | undefined
}

const clusterWish = ({ provider, logs }: ClusterFlags): ClusterWish => {
  if (provider !== undefined && !isProvider(provider))
    throw new Error(`--provider: expected one of ${providers.join(', ')}, got ${JSON.stringify(provider)}`)
  return { ...(provider === undefined ? {} : { provider }), ...(logs === undefined ? {} : { logs }) }
}

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const shared = { provider: text, logs: text }

const up = (args: string[]): UpWish => {
  const { values } = parseArgs({ args, options: { ...shared, serin: flag } })
  return { kind: 'up', serin: values.serin, ...clusterWish(values) }
}

const test = (args: string[]): TestWish => {
  const options = { ...shared, json: flag, require: flag, testNamePattern: { ...text, short: 't' } }
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
  const named = values.testNamePattern === undefined ? [] : ['-t', values.testNamePattern]
  return { kind: 'test', json: values.json, require: values.require, filters: [...positionals, ...named], ...clusterWish(values) }
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

Both:
      --provider NAME    take this one and no other: ${providers.join(', ')}
      --logs FOLDER      keep the logs of all its processes, and the audit log, in there`
