import { describe, expect, it } from 'vitest'
import { cookiesAfter, cookieValue } from '../../src/core/affinity.ts'
import { freshContext } from '../../src/core/rollout-context.ts'
import { aCanary, aRevision, epochMs } from '../support/builders.ts'

const sticky = (status = {}) => aCanary({ analysis: { stepWeight: 10, sessionAffinity: { cookieName: 'track' } }, status })
const at = (weight: number) => ({ ...freshContext(epochMs), weight, analysed: aRevision('2').pin })

describe('session affinity', () => {
  it('makes cookies of ten letters', () => {
    expect(cookieValue('anything')).toMatch(/^[a-zA-Z]{10}$/)
  })

  it('gives one revision one cookie, however often it is asked', () => {
    const first = cookiesAfter(sticky(), at(10))
    expect(first.sessionAffinityCookie).toMatch(/^track=[a-zA-Z]{10}$/)
    expect(cookiesAfter(sticky(first), at(20))).toEqual(first)
  })

  it('remembers the cookie of a run that ended, so that it can be taken back', () => {
    expect(cookiesAfter(sticky({ sessionAffinityCookie: 'track=old' }), at(0))).toEqual({ previousSessionAffinityCookie: 'track=old' })
  })

  it('has none where nobody asks for it', () => {
    expect(cookiesAfter(aCanary(), at(10))).toEqual({})
  })
})
