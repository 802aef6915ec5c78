import type { Reason } from '../api/reasons.ts'
import type { HookType } from '../api/webhook.ts'

/** Gravest first: of several verdicts the one that stands earliest here decides. */
export const gravity = ['fatal', 'fail', 'wait', 'inconclusive', 'pass'] as const
export type VerdictKind = (typeof gravity)[number]

/**
 * What one check says. `gate` marks a wait that has no deadline, because a person is waited for.
 * `subject` names the metric, hook or workload it speaks of.
 */
export interface Verdict {
  readonly kind: VerdictKind
  readonly reason?: Reason
  readonly message: string
  /** What came with it, word for word, and may be another text each time: what a gate answered. */
  readonly detail?: string
  readonly subject?: string
  readonly gate?: Gate
}

/** A closed gate: which one, and whether chat hears of it. */
export interface Gate {
  readonly type: HookType
  readonly name: string
  readonly muted: boolean
}

type Words = Pick<Verdict, 'message' | 'detail'> & { readonly reason: Reason; readonly subject?: string }

export const pass: Verdict = { kind: 'pass', message: '' }
export const fail = (words: Words): Verdict => ({ kind: 'fail', ...words })
export const fatal = (words: Words): Verdict => ({ kind: 'fatal', ...words })
export const inconclusive = (words: Words): Verdict => ({ kind: 'inconclusive', ...words })
export const wait = (words: Words & { readonly gate?: Gate }): Verdict => ({ kind: 'wait', ...words })

/** The gravest verdict; the first of that kind gives the reason. An empty list passes. */
export const gravest = (verdicts: readonly Verdict[]): Verdict => {
  for (const kind of gravity) {
    const found = verdicts.find(verdict => verdict.kind === kind)
    if (found) return found
  }
  return pass
}

/** Message and detail. */
export const verdictText = ({ message, detail }: Verdict): string => (detail ? `${message}: ${detail}` : message)
