import type * as z from 'zod'
import { type CommandLine, type FlagKind, nearest, readCommandLine } from './command-line.ts'
import { type About, settingsOf } from './setting.ts'

/** Environment variables as the program was given them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What starting a program with these words means: run it, print something and exit 0, or refuse with exit code 2. */
export type Reading<C> =
  | { readonly kind: 'run'; readonly config: C; readonly notes: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'refused'; readonly text: string; readonly exitCode: 2 }

/** One program's configuration: its schema, and the flags that it takes for others' sake and does not use. */
export interface Program<S extends z.ZodType> {
  readonly name: string
  readonly shape: Readonly<Record<string, z.ZodType>>
  readonly schema: S
  /** Flags of libraries that are no part of the program's own: how each is written, and why it has no effect. */
  readonly ignored: ReadonlyMap<string, IgnoredFlag>
}

export interface IgnoredFlag {
  readonly kind: 'switch' | 'value'
  readonly why: string
}

const helpFlags = ['h', 'help']

/** Flags and environment to one validated object. The environment wins over the flag when it is not empty. */
export const readSettings = <S extends z.ZodType>(program: Program<S>, argv: readonly string[], env: Environment): Reading<z.output<S>> => {
  const settings = settingsOf(program.shape)
  const line = readCommandLine(argv, kindOfFlag(program, settings))
  if (!line.ok) return refusal(program.name, [withSuggestions(line, settings)])
  if (line.rest.length > 0)
    return refusal(program.name, [
      `unexpected argument ${JSON.stringify(line.rest[0])}, expected a flag such as -port=8080; a switch takes its value after =`,
    ])
  const flags = new Map(line.flags)
  if (helpFlags.some(flag => flags.has(flag))) return { kind: 'help', text: usageOf(program.name, settings) }
  if (flags.has('version') && flags.get('version') !== 'false') return { kind: 'version' }
  const given = valuesBySetting(settings, flags, env)
  const parsed = program.schema.safeParse(given)
  const problems = parsed.error?.issues.map(issue => wordsOf(issue, settings, given)) ?? []
  if (!parsed.success) return refusal(program.name, problems)
  return { kind: 'run', config: parsed.data, notes: notesOn(program, flags) }
}

const kindOfFlag = (program: Program<z.ZodType>, settings: ReadonlyMap<string, About>): ((flag: string) => FlagKind) => {
  const known = new Map<string, FlagKind>([...settings.values()].map(({ flag, type }) => [flag, type === 'bool' ? 'switch' : 'value']))
  for (const flag of [...helpFlags, 'version']) known.set(flag, 'switch')
  return flag => known.get(flag) ?? program.ignored.get(flag)?.kind
}

const valuesBySetting = (
  settings: ReadonlyMap<string, About>,
  flags: ReadonlyMap<string, string>,
  env: Environment,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...settings].flatMap(([key, { flag, env: variable }]) => {
      const fromEnvironment = variable === undefined ? undefined : env[variable]
      const value = fromEnvironment ? fromEnvironment : flags.get(flag)
      return value === undefined ? [] : [[key, value]]
    }),
  )

const notesOn = (program: Program<z.ZodType>, flags: ReadonlyMap<string, string>): readonly string[] => {
  const unused = new Map([...settingsOf(program.shape).values()].map(({ flag, unused: why }) => [flag, why]))
  return [...flags.keys()].flatMap(flag => {
    const why = unused.get(flag) ?? program.ignored.get(flag)?.why
    return why === undefined ? [] : [`flag -${flag} is accepted and has no effect: ${why}`]
  })
}

const wordsOf = (issue: z.core.$ZodIssue, settings: ReadonlyMap<string, About>, given: Readonly<Record<string, string>>): string => {
  const key = String(issue.path[0] ?? '')
  const about = settings.get(key)
  if (!about) return issue.message
  const came = about.secret ? 'a value that is not shown because it is secret' : JSON.stringify(given[key] ?? about.default)
  const source = about.env === undefined ? `-${about.flag}` : `-${about.flag} or ${about.env}`
  return issue.message.startsWith('expected') ? `${source}: ${issue.message}, got ${came}` : `${source}: ${issue.message}`
}

const withSuggestions = (line: CommandLine & { ok: false }, settings: ReadonlyMap<string, About>): string => {
  const known = [...settings.values()].map(({ flag }) => flag)
  const close = line.unknownFlag === undefined ? [] : nearest(line.unknownFlag, known)
  return close.length === 0 ? line.reason : `${line.reason}, did you mean ${close.map(flag => `-${flag}`).join(' or ')}?`
}

/** The answer to settings that make no sense. */
export const refusal = (program: string, problems: readonly string[]): Reading<never> => ({
  kind: 'refused',
  text: [...problems.map(problem => `${program}: ${problem}`), `Run "${program} -h" for all flags.`, ''].join('\n'),
  exitCode: 2,
})

/** All flags with type, default and meaning, as `-h` prints them. */
const usageOf = (program: string, settings: ReadonlyMap<string, About>): string => {
  const flags = [...settings.values()].flatMap(about => [
    `  -${about.flag} ${about.type}`,
    `        ${about.meaning}${about.default === '' ? '' : ` (default ${about.default})`}${about.env === undefined ? '' : ` (env ${about.env})`}`,
  ])
  return [`Usage: ${program} [flags]`, '', ...flags, '  -version', '        Print the version and exit.', ''].join('\n')
}
