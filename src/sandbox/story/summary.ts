import { chatText } from './picture.ts'
import type { ChatMessage } from './slack-receiver.ts'

/** What the story came to. `promoted` and `rolledBack` are there as soon as they happened. */
export interface Summary {
  readonly promoted?: { readonly revision: string; readonly seconds: number }
  readonly rolledBack?: { readonly revision: string; readonly seconds: number; readonly failedRequests: number; readonly reason: string }
  readonly requests: number
  readonly failedRequestsDuringPromotion: number
  /** How many of these failed for which reason; absent when none did. */
  readonly failuresDuringPromotion?: Readonly<Record<string, number>>
  readonly slackMessages: readonly string[]
}

/** Why the story did not go as it should; empty when it did. */
export const flawsOf = (summary: Summary): readonly string[] => [
  ...(summary.promoted ? [] : ['the good version was not promoted']),
  ...(summary.rolledBack ? [] : ['the bad version was not rolled back']),
  ...(summary.failedRequestsDuringPromotion === 0
    ? []
    : [`${summary.failedRequestsDuringPromotion} requests failed during the promotion, expected none${reasonsOf(summary)}`]),
  ...(summary.rolledBack?.failedRequests === 0 ? ['no request failed during the bad version, so it was not really bad'] : []),
]

const reasonsOf = ({ failuresDuringPromotion = {} }: Summary): string => {
  const reasons = Object.entries(failuresDuringPromotion).map(([reason, count]) => `${count} x ${reason}`)
  return reasons.length > 0 ? `: ${reasons.join(', ')}` : ''
}

/** The end of the story in words. */
export const summaryLines = (summary: Summary): readonly string[] => {
  const { promoted, rolledBack, requests, failedRequestsDuringPromotion } = summary
  return [
    ...(promoted
      ? [
          `The good version ${promoted.revision} was promoted in ${promoted.seconds.toFixed(0)} s: 20, 40, 60 percent of the traffic, each checked, then all of it.`,
          `Of the requests sent meanwhile ${failedRequestsDuringPromotion === 0 ? 'none' : failedRequestsDuringPromotion} failed.`,
        ]
      : []),
    ...(rolledBack
      ? [
          `The bad version ${rolledBack.revision} was rolled back in ${rolledBack.seconds.toFixed(0)} s. Why: ${rolledBack.reason}.`,
          `${rolledBack.failedRequests} requests failed before all traffic was back on the version that works.`,
        ]
      : []),
    `${requests} requests were sent in all.`,
    ...flawsOf(summary).map(flaw => `NOT AS IT SHOULD BE: ${flaw}.`),
  ]
}

/** The summary as one JSON object. */
export const summaryJson = (summary: Summary): string => JSON.stringify(summary)

export const chatTexts = (messages: readonly ChatMessage[]): readonly string[] => messages.map(chatText)
