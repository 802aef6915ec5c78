import { parseArgs } from 'node:util'
import { messageOf } from '../src/errors.ts'
import type { Benchmark, Settings, Texts } from './benchmark.ts'

/** What a command line asks for. */
export type Wish =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly benchmark: Benchmark; readonly settings: Settings; readonly texts: Texts; readonly json: boolean }
  | { readonly kind: 'refused'; readonly message: string }

const refused = (message: string): Wish => ({ kind: 'refused', message })

/** Reads `NAME [--json] [--setting N ...] [--text TEXT ...]`. */
export const readCommandLine = (argv: readonly string[], benchmarks: readonly Benchmark[]): Wish => {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) return { kind: 'help' }
  const [name = '', ...rest] = argv
  const benchmark = benchmarks.find(one => one.name === name)
  if (!benchmark) return refused(`expected one of ${benchmarks.map(one => one.name).join(', ')}, got ${JSON.stringify(name)}`)
  try {
    const { json, ...given } = flagsOf(rest, Object.keys({ ...benchmark.settings, ...benchmark.texts }))
    return { kind: 'run', benchmark, json: json === true, settings: settingsOf(benchmark, given), texts: textsOf(benchmark, given) }
  } catch (error) {
    return refused(messageOf(error))
  }
}

type Flags = Readonly<Record<string, string | boolean | undefined>>

const flagsOf = (argv: readonly string[], names: readonly string[]): Flags => {
  const numbers = Object.fromEntries(names.map(name => [name, { type: 'string' as const }]))
  return { ...parseArgs({ args: [...argv], options: { ...numbers, json: { type: 'boolean' } } }).values }
}

const settingsOf = ({ settings }: Benchmark, given: Flags): Settings =>
  Object.fromEntries(
    Object.entries(settings).map(([name, { initial, least, most }]) => {
      const text = given[name]
      const value = text === undefined ? initial : Number(text)
      if (!Number.isInteger(value) || value < least || value > most)
        throw new Error(`--${name}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`)
      return [name, value]
    }),
  )

const textsOf = ({ texts = {} }: Benchmark, given: Flags): Texts =>
  Object.fromEntries(Object.keys(texts).map(name => [name, String(given[name] ?? '')]))

const textLine = ([name, { meaning }]: readonly [string, { readonly meaning: string }]): string =>
  [`      --${name} TEXT`.padEnd(25), meaning].join(' ')

const settingLine = ([name, { meaning, initial }]: readonly [string, Benchmark['settings'][string]]): string =>
  [`      --${name} N`.padEnd(25), `${meaning} (${initial})`].join(' ')

export const helpText = (benchmarks: readonly Benchmark[]): string =>
  [
    'npm run bench -- NAME [--json] [--setting N ...]',
    '',
    'With --json the last line of the output is one JSON object.',
    '',
    ...benchmarks.flatMap(({ name, summary, settings, texts = {} }) => [
      `  ${name.padEnd(24)}${summary}`,
      ...Object.entries(settings).map(settingLine),
      ...Object.entries(texts).map(textLine),
    ]),
  ].join('\n')
