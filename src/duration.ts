import { CanaryError } from './errors.ts'

/** A duration text that Go's `time.ParseDuration` would refuse too. */
export class DurationInvalid extends CanaryError {
  readonly code = 'DurationInvalid'
  readonly disposition = 'terminal'
}

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/gy

/** Milliseconds of a Go duration (`1m30s`, `500ms`, `1.5h`, `0`); undefined where the text is none. */
export const readDurationMs = (text: string): number | undefined => {
  if (text === '0') return 0
  let totalMs = 0
  let end = 0
  for (const [all, amount, unit] of text.matchAll(part)) {
    totalMs += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN)
    end += all.length
  }
  return end > 0 && end === text.length ? totalMs : undefined
}

/**
 * The same.
 * @throws {DurationInvalid} terminal: the text is not a duration
 */
export const parseDurationMs = (text: string): number => {
  const ms = readDurationMs(text)
  if (ms === undefined) throw new DurationInvalid(`expected a duration such as 30s or 1m30s, got ${JSON.stringify(text)}`)
  return ms
}

/** A duration as Go prints it: `1.515s`, `500ms`, `1m0s`. */
export const formatDurationMs = (ms: number): string => {
  if (ms === 0) return '0s'
  if (Math.abs(ms) < 1000) return `${trim(ms)}ms`
  const sign = ms < 0 ? '-' : ''
  const total = Math.abs(ms)
  const hours = Math.floor(total / 3_600_000)
  const minutes = Math.floor((total % 3_600_000) / 60_000)
  const seconds = `${trim((total % 60_000) / 1000)}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}

const trim = (value: number): string => String(Number(value.toFixed(3)))
