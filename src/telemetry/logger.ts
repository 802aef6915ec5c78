import pino, { type Logger as Pino } from 'pino'
import type { LogFields, Logger } from '../io.ts'
import { type LineSink, standardError } from './log-sink.ts'
import { prettyLine } from './pretty-line.ts'

export interface LoggerOptions {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly logFormat: 'json' | 'text'
}

/**
 * The one logger of a program. JSON lines carry the field's keys `level`, `ts`, `msg` and `canary`; text lines are for people.
 * Nothing runs in a worker thread: such transports do not survive bundling.
 */
export const createLogger = ({ logLevel, logFormat }: LoggerOptions, sink: LineSink = standardError()): Logger => {
  const colors = logFormat === 'text' && process.stderr.isTTY === true
  const lines = logFormat === 'json' ? sink : { write: (line: string) => sink.write(prettyLine(line, colors)) }
  const options = {
    level: logLevel,
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const log = adapt(pino(options, lines))
  sink.onLost?.(count => log.warn({ lines: count }, 'log lines were lost'))
  return log
}

const adapt = (log: Pino): Logger => ({
  debug: (fields, message) => log.debug(inTheFieldsWords(fields), message),
  info: (fields, message) => log.info(inTheFieldsWords(fields), message),
  warn: (fields, message) => log.warn(inTheFieldsWords(fields), message),
  error: (fields, message) => log.error(inTheFieldsWords(fields), message),
  child: fields => adapt(log.child(inTheFieldsWords(fields))),
})

/** Log pipelines know a canary as `name.namespace`; inside it is `namespace/name`. */
const inTheFieldsWords = (fields: LogFields): LogFields => {
  const { canary } = fields
  if (typeof canary !== 'string' || !canary.includes('/')) return fields
  const [namespace, name] = canary.split('/')
  return { ...fields, canary: `${name}.${namespace}` }
}
