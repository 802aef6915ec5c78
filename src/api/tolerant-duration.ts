import { readDurationMs } from '../duration.ts'

/** Milliseconds of a duration text, or undefined where it is none (`10sfoo`, empty) or not above zero. */
export const durationMs = (text: string): number | undefined => {
  const ms = readDurationMs(text)
  return ms !== undefined && ms > 0 ? ms : undefined // the caller has a presumed value; the reader puts a note into a condition
}

/** Milliseconds of a duration text; `otherwiseMs` where it is none. */
export const durationOrMs = (text: string, otherwiseMs: number): number => durationMs(text) ?? otherwiseMs
