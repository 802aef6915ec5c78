import { describe, expect, it } from 'vitest'
import { flawsOf, type Summary, summaryJson, summaryLines } from '../../../src/sandbox/story/summary.ts'

const good: Summary = {
  promoted: { revision: 'v2', seconds: 24 },
  rolledBack: { revision: 'v3', seconds: 15, failedRequests: 60, reason: 'MetricOutOfRange: success rate 70.00% < 99%' },
  requests: 4700,
  failedRequestsDuringPromotion: 0,
  slackMessages: ['shop.demo: New revision detected'],
}

describe('the summary', () => {
  it('finds nothing wrong with a story that went well', () => {
    expect(flawsOf(good)).toEqual([])
  })

  it.each([
    ['a request failed during the promotion', { ...good, failedRequestsDuringPromotion: 1 }],
    ['the bad version did no harm', { ...good, rolledBack: { revision: 'v3', seconds: 1, failedRequests: 0, reason: '' } }],
    ['nothing happened', { requests: 0, failedRequestsDuringPromotion: 0, slackMessages: [] }],
  ])('finds it wrong when %s', (_, summary) => {
    expect(flawsOf(summary)).not.toEqual([])
  })

  it('says why requests failed that should not have', () => {
    const failuresDuringPromotion = { '503 from the gateway': 2, ECONNRESET: 1 }
    expect(flawsOf({ ...good, failedRequestsDuringPromotion: 3, failuresDuringPromotion })).toEqual([
      '3 requests failed during the promotion, expected none: 2 x 503 from the gateway, 1 x ECONNRESET',
    ])
  })

  it('tells both halves in words, with the reason', () => {
    const text = summaryLines(good).join('\n')
    expect(text).toContain('The good version v2 was promoted in 24 s')
    expect(text).toContain('success rate 70.00% < 99%')
  })

  it('is one JSON object', () => {
    expect(JSON.parse(summaryJson(good))).toEqual(good)
  })
})
