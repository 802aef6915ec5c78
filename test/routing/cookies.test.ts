import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionAffinity } from '../../src/api/analysis.ts'
import { canaryCookieText, cookiePattern, expiredCookieText, primaryCookieText } from '../../src/routing/cookies.ts'
import { aCanary } from '../support/builders.ts'

const finds = (cookie: string, header: string): boolean => new RegExp(cookiePattern(cookie)).test(header)

describe('the pattern of a cookie', () => {
  it.each(['chk=Qw', 'a=1; chk=Qw', 'chk=Qw; b=2', 'a=1; chk=Qw; b=2', 'a=1;chk=Qw;b=2'])('finds it in %s', header =>
    expect(finds('chk=Qw', header)).toBe(true),
  )

  it.each(['chk-stable=Qw', 'xchk=Qw', 'chk=Qwe', 'chk=As; other=Qw', 'chk-stable=chk=Qw', 'a=chk=Qw', ''])(
    'does not find it in %s',
    header => expect(finds('chk=Qw', header)).toBe(false),
  )

  it('means every character of name and value as it is written', () =>
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter(text => !/[;\s]/.test(text)),
        cookie => {
          expect(finds(cookie, `a=1; ${cookie}; b=2`)).toBe(true)
          expect(finds(cookie, `a=1; ${cookie}x; b=2`)).toBe(false)
        },
      ),
    ))
})

describe('the text of a cookie', () => {
  const plain: SessionAffinity = { cookieName: 'chk', maxAge: 300 }
  const full: SessionAffinity = {
    ...plain,
    domain: 'example.com',
    httpOnly: true,
    partitioned: true,
    path: '/pay',
    sameSite: 'Strict',
    secure: true,
  }

  it('is the cookie and its lifetime where nothing else is asked for', () =>
    expect(canaryCookieText('chk=Qw', plain)).toBe('chk=Qw; Max-Age=300'))

  it('lives a day where no lifetime is set', () =>
    expect(canaryCookieText('chk=Qw', { ...plain, maxAge: 0 })).toBe('chk=Qw; Max-Age=86400'))

  it('has its attributes in the order that the field knows', () =>
    expect(canaryCookieText('chk=Qw', full)).toBe(
      'chk=Qw; Max-Age=300; Domain=example.com; HttpOnly; Partitioned; Path=/pay; SameSite=Strict; Secure',
    ))

  it.each([
    ['15s', 15],
    ['2m', 120],
    ['10sfoo', 60],
    ['500ms', 1],
  ])('keeps users on the primary for the interval %s', (interval, seconds) =>
    expect(primaryCookieText('p=As', aCanary({ analysis: { interval, stepWeight: 10 } }), plain)).toBe(`p=As; Max-Age=${seconds}`),
  )

  it('expires under the same domain and path', () =>
    expect(expiredCookieText('chk=Qw', full)).toBe(
      'chk=Qw; Max-Age=-1; Domain=example.com; HttpOnly; Partitioned; Path=/pay; SameSite=Strict; Secure',
    ))
})
