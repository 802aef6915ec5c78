import { describe, expect, it } from 'vitest'
import { endToEnd, modifyHeaders, modifyPath, redirectLocation, rewrite } from '../../../src/sandbox/gateway/filters.ts'

describe('a header modifier', () => {
  const headers = [
    ['Host', 'a.test'],
    ['X-A', '1'],
    ['x-a', '2'],
  ] as const

  it('sets one value in place of all', () =>
    expect(modifyHeaders(headers, { set: [{ name: 'X-a', value: '3' }] })).toEqual([
      ['Host', 'a.test'],
      ['X-a', '3'],
    ]))

  it('adds to what is there', () => expect(modifyHeaders(headers, { add: [{ name: 'X-A', value: '3' }] })).toHaveLength(4))

  it('removes whatever the case', () => expect(modifyHeaders(headers, { remove: ['X-A'] })).toEqual([['Host', 'a.test']]))
})

describe('a path', () => {
  const replacePrefix = (value: string) => ({ type: 'ReplacePrefixMatch', replacePrefixMatch: value }) as const

  it.each([
    ['/foo/bar', '/foo', '/xyz', '/xyz/bar'],
    ['/foo/bar', '/foo', '/xyz/', '/xyz/bar'],
    ['/foo/bar', '/foo/', '/xyz', '/xyz/bar'],
    ['/foo', '/foo', '/xyz', '/xyz'],
    ['/foo/', '/foo', '/xyz', '/xyz/'],
    ['/foo/bar', '/foo', '/', '/bar'],
    ['/foo', '/foo', '/', '/'],
    ['/bar', '/', '/xyz', '/xyz/bar'],
  ])('%s with prefix %s replaced by %s is %s', (...[path, prefix, value, result]) =>
    expect(modifyPath(path, replacePrefix(value), prefix)).toBe(result),
  )

  it('is replaced as a whole', () => expect(modifyPath('/foo/bar', { type: 'ReplaceFullPath', replaceFullPath: '/x' }, '/foo')).toBe('/x'))
})

it('a rewrite changes the host and keeps the query', () =>
  expect(rewrite({ host: 'a.test', path: '/a', search: '?q=1' }, { hostname: 'b.test' }, '/')).toEqual({
    host: 'b.test',
    path: '/a',
    search: '?q=1',
  }))

it.each([
  [{ scheme: 'https' }, 'https://a.test/p?q=1'],
  [{ hostname: 'b.test' }, 'http://b.test:8080/p?q=1'],
  [{ port: 9000 }, 'http://a.test:9000/p?q=1'],
  [{ scheme: 'https', port: 443 }, 'https://a.test/p?q=1'],
  [{ port: 80 }, 'http://a.test/p?q=1'],
  [{ path: { type: 'ReplaceFullPath', replaceFullPath: '/new' } as const }, 'http://a.test:8080/new?q=1'],
])('a redirect by %j leads to %s', (redirect, location) =>
  expect(redirectLocation({ statusCode: 302, ...redirect }, { host: 'a.test:8080', path: '/p', search: '?q=1' }, '/')).toBe(location),
)

it('headers of one connection are not passed on', () =>
  expect(
    endToEnd([
      ['Connection', 'keep-alive, X-Private'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Private', '1'],
      ['X-Public', '2'],
    ]),
  ).toEqual([['X-Public', '2']]))
