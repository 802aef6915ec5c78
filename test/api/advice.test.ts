import { describe, expect, it } from 'vitest'
import { adviceOn, clip, longestDetail, withAdvice } from '../../src/api/advice.ts'
import { type Reason, reasons } from '../../src/api/reasons.ts'

describe('what to do', () => {
  it('is said of news too, where somebody may want to do something', () =>
    expect(withAdvice('CapacityLimitedByScaler', 'the scaler allows 2 pods')).toContain(reasons.CapacityLimitedByScaler.next))

  it('follows what was found', () =>
    expect(withAdvice('HookFailed', 'check load failed 3 of 9')).toBe(`check load failed 3 of 9. What to do: ${reasons.HookFailed.next}`))

  it('is said once where the message says it itself', () =>
    expect(withAdvice('ScalerMissing', 'no scaler; create it')).toBe('no scaler; create it'))

  it.each<Reason>(['Draining', 'RevisionMoved', 'ReturnedToPromoted', 'PromotionFinished', 'WeightAdvanced'])('is nothing for %s', reason =>
    expect(adviceOn(reason)).toBeUndefined(),
  )

  it('is nothing for a phase', () => expect(withAdvice('Progressing', 'all is well.')).toBe('all is well.'))

  it('fits an Event behind the longest text from outside', () => {
    const longest = Math.max(...Object.keys(reasons).map(reason => withAdvice(reason, 'x'.repeat(longestDetail)).length))
    expect(longest).toBeLessThanOrEqual(1024)
  })
})

describe('a text from outside', () => {
  it('stays as it is when people can read it', () => expect(clip('short')).toBe('short'))
  it('is cut where it is longer', () => expect(clip('x'.repeat(5000))).toHaveLength(longestDetail))
})
