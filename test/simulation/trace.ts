import type { Clock } from '../../src/clock.ts'

/** What happened, in plain words and in order. */
export interface Trace {
  say(text: string): void
  readonly lines: readonly string[]
}

/** `  12.345s` since the beginning. */
const secondsText = (ms: number): string => `${(ms / 1000).toFixed(3).padStart(8)}s`

export const createTrace = (clock: Clock): Trace => {
  const lines: string[] = []
  return { say: text => void lines.push(`${secondsText(clock.monotonicMs())} ${text}`), lines }
}
