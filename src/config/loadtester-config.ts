import * as z from 'zod'
import { logFormatOf, logSettings } from './logging-settings.ts'
import { type Environment, type Program, type Reading, readSettings } from './read-settings.ts'
import { duration, pattern, setting, text, whole } from './setting.ts'

const shape = {
  ...logSettings('debug'),
  host: setting('host', text, { default: '', meaning: 'Address to listen on; empty means all.' }),
  port: setting('port', whole(0, 65_535), { default: '9090', meaning: 'Port to listen on; 0 picks a free one.' }),
  taskTimeoutMs: setting('timeout', duration(1), {
    default: '1h',
    meaning: 'Longest run of one command; then it and all it started are killed.',
  }),
  namespaceRegexp: setting('namespace-regexp', pattern, {
    default: '',
    meaning:
      'Only payloads whose namespace matches may run tasks or use gates; unanchored, so write ^test$ for one namespace. Empty allows all.',
  }),
}

const schema = z.object(shape).transform(({ zapEncoding, zapReplaceGlobals, ...settings }) => ({
  ...settings,
  logFormat: logFormatOf({ logFormat: settings.logFormat, zapEncoding }),
}))

/** Settings of the load tester, and what its commands get to see of the environment. */
export type LoadtesterConfig = z.output<typeof schema> & {
  /** Directories in which commands are looked up, as `PATH` writes them. */
  readonly path: string
  /** The environment of the commands. */
  readonly commandEnv: Readonly<Record<string, string>>
}

export const loadtesterProgram: Program<typeof schema> = { name: 'serin loadtester', shape, schema, ignored: new Map() }

/** Settings of `serin loadtester` from its command line and environment. */
export const readLoadtesterConfig = (argv: readonly string[], env: Environment = process.env): Reading<LoadtesterConfig> => {
  const reading = readSettings(loadtesterProgram, argv, env)
  if (reading.kind !== 'run') return reading
  const commandEnv = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  return { ...reading, config: { ...reading.config, path: commandEnv['PATH'] ?? '', commandEnv } }
}
