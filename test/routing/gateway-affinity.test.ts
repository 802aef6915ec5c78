import { describe, expect, it } from 'vitest'
import { splitAt } from '../../src/core/traffic.ts'
import { backends, canaryWith, everything, type Fields, rulesOf } from './http-route.ts'

describe('session affinity of an HTTPRoute', () => {
  const sessionAffinity = { cookieName: 'chk', path: '/pay', domain: 'example.com' }
  const canary = canaryWith({ match: [{ uri: { prefix: '/pay' } }] }, { stepWeight: 10, sessionAffinity })
  const path = { type: 'PathPrefix', value: '/pay' }
  const cookie = (value: string) => [{ type: 'RegularExpression', name: 'Cookie', value: `^(.*; ?)?${value}(;.*)?$` }]
  const setCookie = (value: string) => [
    { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value }] } },
  ]

  it('keeps users of the canary there and gives the others a cookie when they get there', () => {
    const [primary, ofCanary] = backends(70, 30)
    expect(rulesOf(canary, { ...splitAt(30), cookies: { canary: 'chk=Qw' } })).toEqual([
      { matches: [{ path, headers: cookie('chk=Qw') }], backendRefs: backends(0, 100) },
      {
        matches: [{ path }],
        backendRefs: [primary, { ...ofCanary, filters: setCookie('chk=Qw; Max-Age=86400; Domain=example.com; Path=/pay') }],
      },
    ])
  })

  it('keeps users of the primary there for one interval', () => {
    const both = canaryWith({}, { stepWeight: 10, interval: '15s', sessionAffinity: { cookieName: 'chk', primaryCookieName: 'chk-p' } })
    const rules = rulesOf(both, { ...splitAt(30), cookies: { canary: 'chk=Qw', primary: 'chk-p=As' } })
    expect(rules.map(({ matches }) => (matches as readonly Fields[])[0]?.['headers'])).toEqual([
      cookie('chk=Qw'),
      cookie('chk-p=As'),
      undefined,
    ])
    expect(rules[1]?.['backendRefs']).toEqual(backends(100, 0))
    expect(rules[2]?.['backendRefs']).toMatchObject([
      { weight: 70, filters: setCookie('chk-p=As; Max-Age=15') },
      { weight: 30, filters: setCookie('chk=Qw; Max-Age=86400') },
    ])
  })

  it('keeps nobody on a primary that gets no new requests', () => {
    const rules = rulesOf(canary, { ...splitAt(100), cookies: { canary: 'chk=Qw', primary: 'chk-p=As' } })
    expect(JSON.stringify(rules)).not.toContain('chk-p')
  })

  it('makes browsers forget once the run is over, with the attributes that the cookie had', () =>
    expect(rulesOf(canary, { ...splitAt(0), cookies: { canary: '', previous: 'chk=Qw' } })).toEqual([
      {
        matches: [{ path, headers: cookie('chk=Qw') }],
        filters: setCookie('chk=Qw; Max-Age=-1; Domain=example.com; Path=/pay'),
        backendRefs: backends(100, 0),
      },
      { matches: [{ path }], backendRefs: backends(100, 0) },
    ]))

  it('merges the cookie into the one modifier that a rule may have', () => {
    const withHeaders = canaryWith(
      { headers: { response: { add: { 'x-a': '1' } } } },
      { stepWeight: 10, sessionAffinity: { cookieName: 'chk' } },
    )
    expect(rulesOf(withHeaders, { ...splitAt(0), cookies: { canary: '', previous: 'chk=Qw' } })[0]?.['filters']).toEqual([
      {
        type: 'ResponseHeaderModifier',
        responseHeaderModifier: {
          add: [
            { name: 'x-a', value: '1' },
            { name: 'Set-Cookie', value: 'chk=Qw; Max-Age=-1' },
          ],
        },
      },
    ])
  })

  it('keeps the other headers that a request needs', () => {
    const withHeader = canaryWith(
      { match: [{ headers: { 'x-a': { exact: '1' }, COOKIE: { regex: '.*' } } }] },
      { stepWeight: 10, sessionAffinity },
    )
    expect(rulesOf(withHeader, { ...splitAt(30), cookies: { canary: 'chk=Qw' } })[0]?.['matches']).toEqual([
      { ...everything, headers: [{ type: 'Exact', name: 'x-a', value: '1' }, ...cookie('chk=Qw')] },
    ])
  })

  it('puts the cookie on each path', () => {
    const two = canaryWith({ match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }] }, { stepWeight: 10, sessionAffinity })
    const [sticky] = rulesOf(two, { ...splitAt(30), cookies: { canary: 'chk=Qw' } })
    expect(sticky?.['matches']).toEqual([
      { path: { type: 'PathPrefix', value: '/a' }, headers: cookie('chk=Qw') },
      { path: { type: 'PathPrefix', value: '/b' }, headers: cookie('chk=Qw') },
    ])
  })
})
