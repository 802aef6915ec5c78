import { aboutReason } from './reasons.ts'

/** Longest part of a message that comes from outside (a hook's answer, an API server's refusal), in characters: what to do still fits behind it. */
export const longestDetail = 640

/** Never more than people read, and than fits an Event together with its advice. */
export const clip = (text: string): string => (text.length <= longestDetail ? text : `${text.slice(0, longestDetail - 1)}…`)

/** What to do about a reason; undefined where there is nothing to do, or where it is none of ours. */
export const adviceOn = (reason: string): string | undefined => {
  const about = aboutReason(reason)
  return about?.next.startsWith('Nothing') ? undefined : about?.next
}

/** What was found, and what to do about it, once. */
export const withAdvice = (reason: string, found: string): string => {
  const advice = aboutReason(reason)?.saysNext ? undefined : adviceOn(reason)
  return advice ? `${found.replace(/\.$/, '')}. What to do: ${advice}` : found
}
