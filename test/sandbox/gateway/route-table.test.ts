import { describe, expect, it } from 'vitest'
import { type CompileWorld, compileRoute } from '../../../src/sandbox/gateway/configuration.ts'
import { intersection, patternsOf } from '../../../src/sandbox/gateway/hostnames.ts'
import { compileMatch, hasPrefix, type RequestFacts, UnsupportedMatch } from '../../../src/sandbox/gateway/route-match.ts'
import { createRouteTable } from '../../../src/sandbox/gateway/route-table.ts'
import type { RouteMatch } from '../../../src/sandbox/objects/gateway-api.ts'
import { aGateway, aRoute, aService } from './route-builders.ts'

const request = (path = '/', { method = 'GET', headers = {} as Record<string, string> } = {}): RequestFacts => {
  const url = new URL(path, 'http://x')
  return { method, path: url.pathname, query: url.searchParams, header: name => headers[name] }
}

const match = (fields: Partial<RouteMatch>) => compileMatch({ path: { type: 'PathPrefix', value: '/' }, ...fields })

describe('a path', () => {
  it.each([
    ['Exact', '/a', '/a', true],
    ['Exact', '/a', '/a/', false],
    ['Exact', '/a', '/A', false],
    ['PathPrefix', '/a', '/a', true],
    ['PathPrefix', '/a', '/a/', true],
    ['PathPrefix', '/a', '/a/b', true],
    ['PathPrefix', '/a', '/ab', false],
    ['PathPrefix', '/a/', '/a', true],
    ['PathPrefix', '/a/', '/ab', false],
    ['PathPrefix', '/', '/anything', true],
    ['RegularExpression', '/v[12]/.*', '/v1/x', true],
    ['RegularExpression', '/v[12]', '/v1/x', false],
    ['RegularExpression', 'a|b', 'ab', false],
  ])('%s %s and %s: %s', (...[type, value, path, fits]) => expect(match({ path: { type, value } }).test({ ...request(), path })).toBe(fits))

  it('is compared by whole elements', () => expect(hasPrefix('/foo/bar', '/foo/ba')).toBe(false))
})

describe('a header', () => {
  const named = (type: string, value: string) => match({ headers: [{ type, name: 'X-Canary', value }] })

  it.each([
    ['Exact', 'always', 'always', true],
    ['Exact', 'always', 'never', false],
    ['RegularExpression', 'al.*', 'always', true],
    ['RegularExpression', 'way', 'always', false],
  ])('%s %s and %s: %s', (...[type, value, found, fits]) =>
    expect(named(type, value).test(request('/', { headers: { 'x-canary': found } }))).toBe(fits),
  )

  it('that is absent never fits', () => expect(named('RegularExpression', '.*').test(request())).toBe(false))
})

it.each([
  ['/?v=1', true],
  ['/?v=2&v=1', false],
  ['/', false],
])('the query of %s fits v=1: %s', (path, fits) =>
  expect(match({ queryParams: [{ type: 'Exact', name: 'v', value: '1' }] }).test(request(path))).toBe(fits),
)

it('a method fits itself only', () => {
  expect(match({ method: 'POST' }).test(request('/', { method: 'POST' }))).toBe(true)
  expect(match({ method: 'POST' }).test(request())).toBe(false)
})

it.each([
  { path: { type: 'Glob', value: '/' } },
  { path: { type: 'RegularExpression', value: '(' } },
  { headers: [{ type: 'Glob', name: 'a', value: 'b' }] },
])('a match that nobody understands is refused: %j', fields => expect(() => match(fields)).toThrow(UnsupportedMatch))

describe('hosts', () => {
  it.each([
    ['', '', ''],
    ['', 'a.test', 'a.test'],
    ['*.test', 'a.test', 'a.test'],
    ['a.test', '*.test', 'a.test'],
    ['*.test', '*.b.test', '*.b.test'],
    ['*.test', 'test', undefined],
    ['a.test', 'b.test', undefined],
    ['*.test', 'a.b.test', 'a.b.test'],
    ['*.test', 'atest', undefined],
    ['A.test', 'a.TEST', 'a.test'],
  ])('%j and %j have %j in common', (a, b, both) => expect(intersection(a, b)).toBe(both))

  it('are looked up from the most specific', () => expect(patternsOf('a.b.test')).toEqual(['a.b.test', '*.b.test', '*.test', '']))
})

const world: CompileWorld = { serviceOf: ({ name }) => aService(name), namespaceLabels: () => ({}) }

/** A table of routes whose names say what they are. */
const tableOf = (...routes: ReturnType<typeof aRoute>[]) =>
  createRouteTable(routes.flatMap(route => compileRoute(route, aGateway(), world).entries))

const rule = (matches: unknown[]) => ({ matches, backendRefs: [{ name: 'a', port: 80 }] })
const found = (table: ReturnType<typeof tableOf>, facts: RequestFacts, host = 'any.test') => table.find(host, facts)?.rule.route

describe('of several routes that fit', () => {
  it.each([
    ['the exact path', [{ path: { type: 'Exact', value: '/a' } }], [{ path: { type: 'PathPrefix', value: '/a' } }]],
    ['the longer prefix', [{ path: { type: 'PathPrefix', value: '/a' } }], [{ path: { type: 'PathPrefix', value: '/' } }]],
    [
      'the expression before a prefix',
      [{ path: { type: 'RegularExpression', value: '/.' } }],
      [{ path: { type: 'PathPrefix', value: '/a' } }],
    ],
    ['the one with a method', [{ method: 'GET' }], [{}]],
    ['the one with a header', [{ headers: [{ name: 'h', value: '1' }] }], [{}]],
    ['the one with a query parameter', [{ queryParams: [{ name: 'q', value: '1' }] }], [{}]],
    ['the method before headers', [{ method: 'GET' }], [{ headers: [{ name: 'h', value: '1' }] }]],
  ])('%s wins', (_, winner, loser) => {
    const table = tableOf(aRoute('loser', { rules: [rule(loser)] }), aRoute('winner', { rules: [rule(winner)] }))
    expect(found(table, request('/a?q=1', { headers: { h: '1' } }))).toBe('test/winner')
  })

  it('the one of the more specific host wins', () => {
    const table = tableOf(aRoute('wide', { hostnames: ['*.test'] }), aRoute('narrow', { hostnames: ['a.test'] }), aRoute('any'))
    expect(found(table, request(), 'a.test')).toBe('test/narrow')
    expect(found(table, request(), 'b.test')).toBe('test/wide')
    expect(found(table, request(), 'example.com')).toBe('test/any')
  })

  it('another host is asked when nothing of the most specific one fits', () => {
    const table = tableOf(
      aRoute('narrow', { hostnames: ['a.test'], rules: [rule([{ path: { type: 'Exact', value: '/only' } }])] }),
      aRoute('any'),
    )
    expect(found(table, request('/else'), 'a.test')).toBe('test/any')
  })

  it('the older one wins', () => {
    const table = tableOf(
      aRoute('young', {}, { metadata: { creationTimestamp: '2026-02-01T00:00:00Z' } }),
      aRoute('old', {}, { metadata: { creationTimestamp: '2026-01-01T00:00:00Z' } }),
    )
    expect(found(table, request())).toBe('test/old')
  })

  it('the first by name wins among those of one age', () => expect(found(tableOf(aRoute('b'), aRoute('a')), request())).toBe('test/a'))

  it('the earlier rule wins within one route', () => {
    const table = tableOf(
      aRoute('one', {
        rules: [
          { ...rule([{}]), timeouts: { request: '1s' } },
          { ...rule([{}]), timeouts: { request: '2s' } },
        ],
      }),
    )
    expect(table.find('x', request())?.rule.requestTimeoutMs).toBe(1000)
  })
})

it('a rule without matches takes every path', () =>
  expect(found(tableOf(aRoute('one', { rules: [{ backendRefs: [] }] })), request('/x/y'))).toBe('test/one'))

it('nothing is found where no route fits', () =>
  expect(found(tableOf(aRoute('one', { rules: [rule([{ path: { type: 'Exact', value: '/a' } }])] })), request('/b'))).toBeUndefined())
