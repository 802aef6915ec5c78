import { bool, choice, setting } from './setting.ts'

const levels = ['debug', 'info', 'warn', 'error', 'fatal'] as const

/** How much is logged, gravest last. */
export type LogLevel = (typeof levels)[number]
export type LogFormat = 'json' | 'text'

/** The log settings of a program, under the field's names plus `-log-format`. */
export const logSettings = (defaultLevel: LogLevel) => ({
  logLevel: setting('log-level', choice(levels, { warning: 'warn', panic: 'fatal' }), {
    default: defaultLevel,
    meaning: 'Least grave line that is logged: debug, info, warn (or warning), error, fatal.',
  }),
  logFormat: setting('log-format', choice(['', 'json', 'text']), {
    default: '',
    meaning: 'Log lines as json or as text for people; empty means what zap-encoding says.',
  }),
  zapEncoding: setting('zap-encoding', choice(['json', 'console']), {
    default: 'json',
    meaning: 'The older name of log-format: json, or console for text.',
  }),
  zapReplaceGlobals: setting('zap-replace-globals', bool, {
    default: 'false',
    meaning: 'Whether libraries log through the same logger.',
    unused: 'there is one logger only',
  }),
})

/** The one answer of the two flags that name a format. */
export const logFormatOf = ({ logFormat, zapEncoding }: { logFormat: '' | LogFormat; zapEncoding: 'json' | 'console' }): LogFormat => {
  if (logFormat !== '') return logFormat
  return zapEncoding === 'console' ? 'text' : 'json'
}
