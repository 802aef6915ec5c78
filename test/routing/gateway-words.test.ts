import { describe, expect, it } from 'vitest'
import { splitAt } from '../../src/core/traffic.ts'
import { gatewayApi } from '../../src/routing/gateway-api.ts'
import { canaryWith, everything, type Fields, filtersOf, matchesOf, problemsOf, routeOf, rulesOf } from './http-route.ts'
import { RoutingWorld } from './routing-world.ts'

describe('matches of an HTTPRoute', () => {
  it.each([
    [{ uri: { exact: '/a' } }, { path: { type: 'Exact', value: '/a' } }],
    [{ uri: { prefix: '/a' } }, { path: { type: 'PathPrefix', value: '/a' } }],
    [{ uri: { regex: '/a.*' } }, { path: { type: 'RegularExpression', value: '/a.*' } }],
    [{ method: { exact: 'GET' } }, { ...everything, method: 'GET' }],
    [{ headers: { a: { exact: '1' } } }, { ...everything, headers: [{ type: 'Exact', name: 'a', value: '1' }] }],
    [{ queryParams: { a: { regex: '1' } } }, { ...everything, queryParams: [{ type: 'RegularExpression', name: 'a', value: '1' }] }],
    [{ scheme: { exact: 'https' } }, everything],
  ])('say %j', (match, said) => expect(matchesOf([match])).toEqual([said]))

  it('are sorted by name', () =>
    expect(matchesOf([{ headers: { b: { exact: '2' }, a: { exact: '1' } } }])).toEqual(
      matchesOf([{ headers: { a: { exact: '1' }, b: { exact: '2' } } }]),
    ))

  it('drop an element that says nothing', () =>
    expect(matchesOf([{ uri: { prefix: '/a' } }, { scheme: { exact: 'https' } }])).toEqual([{ path: { type: 'PathPrefix', value: '/a' } }]))

  it.each([
    ['spec.service.match[0].uri', { uri: { suffix: '.js' } }],
    ['spec.service.match[0].method', { method: { prefix: 'G' } }],
    ['spec.service.match[0].headers.x', { headers: { x: { prefix: 'a' } } }],
    ['spec.service.match[0].queryParams.x', { queryParams: { x: { suffix: 'a' } } }],
  ])('cannot say %s', (path, match) => expect(problemsOf(canaryWith({ match: [match] }))).toEqual([path]))

  it.each([
    ['spec.analysis.match[0].headers.x', { headers: { x: { prefix: 'a' } } }],
    ['spec.analysis.match[0].sourceLabels', { sourceLabels: { app: 'a' } }],
  ])('refuse a segment that would take in more people: %s', (path, match) =>
    expect(problemsOf(canaryWith({}, { iterations: 3, match: [match] }))).toEqual([path]),
  )

  it('are never written without what could not be said', () => {
    const match = [{ headers: { x: { prefix: 'a' } } }]
    expect(() => rulesOf(canaryWith({}, { iterations: 3, match }), { ...splitAt(100), match })).toThrow('spec.analysis.match[0].headers.x')
  })
})

describe('filters of an HTTPRoute', () => {
  it('sort what they add and set, and keep the order of what they remove', () =>
    expect(filtersOf({ headers: { request: { add: { b: '2', a: '1' }, set: { d: '4', c: '3' }, remove: ['z', 'y'] } } })).toEqual([
      {
        type: 'RequestHeaderModifier',
        requestHeaderModifier: {
          add: [
            { name: 'a', value: '1' },
            { name: 'b', value: '2' },
          ],
          set: [
            { name: 'c', value: '3' },
            { name: 'd', value: '4' },
          ],
          remove: ['z', 'y'],
        },
      },
    ]))

  it('leave out a modifier that modifies nothing', () => expect(filtersOf({ headers: { request: {} } })).toBeUndefined())

  it.each([
    [{ uri: '/v2', type: 'ReplacePrefixMatch' }, { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/v2' } }],
    [{ uri: '/v2', type: 'Other' }, { path: { type: 'ReplaceFullPath', replaceFullPath: '/v2' } }],
    [{ uri: '/v2' }, { path: { type: 'ReplaceFullPath', replaceFullPath: '/v2' } }],
    [{ authority: 'a.example.com' }, { hostname: 'a.example.com' }],
  ])('rewrite %j', (rewrite, urlRewrite) => expect(filtersOf({ rewrite })).toEqual([{ type: 'URLRewrite', urlRewrite }]))

  it('say the rules of CORS as far as they can be said', () =>
    expect(
      filtersOf({
        corsPolicy: {
          allowOrigin: ['https://b.example.com', 'https://a.example.com'],
          allowOrigins: [{ regex: 'https://.*' }],
          allowMethods: ['GET', 'POST'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          allowCredentials: true,
          maxAge: '24h',
        },
      }),
    ).toEqual([
      {
        type: 'CORS',
        cors: {
          allowOrigins: ['https://b.example.com', 'https://a.example.com'],
          allowMethods: ['GET', 'POST'],
          allowHeaders: ['x-a'],
          exposeHeaders: ['x-b'],
          allowCredentials: true,
          maxAge: 86_400,
        },
      },
    ]))

  it.each(['1d', undefined])('write the age that the API server takes for %s', maxAge =>
    expect(filtersOf({ corsPolicy: { allowOrigin: ['*'], ...(maxAge ? { maxAge } : {}) } })).toEqual([
      { type: 'CORS', cors: { allowOrigins: ['*'], maxAge: 5 } },
    ]),
  )

  it('come in the order that the field knows, the mirror of the analysis last', () => {
    const service = {
      corsPolicy: { allowOrigin: ['*'] },
      mirror: [{ backendRef: { name: 'one', port: 80 } }, { backendRef: { name: 'two', namespace: 'other', port: 80 } }],
      rewrite: { uri: '/' },
      headers: { response: { add: { a: '1' } }, request: { add: { a: '1' } } },
    }
    const filters = filtersOf(service, splitAt(0, true)) as readonly Fields[]
    expect(
      filters.map(({ type, requestMirror }) => (requestMirror as { backendRef: Fields } | undefined)?.backendRef['name'] ?? type),
    ).toEqual(['RequestHeaderModifier', 'ResponseHeaderModifier', 'URLRewrite', 'one', 'two', 'CORS', 'podinfo-canary'])
  })

  it('mirror whole where no part is asked for', () =>
    expect(filtersOf({}, splitAt(0, true))).toEqual([
      { type: 'RequestMirror', requestMirror: { backendRef: { group: '', kind: 'Service', name: 'podinfo-canary', port: 9898 } } },
    ]))

  it('mirror the part that is asked for', () => {
    const canary = canaryWith({}, { iterations: 5, mirror: true, mirrorWeight: 25 })
    expect(rulesOf(canary, splitAt(0, true))[0]?.['filters']).toMatchObject([{ requestMirror: { percent: 25 } }])
  })

  it('do not take a copy that the user wants for good as a mirror of the analysis', () => {
    const canary = canaryWith({ mirror: [{ backendRef: { name: 'podinfo-canary', port: 9898 } }] })
    const world = new RoutingWorld()
    world.apply([routeOf(canary, splitAt(0), world)])
    expect(gatewayApi.observe(canary, world).traffic).toEqual(splitAt(0))
  })
})

describe('what an HTTPRoute cannot say', () => {
  it('is a route without parents', () => expect(problemsOf(canaryWith({ gatewayRefs: [] }))).toContain('spec.service.gatewayRefs'))

  it('is a prefix rewrite with several matches', () =>
    expect(
      problemsOf(
        canaryWith({ rewrite: { uri: '/v2', type: 'ReplacePrefixMatch' }, match: [{ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } }] }),
      ),
    ).toEqual(['spec.service.rewrite']))

  it('is a backend timeout above that of the request', () =>
    expect(problemsOf(canaryWith({ timeout: '5s', backendTimeout: '10s' }))).toEqual(['spec.service.backendTimeout']))

  it('is more than 64 matches in one rule', () => {
    const match = Array.from({ length: 65 }, (_, index) => ({ uri: { exact: `/${index}` } }))
    expect(problemsOf(canaryWith({ match }))).toEqual(['spec.service.match'])
  })

  it('is a cookie of the user beside those of session affinity', () =>
    expect(
      problemsOf(
        canaryWith({ headers: { response: { add: { 'set-cookie': 'a=b' } } } }, { stepWeight: 10, sessionAffinity: { cookieName: 'chk' } }),
      ),
    ).toEqual(['spec.service.headers.response']))
})
