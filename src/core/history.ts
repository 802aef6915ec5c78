import type { RolloutState } from '../api/phases.ts'
import type { Reason } from '../api/reasons.ts'
import type { CanaryStatus, HistoryEntry, Hold } from '../api/status.ts'
import type { RolloutEvent } from './events.ts'
import type { Evidence } from './evidence.ts'
import { measurementText } from './metric-texts.ts'
import type { Notice } from './notices.ts'
import type { RolloutContext } from './rollout-context.ts'
import { sameJson } from './same-json.ts'
import { timeText } from './status-context.ts'
import { verdictText } from './verdict.ts'

/** What the history may come to, however long a rollout holds and whatever hooks answer. */
export const historyLimit = { entries: 20, bytes: 8192, measured: 10, line: 120, text: 256 } as const

interface Turn {
  readonly old: Pick<CanaryStatus, 'history' | 'hold'>
  readonly before: { readonly state: RolloutState; readonly context: RolloutContext }
  readonly after: { readonly state: RolloutState; readonly context: RolloutContext; readonly notices: readonly Notice[] }
  readonly event: RolloutEvent | undefined
  readonly hold: Hold | undefined
  readonly evidence: Evidence | undefined
  readonly nowMs: number
}

type Found = Pick<HistoryEntry, 'reason'> & Partial<Pick<HistoryEntry, 'verdict' | 'message'>>

/** What is worth an entry only together with something else. */
const asides: readonly Reason[] = ['GatePassed', 'HookPassed', 'SpecNotes']

const verdictIn = (event: RolloutEvent) => {
  if (event.type === 'CHECKS_PASSED') return { kind: 'pass' as const, message: '' }
  return 'verdict' in event ? event.verdict : undefined
}

const messageOf = (event: RolloutEvent): string => {
  const verdict = verdictIn(event)
  if (verdict) return verdictText(verdict)
  return 'message' in event ? event.message : ''
}

/** What the machine made of the news; undefined where it stayed as it was. */
const moved = ({ before, after, event }: Turn): Found | undefined => {
  if (!event || (before.state === after.state && sameJson(before.context, after.context))) return undefined
  const verdict = verdictIn(event)
  const told = after.notices.find(({ reason }) => !asides.includes(reason))
  const reason = told?.reason ?? ('verdict' in event ? event.verdict.reason : undefined)
  const message = messageOf(event)
  return reason && { reason, ...(verdict && { verdict: verdict.kind }), ...(message && { message }) }
}

/** A reason to hold that is new, or of which more is known. */
const held = ({ old, hold }: Turn): Found | undefined =>
  hold && (hold.reason !== old.hold?.reason || hold.message !== old.hold.message)
    ? { reason: hold.reason, message: hold.message }
    : undefined

const cut = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest - 1)}…`)

/** Numbers and answers, one line each. */
const measuredIn = ({ measurements, answers }: Evidence): readonly string[] =>
  [...measurements.map(measurementText), ...answers.map(({ name, ok }) => `${name}: ${ok ? 'yes' : 'no'}`)]
    .slice(0, historyLimit.measured)
    .map(text => cut(text, historyLimit.line))

const entryOf = (found: Found, { after, event, evidence, nowMs }: Turn): HistoryEntry => {
  const measured = event && evidence ? measuredIn(evidence) : []
  return {
    at: timeText(nowMs),
    state: after.state,
    weight: after.context.weight,
    ...found,
    ...(found.message && { message: cut(found.message, historyLimit.text) }),
    ...(measured.length > 0 && { measured: [...measured] }),
  }
}

/** A gate that is asked in each interval of a week is one decision, repeated. Passed and failed checks count one by one. */
const repeats = (last: HistoryEntry | undefined, next: HistoryEntry): last is HistoryEntry =>
  last !== undefined &&
  !['pass', 'fail'].includes(next.verdict ?? '') &&
  last.state === next.state &&
  last.weight === next.weight &&
  last.reason === next.reason

const added = (history: readonly HistoryEntry[], next: HistoryEntry): readonly HistoryEntry[] => {
  const last = history.at(-1)
  if (!repeats(last, next)) return [...history, next]
  return [...history.slice(0, -1), { ...next, since: last.since ?? last.at, times: (last.times ?? 1) + 1 }]
}

const bytesOf = (history: readonly HistoryEntry[]): number => new TextEncoder().encode(JSON.stringify(history)).length

/** The oldest give way. */
const bounded = (history: readonly HistoryEntry[]): readonly HistoryEntry[] => {
  const recent = history.slice(-historyLimit.entries)
  return recent.length > 1 && bytesOf(recent) > historyLimit.bytes ? bounded(recent.slice(1)) : recent
}

/** The decisions so far, the newest last. The same one again only moves its time. */
export const historyAfter = (turn: Turn): readonly HistoryEntry[] | undefined => {
  const found = moved(turn) ?? held(turn)
  return found ? bounded(added(turn.old.history ?? [], entryOf(found, turn))) : turn.old.history
}
