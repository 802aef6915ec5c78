import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** How one pod of the demo application behaves. Times are milliseconds. */
export interface DemoOptions {
  readonly host: string
  /** All answer alike; 0 picks a free port. */
  readonly ports: readonly number[]
  /** Name of the pod, for the answer. */
  readonly pod: string
  readonly version: string
  readonly color: string
  readonly message: string
  /** Share of requests answered with 500, from 0 to 1. */
  readonly errorRate: number
  /** Added to each answer, give or take a fifth. */
  readonly latencyMs: number
  /** Processor time that each answer costs. */
  readonly cpuMs: number
  /** Time until it is ready. */
  readonly startupDelayMs: number
  /** How long it goes on serving after it was asked to stop, so that everyone who routes to it learns of it. */
  readonly drainMs: number
}

/** Wrong flags or environment; the message says what was expected. */
export class DemoOptionsInvalid extends Error {
  override readonly name = 'DemoOptionsInvalid'
}

/** What a pod's environment may set, and the flag that does the same. */
const flagOfVariable = {
  VERSION: 'version',
  COLOR: 'color',
  MESSAGE: 'message',
  ERROR_RATE: 'error-rate',
  LATENCY_MS: 'latency-ms',
  CPU_MS: 'cpu-ms',
  STARTUP_DELAY_MS: 'startup-delay-ms',
  DRAIN_MS: 'drain-ms',
} as const

/** The flags that say what this environment says. */
export const flagsOfEnvironment = (env: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(flagOfVariable).flatMap(([variable, flag]) => (env[variable] ? [`--${flag}=${env[variable]}`] : []))

const number = (flag: string, written: string, { least, most }: { readonly least: number; readonly most: number }): number => {
  const value = written.trim() === '' ? Number.NaN : Number(written)
  if (value >= least && value <= most) return value
  throw new DemoOptionsInvalid(`--${flag}: expected a number from ${least} to ${most}, got ${JSON.stringify(written)}`)
}

const port = (written: string): number => number('port', written, { least: 0, most: 65_535 })
const milliseconds = (flag: string, written: string): number => number(flag, written, { least: 0, most: 3_600_000 })

const flags = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', multiple: true, default: ['9898'] },
  pod: { type: 'string', default: 'demo' },
  version: { type: 'string', default: 'v1' },
  color: { type: 'string', default: '#34577c' },
  message: { type: 'string', default: 'greetings' },
  'error-rate': { type: 'string', default: '0' },
  'latency-ms': { type: 'string', default: '0' },
  'cpu-ms': { type: 'string', default: '0' },
  'startup-delay-ms': { type: 'string', default: '0' },
  'drain-ms': { type: 'string', default: '2000' },
} satisfies ParseArgsOptionsConfig

/** @throws {DemoOptionsInvalid} a flag is unknown, or its value is not what it should be */
export const readDemoOptions = (argv: readonly string[]): DemoOptions => {
  const values = readFlags(argv)
  return {
    host: values.host,
    ports: values.port.map(port),
    pod: values.pod,
    version: values.version,
    color: values.color,
    message: values.message,
    errorRate: number('error-rate', values['error-rate'], { least: 0, most: 1 }),
    latencyMs: milliseconds('latency-ms', values['latency-ms']),
    cpuMs: milliseconds('cpu-ms', values['cpu-ms']),
    startupDelayMs: milliseconds('startup-delay-ms', values['startup-delay-ms']),
    drainMs: milliseconds('drain-ms', values['drain-ms']),
  }
}

const readFlags = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: flags }).values
  } catch (thrown) {
    throw new DemoOptionsInvalid(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
  }
}
