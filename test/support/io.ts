import type { Clock } from '../../src/clock.ts'
import type { Io, LogFields, Logger } from '../../src/io.ts'
import { VirtualClock } from './virtual-clock.ts'

interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: LogFields
  readonly message: string
}

/** Keeps what was logged; children write to the same list with their fields merged in. */
export interface RecordingLogger extends Logger {
  readonly lines: readonly LogLine[]
  /** The messages in order, of one level when asked. */
  messages(level?: LogLine['level']): readonly string[]
}

export const recordingLogger = (): RecordingLogger => {
  const lines: LogLine[] = []
  const loggerWith = (bound: LogFields): RecordingLogger => {
    const write = (level: LogLine['level']) => (fields: LogFields, message: string) => {
      lines.push({ level, fields: { ...bound, ...fields }, message })
    }
    return {
      lines,
      messages: level => lines.filter(line => level === undefined || line.level === level).map(line => line.message),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: fields => loggerWith({ ...bound, ...fields }),
    }
  }
  return loggerWith({})
}

export interface TestIo<C extends Clock> extends Io {
  readonly clock: C
  readonly log: RecordingLogger
}

/** An `Io` for a test: virtual clock and a signal that never aborts unless others are handed in; the log is kept. */
export function testIo(parts?: { readonly signal?: AbortSignal }): TestIo<VirtualClock>
export function testIo<C extends Clock>(parts: { readonly clock: C; readonly signal?: AbortSignal }): TestIo<C>
export function testIo({
  clock = new VirtualClock(),
  signal = new AbortController().signal,
}: {
  clock?: Clock
  signal?: AbortSignal
} = {}): TestIo<Clock> {
  return { clock, signal, log: recordingLogger() }
}
