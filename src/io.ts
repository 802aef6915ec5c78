import type { Clock } from './clock.ts'

/** Facts of a log line; the message stays constant so that people can grep it. */
export type LogFields = Readonly<Record<string, unknown>>

/** What every room writes its log to; `telemetry` makes the real one from pino. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  child(fields: LogFields): Logger
}

/** What every call that leaves the process takes: when to stop, what time it is, where to say what happened. */
export interface Io {
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Logger
}

/** Says nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silentLogger }
